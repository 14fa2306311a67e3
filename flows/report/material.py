"""What the report is computed from: a few narrow frames of a snapshot, read slice by slice."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from schemas.plan.plan import Plan
from tasks.resolve.pairing import Pairing
from warehouse.database import Warehouse

# So many records are read with their texts at a time.
_SLICE = 100_000
_PAIRS = """
    select pair_id, record_id, source, dimension, split, tie, license, commercial_ok, chosen_id, rejected_id,
    length(chosen) as chosen_chars, length(rejected) as rejected_chars, length(prompt) as prompt_chars,
    md5(prompt) as prompt_key from pairs where kept"""
_RATINGS = """
    select source, dimension, annotator_id, value, concat_ws(' ', target, record_id, target_id) as unit
    from ratings join records using (record_id)"""
_VOTES = ["votes_left", "votes_right", "votes_tie", "votes_bad"]


@dataclass(frozen=True)
class Material:
    """The frames that figures are made of, without texts.

    `pairs` are the kept ones, with the lengths of their texts, and `part`: train, test, or null for other splits.
    `judgments` are all that a run would count, `is_excluded` those that a rule on judgments took out.
    """

    opened: Warehouse
    plan: Plan
    pairs: pl.DataFrame
    judgments: pl.DataFrame
    ratings: pl.DataFrame
    annotators: pl.DataFrame
    held_out: str


def read_material(opened: Warehouse) -> Material:
    """Read what the figures need. Memory grows with narrow columns only; texts come and go by 100,000 records."""
    plan = Plan.model_validate_json(opened.snapshot.plan)
    pairs = opened.sql(_PAIRS)
    held_out = "test" if "test" in pairs["split"] else "all other splits"
    part = (
        pl.when(pl.col("split") == "train").then(pl.lit("train"))
        .when((pl.col("split") == "test") | pl.lit(held_out != "test")).then(pl.lit("test"))
    )  # fmt: skip
    return Material(
        opened=opened,
        plan=plan,
        pairs=pairs.with_columns(part=part),
        judgments=_judgments(opened, plan),
        ratings=opened.sql(_RATINGS),
        annotators=opened.table("annotators").collect(),
        held_out=held_out,
    )


def _judgments(opened: Warehouse, plan: Plan) -> pl.DataFrame:
    """Read comparisons, rankings and ratings as the run did: as votes on pairs."""
    stage = Pairing(shard="report", kinds=plan.resolve.from_, ranking_pairs=plan.resolve.ranking_pairs)
    excluded = opened.table("decisions").filter((pl.col("subject") == "comparison") & (pl.col("action") == "drop"))
    slices = -(-opened.sql("select count(*) from records").item() // _SLICE)
    found = [_slice(opened, stage, at, slices) for at in range(max(slices, 1))]
    return pl.concat(found).with_columns(
        is_excluded=pl.col("judgment_id").is_in(excluded.select("subject_id").collect().to_series().implode())
    )


def _slice(opened: Warehouse, stage: Pairing, at: int, slices: int) -> pl.DataFrame:
    # Ids are digests, so their first digits cut records into parts of nearly the same size.
    place = pl.col("record_id").str.head(6).str.to_integer(base=16, dtype=pl.Int64) * slices // 16**6
    tables = {name: opened.table(name).filter(place == at) for name in stage.reads}
    judged = stage(**tables)["_judgments"].filter(pl.col("left") != pl.col("right"))
    places = tables["responses"].select("record_id", "response_id", place="index").collect()
    places = places.group_by("record_id", "response_id").agg(pl.col("place").min())
    for side in ("left", "right"):
        judged = judged.join(
            places.rename({"place": f"{side}_place"}),
            left_on=["record_id", side],
            right_on=["record_id", "response_id"],
            how="left",
        )
    return judged.select(
        "judgment_id", "pair_id", "pair_key", "source", "dimension", "annotator_id", *_VOTES,
        first_is_left=pl.col("left_place") < pl.col("right_place"),
    )  # fmt: skip
