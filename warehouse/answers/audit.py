"""The laws of a snapshot, each as a query for the rows that break it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl

from schemas.text import normalise
from warehouse.database import Warehouse

EXAMPLES = 5


class Finding(NamedTuple):
    """How one part of a law stands: how many rows break it, and the first of them."""

    law: int
    promise: str
    broken: int
    examples: list[dict[str, object]]


# (law, promise, query for the rows that break it)
LAWS: list[tuple[int, str, str]] = [
    (1, "as many rows as were counted in the files", """
        select source, rows_counted, n as rows_stored from sources
        left join (select source, count(*) as n from rows group by all) using (source)
        where rows_counted is distinct from coalesce(n, 0)"""),
    (1, "each row once", "select row_id, count(*) as times from rows group by all having times > 1"),
    (1, "a reason for each quarantined row", """
        select row_id, source, file, line from rows anti join quarantine using (row_id) where fate = 'quarantined'"""),
    (1, "nothing but its place is left of a forgotten row", """
        select row_id, source, file, line from rows where fate = 'forgotten' and (raw_json is not null
        or row_id in (select unnest(row_ids) from records) or row_id in (select row_id from quarantine))"""),
    (2, "every mapped row feeds a record", """
        select row_id, source, file, line from rows anti join (select unnest(row_ids) as row_id from records)
        using (row_id) where fate = 'mapped'"""),
    (3, "every record has pairs or a reason why not", """
        select record_id, source from records anti join pairs using (record_id)
        anti join (select subject_id as record_id from decisions where subject = 'record') using (record_id)"""),
    (3, "no record has both pairs and a reason why not", """
        select record_id, reason from pairs join
        (select subject_id as record_id from decisions where subject = 'record') using (record_id)"""),
    (4, "a pair is kept or has a reason, never both", """
        select pair_id, kept, reason from pairs where kept = (reason is not null)"""),
    (4, "each pair once", "select pair_id, count(*) as times from pairs group by all having times > 1"),
    (4, "at most one kept of each pair and dimension", """
        select pair_key, dimension, count(*) as kept from pairs where kept group by all having kept > 1"""),
    (4, "the kept pair carries all votes of its pair and dimension", """
        select pair_key, dimension, list(distinct n_votes) as n_votes from pairs
        group by all having count(distinct n_votes) > 1"""),
    (4, "every pair that is not kept has a decision", """
        select pair_id, reason from pairs anti join
        (select subject_id as pair_id from decisions where subject = 'pair' and action <> 'flag') using (pair_id)
        where not kept"""),
    (5, "the carrier of a merged pair is not itself merged", """
        select d.subject_id, d.partner_id, p.reason from decisions d left join pairs p on p.pair_id = d.partner_id
        where d.action = 'merge' and d.partner_id is not null
        and (p.pair_id is null or p.reason in ('merged_exact', 'merged_normalised'))"""),
    (6, "no component in two splits", """
        select component_id, list(distinct split) as splits from pairs where split is not null
        group by all having count(distinct split) > 1"""),
    (6, "no conversation in two splits", """
        select conversation_id, list(distinct split) as splits from pairs join records using (record_id)
        where pairs.split is not null and conversation_id is not null group by all having count(distinct split) > 1"""),
    (6, "no medium in two splits", """
        select media_id, list(distinct split) as splits from attachments join pairs using (record_id)
        where split is not null group by all having count(distinct split) > 1"""),
    (6, "exactly the kept pairs have a split", "select pair_id, kept, split from pairs where kept = (split is null)"),
    (7, "responses belong to records", "select record_id from responses anti join records using (record_id)"),
    (7, "comparisons name responses", """
        select comparison_id from (select comparison_id, record_id, unnest([a, b]) as response_id from comparisons)
        anti join responses using (record_id, response_id)"""),
    (7, "rankings name responses", """
        select record_id, response_id from rankings anti join responses using (record_id, response_id)"""),
    (7, "pairs name responses", """
        select pair_id from (select pair_id, record_id, unnest([chosen_id, rejected_id]) as response_id from pairs)
        anti join responses using (record_id, response_id)"""),
    (7, "attachments name prompts and responses", """
        select record_id, target, target_id from attachments
        anti join (select record_id, 'prompt' as target, record_id as target_id from records
            union all select record_id, 'response', response_id from responses)
        using (record_id, target, target_id)"""),
    (7, "attachments name media", "select media_id from attachments anti join media using (media_id)"),
    (7, "each medium once", "select media_id, count(*) as times from media group by all having times > 1"),
    (7, "records name rows", """
        select record_id from (select record_id, unnest(row_ids) as row_id from records)
        anti join rows using (row_id)"""),
    (7, "pairs have a component", """
        select pair_id, component_id from pairs anti join splits using (component_id)
        where reason is null or reason not in ('contaminated', 'bridges_splits') and component_id is not null"""),
    (7, "decisions are about things that exist", """
        select subject, subject_id from decisions
        anti join (select 'pair' as subject, pair_id as subject_id from pairs
            union all select 'record', record_id from records
            union all select 'comparison', comparison_id from comparisons) using (subject, subject_id)
        where subject in ('pair', 'record', 'comparison')"""),
    (7, "clusters are of things that exist", """
        select subject, subject_id from clusters
        anti join (select 'pair' as subject, pair_id as subject_id from pairs
            union all select 'record', record_id from records
            union all select distinct 'response', response_id from responses
            union all select 'media', media_id from media) using (subject, subject_id)"""),
]  # fmt: skip


def audit(warehouse: Warehouse, *, deep: bool = False) -> Iterator[Finding]:
    """Check every law; `deep` also reads every file of the snapshot and compares its digest."""
    for law, promise, query in LAWS:
        if law != 6:
            yield finding(law, promise, warehouse.sql(query))
    yield from audit_splits(warehouse)
    if deep:
        yield finding(8, "every file is the one that was written", _changed_files(warehouse))


def audit_splits(warehouse: Warehouse) -> Iterator[Finding]:
    """Check the law of splits alone: nothing that belongs together lies in two of them."""
    for law, promise, query in LAWS:
        if law == 6:
            yield finding(law, promise, warehouse.sql(query))
    yield finding(6, "no normalised prompt in two splits", _prompts_in_two_splits(warehouse))


def finding(law: int, promise: str, broken: pl.DataFrame) -> Finding:
    """Say how a part of a law stands, given all rows that break it."""
    return Finding(law, promise, broken.height, broken.head(EXAMPLES).to_dicts())


def _prompts_in_two_splits(warehouse: Warehouse) -> pl.DataFrame:
    """Recompute the normal form from the texts themselves: nothing that a run wrote down is believed.

    A blank prompt beside no medium asks nothing; of pairs that have one the responses must not be in two splits.
    """
    columns = ["pair_id", "record_id", "prompt", "chosen", "rejected", "split"]
    beside = warehouse.table("attachments").filter(pl.col("target") == "prompt").sort("record_id", "role", "index")
    media = beside.group_by("record_id").agg(media=pl.col("media_id").str.join(","))
    kept = warehouse.table("pairs").filter(pl.col("split").is_not_null()).select(columns)
    kept = kept.join(media, on="record_id", how="left").collect()
    # The same words beside another picture are another prompt.
    whole = kept.select("pair_id", "split", normal=normalise(kept["prompt"]), media="media")
    whole = whole.with_columns(normal=pl.concat_str("normal", "media", separator="\x1f", ignore_nulls=True))
    prompts = whole.filter(pl.col("normal") != "").drop("media")
    blank = kept.filter((normalise(kept["prompt"]).fill_null("") == "") & pl.col("media").is_null())
    answers = [blank.select("pair_id", "split", normal=normalise(blank[side])) for side in ("chosen", "rejected")]
    torn = (
        pl.concat([prompts, *[side.drop_nulls() for side in answers]])
        .group_by("normal")
        .agg(pl.col("split").unique(), pl.col("pair_id").first())
    )
    return torn.filter(pl.col("split").list.len() > 1).select("pair_id", "split")


def _changed_files(warehouse: Warehouse) -> pl.DataFrame:
    files = warehouse.table("files").collect()
    found = [_digest(warehouse.home.path / path) for path in files["path"]]
    return files.with_columns(found=pl.Series(found, dtype=pl.String)).filter(
        pl.col("found").ne_missing(pl.col("sha256"))
    )


def _digest(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
