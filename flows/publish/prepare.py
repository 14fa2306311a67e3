"""The files of a push: data, card and list of files, the same bytes for the same snapshot and settings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path, PurePath
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa

from schemas.errors import BrokenPromise, Terminal
from schemas.plan.push import Beside, Push
from schemas.reasons import Reason
from tasks.push.card import Facts, card
from tasks.push.configs import Config, SplitFiles, config_names, default_of
from tasks.push.media import MediaColumn, kinds_of, media_columns, pushed_schema
from tasks.push.tally import add_up, tally
from tasks.push.terms import refusals, settle_terms, told
from warehouse.database import Warehouse
from warehouse.disk import write_bytes
from warehouse.export.embed import arrow_schema
from warehouse.export.folder import write_beside
from warehouse.export.pairs import refuse_names
from warehouse.media.shelf import blob_place
from warehouse.push.facts import count_lost
from warehouse.push.files import PushFiles
from warehouse.push.manifest import CARD, MANIFEST, PushedFile, PushManifest
from warehouse.push.read import kept_pairs, read_beside, read_pairs

_PLACES = ("path", "out", "root")


class Chosen(NamedTuple):
    """The pairs that are pushed, without their texts, and how many kept ones are withheld, by reason."""

    pushed: pl.DataFrame
    withheld: pl.DataFrame


def choose(opened: Warehouse, wanted: Push) -> Chosen:
    """Settle which kept pairs are pushed.

    Raises BrokenPromise, with the pairs counted by source, if a licence does not allow it and they are not to be
    withheld; Terminal if nothing is left.
    """
    judged = settle_terms(kept_pairs(opened), allow_unknown=wanted.allow_unknown_license)
    refused = refusals(judged)
    if refused.height and not wanted.withhold_forbidden:
        raise BrokenPromise("\n".join(["licences do not allow this push:", *told(refused), _WAY_OUT]))
    withheld = judged.filter(pl.col("reason").is_not_null()).group_by("reason").agg(pairs=pl.len().cast(pl.Int64))
    pushed = judged.filter(pl.col("reason").is_null())
    if pushed.is_empty():
        number = opened.snapshot.snapshot
        why = " ".join(
            f"{n:,} {reason}: {Reason(reason).sentence}" for reason, n in withheld.sort("reason").iter_rows()
        )
        raise Terminal(f"snapshot {number} has no pair to push. {why}".rstrip())
    refuse_names(pushed["split"].unique().sort().to_list())
    return Chosen(pushed, withheld.sort("reason"))


_WAY_OUT = (
    "say `license:` in the plan if it is known, drop the pairs by a rule, leave them out with --withhold-forbidden, or "
    "push what has no known licence with --allow-unknown-license"
)


def prepare(opened: Warehouse, wanted: Push, folder: Path) -> PushManifest:
    """Write the files of a push into the empty `folder`, and return what they are. Raises what `choose` raises."""
    chosen = choose(opened, wanted)
    names = config_names(chosen.pushed["dimension"].unique(), wanted.tables)
    plan = json.loads(opened.snapshot.plan)
    tables = list(dict.fromkeys(wanted.tables))
    media = {dimension: media_columns(chosen.pushed.filter(pl.col("dimension") == dimension)) for dimension in names}
    with PushFiles(folder, partial(blob_place, opened.home)) as files:
        tallies = _write_pairs(opened, chosen.pushed, names, media, files)
        for table in tables:
            for split, rows in read_beside(opened, table, chosen.pushed):
                files.add(table, split, rows)
        data = files.finish()
    counts = _counts(data, list(plan["split"]["shares"]))
    configs = [
        *[
            Config(name, dimension, None, pushed_schema(media[dimension]), counts[name], kinds_of(media[dimension]))
            for dimension, name in names.items()
        ],
        *[Config(name, None, name, _schema_of(opened, name), counts[name]) for name in tables if name in counts],
    ]
    said = card(_facts(opened, wanted, chosen, plan, names, configs, tallies))
    digest = write_bytes(folder / CARD, folder, said.encode())
    licenses = add_up(tallies, "license").select(pl.col("license").fill_null("unknown"), "pairs")
    manifest = PushManifest(
        dataset=plan["name"],
        snapshot=opened.snapshot.snapshot,
        code_version=opened.snapshot.code_version,
        kept=chosen.pushed.height + int(chosen.withheld["pairs"].sum()),
        pushed=chosen.pushed.height,
        withheld=dict(chosen.withheld.iter_rows()),
        licenses=dict(licenses.iter_rows()),
        files=[PushedFile(path=CARD, **digest._asdict()), *data],
        plan=without_places(plan),
    )
    write_beside(folder, MANIFEST, manifest.model_dump())
    return manifest


def without_places(plan: Any) -> Any:
    """Return a plan in which absolute paths are cut to their last part: where files lie is nobody's business."""
    if isinstance(plan, list):
        return [without_places(each) for each in plan]
    if not isinstance(plan, dict):
        return plan
    return {
        key: PurePath(value).name
        if key in _PLACES and isinstance(value, str) and PurePath(value).is_absolute()
        else without_places(value)
        for key, value in plan.items()
    }


def _write_pairs(
    opened: Warehouse,
    pushed: pl.DataFrame,
    names: dict[str, str],
    media: dict[str, list[MediaColumn]],
    files: PushFiles,
) -> list[pl.DataFrame]:
    tallies = []
    for batch in read_pairs(opened, pushed):
        tallies.append(tally(batch))
        for (dimension, split), rows in batch.partition_by("dimension", "split", as_dict=True).items():
            columns = media[str(dimension)]
            shown = rows.with_columns(each.filled for each in columns).select(pushed_schema(columns).names)
            files.add(names[str(dimension)], str(split), shown, kinds_of(columns))
    return tallies


def _schema_of(opened: Warehouse, table: Beside) -> pa.Schema:
    return arrow_schema(opened.table(table).head(0).collect())


def _counts(data: Sequence[PushedFile], order: Sequence[str]) -> dict[str, list[SplitFiles]]:
    """Add up the files of each split of each configuration; splits come in `order`, then by name."""
    found: dict[str, dict[str, SplitFiles]] = {}
    for file in data:
        splits = found.setdefault(str(file.config), {})
        name = str(file.split)
        _, rows, size, nbytes = splits.get(name, SplitFiles(name, 0, 0, 0))
        counted = (rows + (file.rows or 0), size + file.bytes, nbytes + (file.nbytes or 0))
        splits[name] = SplitFiles(name, *counted)
    place = {name: at for at, name in enumerate(order)}
    return {
        config: sorted(splits.values(), key=lambda split: (place.get(split.name, len(place)), split.name))
        for config, splits in found.items()
    }


def _facts(
    opened: Warehouse,
    wanted: Push,
    chosen: Chosen,
    plan: dict[str, Any],
    names: dict[str, str],
    configs: list[Config],
    tallies: list[pl.DataFrame],
) -> Facts:
    pairs = dict(add_up(tallies, "dimension").select("dimension", "pairs").iter_rows())
    return Facts(
        wanted=wanted,
        plan=plan,
        snapshot=opened.snapshot.snapshot,
        created_at=opened.snapshot.created_at,
        code_version=opened.snapshot.code_version,
        default=names[default_of(pairs)],
        configs=configs,
        tallies=tallies,
        withheld=chosen.withheld,
        sources=opened.table("sources").collect(),
        contradictions=opened.table("contradictions").select("dimension", "settled").collect(),
        lost=count_lost(opened),
        tasks=chosen.pushed["task"].drop_nulls().unique().sort().to_list(),
    )
