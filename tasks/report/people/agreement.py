"""Agreement by source and dimension: of votes on pairs, and of ratings of one thing."""

from __future__ import annotations

import polars as pl

from tasks.report.people.alpha import Alpha, Metric, alpha

_GROUP = ["source", "dimension"]
_VOTES = {"votes_left": "left", "votes_right": "right", "votes_tie": "tie", "votes_bad": "both_bad"}
# With more different grades than a person keeps apart, the distances count and not the order alone.
_MOST_RANKS = 10


def agreement_of_votes(judgments: pl.DataFrame) -> dict[tuple[str, str], Alpha]:
    """Compute nominal alpha of the votes on each pair, by source and dimension.

    `judgments` has source, dimension, pair_key, annotator_id and the votes. Whoever is named has one vote on a pair,
    however many rows repeat it, and called a tie if they differ; votes without a name are taken for different people.
    """
    named = judgments.filter(pl.col("annotator_id").is_not_null())
    keys = [*_GROUP, "pair_key"]
    summed = named.group_by(*keys, "annotator_id").agg(pl.col(list(_VOTES)).sum())
    lean = pl.col("votes_left") - pl.col("votes_right")
    is_bad = pl.col("votes_bad") > pl.sum_horizontal("votes_left", "votes_right", "votes_tie")
    once = summed.select(
        *keys,
        votes_left=~is_bad & (lean > 0), votes_right=~is_bad & (lean < 0),
        votes_tie=~is_bad & (lean == 0), votes_bad=is_bad,
    ).with_columns(pl.col(list(_VOTES)).cast(pl.Float64))  # fmt: skip
    everybody = pl.concat(
        [once, judgments.filter(pl.col("annotator_id").is_null()).select(*keys, *_VOTES)], how="vertical_relaxed"
    )
    long = everybody.rename(_VOTES).unpivot(list(_VOTES.values()), index=keys, variable_name="value", value_name="n")
    counts = long.group_by(*keys, "value").agg(n=pl.col("n").sum().round().cast(pl.Int64))
    return {
        _key(group): alpha(part.rename({"pair_key": "unit"}), "nominal")
        for group, part in sorted(counts.partition_by(_GROUP, as_dict=True).items())
    }


def agreement_of_ratings(ratings: pl.DataFrame) -> dict[tuple[str, str], Alpha]:
    """Compute alpha of the ratings of each thing, by source and dimension: ordinal up to 10 grades, else interval.

    `ratings` has source, dimension, unit, annotator_id and value. Whoever is named rates a thing once, by their mean.
    """
    known = ratings.drop_nulls("value")
    named = known.filter(pl.col("annotator_id").is_not_null())
    once = named.group_by(*_GROUP, "unit", "annotator_id").agg(pl.col("value").mean()).drop("annotator_id")
    unnamed = known.filter(pl.col("annotator_id").is_null()).select(once.columns)
    counts = pl.concat([once, unnamed]).group_by(*_GROUP, "unit", "value").agg(n=pl.len())
    return {
        _key(group): alpha(part, _metric(part["value"]))
        for group, part in sorted(counts.partition_by(_GROUP, as_dict=True).items())
    }


def _metric(values: pl.Series) -> Metric:
    return "ordinal" if values.n_unique() <= _MOST_RANKS else "interval"


def _key(group: tuple[object, ...]) -> tuple[str, str]:
    source, dimension = group
    return str(source), str(dimension)
