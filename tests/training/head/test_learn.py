import numpy as np
import polars as pl
import pytest
import torch

from schemas.errors import Terminal
from schemas.plan.train.training import HeadTraining
from tests.training.planted import plant
from training.evaluate.rewards import EVALUATION
from training.head.design import Design, fit_design, rows_of
from training.head.fit import Judged, fit, tune
from training.head.judge import evaluate
from training.head.learn import learn

CONFIG = HeadTraining(blocks=["response"], strengths=[0.001, 0.1, 10.0])


def judged(gaps, tied=None, margin=None):
    gaps = torch.tensor(gaps, dtype=torch.float32)
    none = torch.zeros(len(gaps))
    return Judged(gaps, none.bool() if tied is None else torch.tensor(tied), none if margin is None else margin)


def row_of(found, metric, **of):
    condition = pl.col("metric") == metric
    for column in ("source", "bin"):
        condition &= pl.col(column).eq_missing(pl.lit(of.get(column), pl.String))
    return found.filter(condition).row(0, named=True)


def test_a_planted_preference_is_found_and_chance_before():
    pairs, asked, contents, _ = plant(2000)
    learnt = learn(pairs, asked, contents, CONFIG)
    found = evaluate(pairs, asked, contents, learnt, CONFIG)
    assert found.schema == EVALUATION
    whole = row_of(found, "accuracy")
    assert whole["value"] > 0.95
    assert whole["low"] < whole["value"] < whole["high"]
    assert whole["n"] == 400
    assert abs(whole["baseline"] - 0.5) < 0.1
    assert row_of(found, "accuracy", source="one")["n"] == 200
    assert sum(found.filter((pl.col("metric") == "accuracy") & pl.col("bin").is_not_null())["n"]) == 400
    assert row_of(found, "ece")["value"] < 0.15
    assert abs(row_of(found, "length_correlation")["value"]) < 0.2


def test_each_dimension_has_its_own_weights():
    pairs, asked, contents, _ = plant(600, dimensions=("help", "harm"))
    is_harm = (pairs["dimension"] == "harm").to_numpy()
    chosen = np.where(is_harm, asked.rejected, asked.chosen)
    asked = asked._replace(chosen=chosen, rejected=np.where(is_harm, asked.chosen, asked.rejected))
    learnt = learn(pairs, asked, contents, CONFIG)
    help_, harm = learnt.tuned.weights["help"], learnt.tuned.weights["harm"]
    assert np.corrcoef(help_, harm)[0, 1] < -0.9


def test_the_same_again_is_the_same():
    pairs, asked, contents, _ = plant(300)
    one, two = (learn(pairs, asked, contents, CONFIG) for _ in range(2))
    assert np.array_equal(one.tuned.weights["overall"], two.tuned.weights["overall"])
    assert one.curve == two.curve


def test_a_split_without_pairs_is_named():
    pairs, asked, contents, _ = plant(50)
    with pytest.raises(Terminal, match="dimension overall has no pair in the split validation"):
        learn(pairs.with_columns(split=pl.lit("train")), asked, contents, CONFIG)


def test_noise_is_answered_with_a_stronger_ridge():
    random = np.random.default_rng(0)
    gaps = random.normal(size=(200, 40))
    noisy = tune(judged(gaps), judged(random.normal(size=(200, 40))), [0.001, 1.0, 100.0], "soft")
    assert noisy.strength == 0.001
    assert list(noisy.losses) == [0.001, 1.0, 100.0]


def test_the_fit_is_where_the_gradient_vanishes():
    gaps = torch.tensor([[1.0, 0.5], [0.2, -1.0], [-0.4, 0.3]])
    found = fit(judged(gaps.tolist()), 2.0, "soft")
    slope = -(torch.sigmoid(-(gaps @ found))[:, None] * gaps).sum(0) * 2.0 + found
    assert slope.abs().max() < 1e-3


@pytest.mark.parametrize("ties", ["soft", "squared"])
def test_ties_pull_together_and_can_be_left_out(ties):
    gaps, tied = [[1.0, 0.0], [0.0, 1.0], [0.0, 1.0]], [False, False, True]
    free = fit(judged(gaps, tied), 10.0, "leave_out").tolist()
    pulled = fit(judged(gaps, tied), 10.0, ties).tolist()
    assert free[0] == pytest.approx(free[1], abs=1e-3)
    assert pulled[1] < free[1] - 0.1


def test_a_margin_asks_for_more():
    gaps = [[1.0], [0.5]]
    plain, more = fit(judged(gaps), 1.0, "soft"), fit(judged(gaps, margin=torch.tensor([2.0, 2.0])), 1.0, "soft")
    assert more[0] > plain[0]


def test_features_are_weighted_blocks_and_gaps_their_differences():
    _, asked, contents, _ = plant(40)
    design = fit_design(["response", "product", "cosine", "hand"], contents, asked)
    features = design.features(contents, asked.prompt, asked.chosen)
    assert features.shape == (40, design.width(contents)) == (40, 12 + 12 + 1 + 4)
    product = contents.vectors[asked.prompt] * contents.vectors[asked.chosen]
    assert features[:, 24] == pytest.approx(4 * product.sum(axis=1), abs=1e-5)
    gaps = design.gaps(contents, asked).numpy()
    assert gaps == pytest.approx(features - design.features(contents, asked.prompt, asked.rejected), abs=1e-5)


def test_counts_that_do_not_vary_are_not_divided_by_nothing():
    _, asked, contents, _ = plant(10)
    flat = contents._replace(hand=np.ones_like(contents.hand))
    assert fit_design(["hand"], flat, asked) == Design(("hand",), pytest.approx(np.ones(4)))


def test_a_content_that_is_missing_is_named():
    pairs = pl.DataFrame({"prompt_id": ["a"], "chosen_id": ["b"], "rejected_id": ["gone"]})
    with pytest.raises(KeyError, match="gone"):
        rows_of(pairs, pl.Series(["a", "b"]))
