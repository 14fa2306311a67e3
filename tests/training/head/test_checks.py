import numpy as np
import polars as pl
import pytest

from schemas.plan.train.training import HeadTraining
from tests.training.planted import plant
from training.head.checks import find_planted_flips, judge_split_by_row

CONFIG = HeadTraining(blocks=["response"], strengths=[0.001, 0.1, 10.0], planted_flips=0.2, by_row=True)


def with_keys(pairs, asked):
    return pairs.with_columns(
        pair_key="pair_id", chosen_id=pl.Series(asked.chosen).cast(pl.String), kept=pl.lit(value=True),
        rejected_id=pl.Series(asked.rejected).cast(pl.String),
    )  # fmt: skip


def values(rows):
    return {(row["dimension"], row["metric"]): row["value"] for row in rows}


def test_planted_flips_are_found_where_the_preference_is_plain():
    pairs, asked, contents, _ = plant(1500, dimensions=("help", "harm"))
    rows = find_planted_flips(with_keys(pairs, asked), asked, contents, CONFIG)
    found = values(rows)
    for dimension in ("help", "harm"):
        assert found[dimension, "suspects_found"] > 0.9
        assert found[dimension, "accuracy_with_flips"] > 0.9
    chance = [row["baseline"] for row in rows if row["metric"] == "suspects_found"]
    assert chance == pytest.approx([0.2, 0.2], abs=0.03)
    assert sum(row["n"] for row in rows) == 2 * 1500


def test_labels_that_mean_nothing_hide_their_flips():
    pairs, asked, contents, _ = plant(1500, flips=0.5)
    found = values(find_planted_flips(with_keys(pairs, asked), asked, contents, CONFIG))
    assert found["overall", "suspects_found"] < 0.3
    assert abs(found["overall", "accuracy_with_flips"] - 0.5) < 0.08


def test_a_split_by_row_flatters_where_pairs_repeat():
    """Ten copies of each of a few pairs, with labels of chance: only what leaks can be known."""
    pairs, asked, contents, _ = plant(60, dim=40, flips=0.5)
    copies = [pairs.with_columns(pair_id=pl.col("pair_id") + f"-{at}") for at in range(10)]
    again = asked._replace(**{name: np.tile(rows, 10) for name, rows in asked._asdict().items()})
    many = with_keys(pl.concat(copies), again)
    found = values(judge_split_by_row(many, again, contents, CONFIG))
    assert found["overall", "accuracy_by_row"] > 0.9
