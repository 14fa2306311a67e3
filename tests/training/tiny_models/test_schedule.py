import pytest
from torch import nn

from training.tiny.schedule import optimisers, speed
from training.tiny.unseen import is_unseen


def test_a_longer_training_begins_like_a_shorter_one():
    short = [speed(step, 100, warmup=10, decay=40) for step in range(100)]
    long = [speed(step, 200, warmup=10, decay=40) for step in range(200)]
    assert short[:60] == long[:60]
    assert short[0] == pytest.approx(0.1)
    assert short[30] == 1
    assert short[-1] == pytest.approx(1 / 40)


def test_every_weight_is_learnt_by_exactly_one_rule():
    model = nn.ModuleDict({"blocks": nn.Linear(4, 4), "head": nn.Linear(4, 2), "norm": nn.LayerNorm(4)})
    learnt = [
        id(weight)
        for optimiser in optimisers([model], 1e-3)
        for group in optimiser.param_groups
        for weight in group["params"]
    ]
    assert sorted(learnt) == sorted(id(weight) for weight in model.parameters())


def test_about_a_sixteenth_is_kept_out_the_same_every_time():
    texts = [f"sentence {number}" for number in range(4000)]
    kept_out = [text for text in texts if is_unseen(text)]
    assert 200 < len(kept_out) < 300
    assert kept_out == [text for text in texts if is_unseen(text)]
