import numpy as np
import polars as pl

from schemas.plan.train.training import HeadTraining
from tests.training.planted import plant
from training.head.folds import judge_out_of_fold
from training.suspects import find_suspects

CONFIG = HeadTraining(blocks=["response"], folds=5)


def judge(pairs, asked, contents):
    return find_suspects(pairs, judge_out_of_fold(pairs, asked, contents, {"overall": 0.3}, CONFIG))


def average_precision(scores, is_wrong):
    order = np.argsort(-scores)
    hits = is_wrong[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def test_planted_flips_are_found():
    pairs, asked, contents, is_flipped = plant(1500, flips=0.2)
    found = judge(pairs, asked, contents)
    assert found["pair_id"].to_list() == pairs["pair_id"].to_list()
    assert average_precision(found["probability"].to_numpy(), is_flipped) > 0.9


def test_no_pair_is_judged_by_a_model_that_saw_its_relatives():
    """Two hundred times the same pair with the same wrong label: whoever learns from one believes the others."""
    pairs, asked, contents, _ = plant(600)
    copies = np.arange(200)
    asked = asked._replace(
        **{part: np.where(np.arange(600) < 200, rows[0], rows) for part, rows in asked._asdict().items()}
    )
    asked = asked._replace(
        chosen=np.where(np.arange(600) < 200, asked.rejected, asked.chosen),
        rejected=np.where(np.arange(600) < 200, asked.chosen, asked.rejected),
    )
    apart = judge(pairs, asked, contents)
    one = pairs["component_id"][0]
    grouped = pairs.with_columns(
        component_id=pl.when(pl.int_range(pl.len()) < 200).then(pl.lit(one)).otherwise("component_id")
    )
    together = judge(grouped, asked, contents)
    ids = pl.Series([f"p{at:05}" for at in copies])
    believed, doubted = (
        each.filter(pl.col("pair_id").is_in(ids.implode()))["probability"] for each in (apart, together)
    )
    assert believed.max() < 0.5 < doubted.min()


def test_a_component_is_in_one_fold():
    pairs, asked, contents, _ = plant(100)
    pairs = pairs.with_columns(component_id=pl.col("component_id").gather(pl.int_range(pl.len()) // 4))
    found = judge(pairs, asked, contents).join(pairs, on="pair_id")
    assert found.group_by("component_id").agg(pl.col("fold").n_unique())["fold"].unique().to_list() == [1]


def test_ties_are_no_suspects():
    pairs, asked, contents, _ = plant(60)
    tied = pairs.with_columns(tie=pl.int_range(pl.len()) < 10)
    found = judge(tied, asked, contents)
    assert found.height == 50
