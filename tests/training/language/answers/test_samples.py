"""KL on a policy's own answers, against what the reference itself and a hand computation say."""

from contextlib import contextmanager

import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")

import torch

from tests.trainers.tiny import save_model
from training.language.answers.samples import _until_end, drift
from training.language.answers.score import as_tokens, log_probabilities, prompt_tokens
from training.language.model import load_policy, load_tokenizer


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    place = tmp_path_factory.mktemp("model")
    save_model(place)
    return place


def lent(model):
    @contextmanager
    def reference():
        yield model

    return reference


def asked(base):
    tokenizer = load_tokenizer(base, None)
    said = ["What is 4?", "Count to 4.", "Be brief. What is 4 plus one?"]
    return tokenizer, [prompt_tokens(tokenizer, [{"role": "user", "content": each}]) for each in said]


def test_a_policy_that_is_its_reference_has_not_drifted(base):
    tokenizer, prompts = asked(base)
    policy = load_policy(base, half=False)
    found = drift(policy, lent(policy), prompts, pad=tokenizer.pad_token_id, new_tokens=6, batch=2, seed=1)
    assert found.kl == pytest.approx(0.0, abs=1e-5)
    assert found.n == 3


def test_drift_is_positive_repeatable_and_independent_of_the_batch(base):
    tokenizer, prompts = asked(base)
    policy, reference = load_policy(base, half=False), load_policy(base, half=False)
    torch.manual_seed(1)
    with torch.no_grad():
        policy.lm_head.weight.add_(0.5 * torch.randn_like(policy.lm_head.weight))
    settings = {"pad": tokenizer.pad_token_id, "new_tokens": 6, "seed": 1}
    one, two = (drift(policy, lent(reference), prompts, batch=3, **settings) for _ in range(2))
    assert one == two
    assert one.kl > 0.01
    assert one.kl_per_token == pytest.approx(one.kl * 3 / (one.tokens * 3))


def test_an_answer_ends_with_its_end(base):
    said = torch.tensor([[5, 0, 7, 0], [5, 6, 7, 8], [0, 1, 2, 3]])
    assert _until_end(said, 0).tolist() == [[1, 1, 0, 0], [1, 1, 1, 1], [1, 0, 0, 0]]
    assert _until_end(said, [8, 7]).sum().item() == 3 + 3 + 4
    assert _until_end(said, None).all()


def test_log_probabilities_do_not_depend_on_padding(base):
    tokenizer = load_tokenizer(base, None)
    talks = [
        as_tokens(tokenizer, [{"role": "user", "content": "What?"}], [{"role": "assistant", "content": said}], 64)
        for said in ("It is 5.", "Perhaps 4? It is 5. It is 5. It is 5.", "4")
    ]
    policy = load_policy(base, half=False)
    together = log_probabilities(policy, talks, tokenizer.pad_token_id, 3)
    alone = torch.cat([log_probabilities(policy, [talk], tokenizer.pad_token_id, 1) for talk in talks])
    assert torch.allclose(together, alone, atol=1e-4)
    assert (together < 0).all()
    cut = as_tokens(
        tokenizer, [{"role": "user", "content": "What?"}], [{"role": "assistant", "content": "It is 5."}], 4
    )
    assert len(cut.ids) == 4
