"""What moderation learns from: responses, prompts or media with Boolean labels, each with its component and split."""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from schemas.errors import Terminal
from schemas.plan.train.training import ModerationTraining
from warehouse.database import Warehouse
from warehouse.delta.snapshots import files_of
from warehouse.store import Store
from warehouse.takedown.provenance import key_of

_ASSIGNED: Final = pl.Schema({"record_id": pl.String, "component_id": pl.String, "split": pl.String})


class Labelled(NamedTuple):
    """Labels as their sources gave them, summed up: (record_id, target_id, label, value), and what they are called.

    `value` is null where as many say yes as no. `is_complete` says that a label which is not mentioned is not there:
    the taxonomy never says no.
    """

    labels: pl.DataFrame
    taxonomy: str
    is_complete: bool


def read_labels(opened: Warehouse, config: ModerationTraining) -> Labelled:
    """Read the labels of one taxonomy. Raises Terminal that says what there is if that is none, or more than one."""
    about = pl.col("target") == config.target
    stated = opened.table("labels").filter(pl.col("value").is_not_null())
    there = stated.select("target", "taxonomy").unique().sort("target", "taxonomy").collect()
    named = there.filter(about)["taxonomy"].to_list()
    if config.taxonomy not in (*named, None) or (config.taxonomy is None and len(named) != 1):
        known = ", ".join(f"{name} of a {target}" for target, name in there.iter_rows()) or "none"
        wanted = f" of {config.taxonomy}" if config.taxonomy else ""
        raise Terminal(
            f"snapshot {opened.snapshot.snapshot} has no one set of labels{wanted} of a {config.target}; there are "
            f"{known}: say taxonomy and target"
        )
    taxonomy = config.taxonomy or named[0]
    own = stated.filter(about & (pl.col("taxonomy") == taxonomy))
    if config.target == "media":
        own = own.join(_first_media(opened), on="target_id", how="left")
        own = own.with_columns(target_id=pl.coalesce("media_id", "target_id"))
    votes = own.group_by("record_id", "target_id", "label").agg(yes=pl.col("value").mean()).collect()
    return Labelled(
        votes.with_columns(value=majority(pl.col("yes"))).drop("yes").sort("record_id", "target_id", "label"),
        taxonomy,
        bool(votes["yes"].min() == 1.0),
    )


def majority(share: pl.Expr) -> pl.Expr:
    """Say what more than half say; null if there is no such answer."""
    return pl.when(share != 0.5).then(share > 0.5)


def items_of(labelled: Labelled, placed: pl.DataFrame) -> pl.DataFrame:
    """Put labels side by side: a row for each prompt and content, a column `label:NAME` for each label, 1.0 or 0.0.

    `placed` says which contents an item is made of and where its record belongs (record_id, target_id, prompt_id,
    content_id, component_id, split). What several records say of one item is summed up; null where nobody knows.
    Sorted by prompt and content.
    """
    told = labelled.labels.join(placed, on=["record_id", "target_id"])
    by = ["prompt_id", "content_id"]
    # Records with one prompt belong together, so an item stands in one component.
    places = told.group_by(by).agg(pl.col("component_id", "split").sort_by("component_id").first())
    means = told.group_by(*by, label=pl.lit("label:") + pl.col("label")).agg(pl.col("value").cast(pl.Float64).mean())
    judged = means.with_columns(value=majority(pl.col("value")).cast(pl.Float64)).sort(*by, "label")
    wide = judged.pivot("label", index=by, values="value")
    names = sorted(name for name in wide.columns if name.startswith("label:"))
    filled = [pl.col(name).fill_null(0.0) if labelled.is_complete else pl.col(name) for name in names]
    return wide.join(places, on=by).select(*by, "component_id", "split", *filled).sort(by)


def read_assigned(opened: Warehouse) -> pl.DataFrame:
    """Read the component and the split of every record, of those without pairs as well.

    Raises Terminal if what the run worked out is not stored any more.
    """
    keys = {key_of(file.path) for file in files_of(opened.home, opened.snapshot) if file.table == "splits"}
    store = Store(opened.home)
    if not keys or any(not _holds(store, key) for key in keys):
        raise Terminal(
            f"where the records without pairs of snapshot {opened.snapshot.snapshot} belong is not stored any more: "
            "run the plan again, and train on the newest snapshot"
        )
    found = store.scan(sorted(keys), "_assigned").select(_ASSIGNED.names()).filter(pl.col("split").is_not_null())
    return found.unique("record_id").collect()


def _holds(store: Store, key: str) -> bool:
    receipt = store.receipt(key)
    return receipt is not None and any(file.table == "_assigned" for file in receipt.files)


def _first_media(opened: Warehouse) -> pl.LazyFrame:
    """Name the medium of each response: labels of media may name the response that shows it."""
    return (
        opened.table("responses")
        .drop_nulls("media_id")
        .unique("response_id")
        .select("media_id", target_id="response_id")
    )
