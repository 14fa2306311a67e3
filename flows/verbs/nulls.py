"""Warnings about rules that seldom can tell: where a column is null, a rule does not fire."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from schemas.plan.curation import Rule
from schemas.plan.plan import Plan
from schemas.rules.expressions import columns_of
from schemas.rules.metrics import METRICS, MODALITIES, PAIR_FLAGS, SCORE_MEASURES, model_metrics
from warehouse.database import Warehouse

MOST_NULLS = 0.05
# The columns that say which kinds of media the parts of a pair have.
_SHOWN = {part: f"{part} shows" for part in ("prompt", "chosen", "rejected")}
_ARE_TEXTS = pl.all_horizontal(pl.col("chosen_media_id", "rejected_media_id").is_null())
# A rule that says what to do with nulls knows of them.
_KNOWS_NULLS = re.compile(r"\bis\s+(?:not\s+)?null\b|\b(?:coalesce|ifnull)\s*\(", re.IGNORECASE)


def warn_of_nulls(opened: Warehouse) -> list[str]:
    """Name every rule of a snapshot's plan that reads a column which is null in more than 5% of the rows.

    Of model metrics only the pairs count that rules on them were asked of; before the first training one line says so.
    Of measures of media only the pairs count that have media which can be measured so, and of those of texts the pairs
    whose answers are texts alone.
    """
    rules = Plan.model_validate_json(opened.snapshot.plan).rules
    late = [rule for rule in rules if rule.on == "pairs" and model_metrics(columns_of(rule.expression))]
    said = [_no_training(late)] if late and not _is_trained(opened) else _warn(opened, late, "candidates")
    for on in ("pairs", "judgments"):
        said += _warn(opened, [rule for rule in rules if rule.on == on and rule not in late], on)
    return said


def _no_training(rules: list[Rule]) -> str:
    names = ", ".join(rule.name for rule in rules)
    read = model_metrics(column for rule in rules for column in columns_of(rule.expression))
    return (
        f"no training yet: {', '.join(read)} is null and {names} does not fire; after `winnow train head` the next "
        "run knows it"
    )


def _is_trained(opened: Warehouse) -> bool:
    return bool(opened.table("suspects").select(pl.len()).collect().item())


def _warn(opened: Warehouse, rules: list[Rule], on: str) -> list[str]:
    read = {rule.name: columns_of(rule.expression) for rule in rules if not _KNOWS_NULLS.search(rule.expression)}
    if not read:
        return []
    rows = _judgments(opened) if on == "judgments" else _pairs(opened, only_candidates=on == "candidates")
    shares = _null_shares(rows, {name for names in read.values() for name in names})
    return [
        f"rule {rule}: {column} is null in {shares[column]:.0%} of the {on}, and there the rule does not fire"
        for rule, columns in read.items()
        for column in columns
        if shares.get(column, 0.0) > MOST_NULLS
    ]


def _null_shares(rows: pl.LazyFrame, names: set[str]) -> Mapping[str, float]:
    known = sorted(names & set(rows.collect_schema().names()))
    shares = [pl.col(name).filter(_can_be_known(name)).is_null().mean() for name in known]
    told = rows.select(shares).collect().row(0, named=True)
    return {name: share for name, share in told.items() if share is not None}


def _can_be_known(name: str) -> pl.Expr:
    """Tell of each row whether it has what the metric measures."""
    if name in PAIR_FLAGS:
        return _ARE_TEXTS
    if name not in METRICS:
        return pl.lit(value=True)
    measure, part, _ = METRICS[name]
    if measure not in MODALITIES:
        return _ARE_TEXTS
    has = {
        each: pl.col(shown).list.set_intersection([*MODALITIES[measure]]).list.len() > 0
        for each, shown in _SHOWN.items()
    }
    # How words and media go together is known where either side has media; a gap takes both answers.
    asked = has["prompt"] if measure in SCORE_MEASURES else pl.lit(value=False)
    return pl.all_horizontal(has[each] | asked for each in ([part] if part in has else ["chosen", "rejected"]))


def _pairs(opened: Warehouse, *, only_candidates: bool) -> pl.LazyFrame:
    pairs = opened.table("pairs")
    if only_candidates:
        decided = opened.table("decisions").filter(pl.col("stage") == "models").select("subject_id").collect()
        pairs = pairs.filter(pl.col("kept") | pl.col("pair_id").is_in(decided["subject_id"].implode()))
    pairs = pairs.join(opened.table("metrics"), on="pair_id", how="left")
    media = opened.table("media").select("media_id", pl.col("modality").cast(pl.String))
    attached = opened.table("attachments").filter(role="content").join(media, on="media_id")
    shown = attached.group_by("target", "target_id").agg(pl.col("modality").drop_nulls().unique())
    owners = {
        "prompt": ("prompt", "record_id"),
        "chosen": ("response", "chosen_id"),
        "rejected": ("response", "rejected_id"),
    }
    for part, (target, owner) in owners.items():
        own = shown.filter(target=target).select(
            pl.col("target_id").alias(owner), pl.col("modality").alias(_SHOWN[part])
        )
        pairs = pairs.join(own, on=owner, how="left").with_columns(pl.col(_SHOWN[part]).fill_null([]))
    return pairs


def _judgments(opened: Warehouse) -> pl.LazyFrame:
    return (
        opened.table("comparisons")
        .join(opened.table("records").select("record_id", "source"), on="record_id")
        .join(opened.table("annotators"), on=["annotator_id", "source"], how="left")
    )
