"""Exports: the kept pairs of a snapshot in a trainer's shape, written to a folder unless they are there already."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import polars as pl

import warehouse
from schemas.errors import Terminal
from schemas.plan.export import EVERY_DIMENSION, Export
from schemas.reasons import Reason
from tasks.export.align_anything import AlignAnything
from tasks.export.llama_factory import LlamaFactory
from tasks.export.media import Table
from tasks.export.openrlhf import OpenRlhf
from tasks.export.safesora import SafeSora
from tasks.export.target import Shaped, Target
from tasks.export.trl import Trl
from warehouse.database import Warehouse
from warehouse.delta.snapshots import Snapshot
from warehouse.export.datafile import FileForm
from warehouse.export.folder import ExportFiles, replaced, write_beside, write_manifest
from warehouse.export.manifest import ExportedFile, Manifest, SplitCounts, read_manifest
from warehouse.export.media import has_attachments
from warehouse.export.pairs import Choice, choose, read_batches
from warehouse.export.videos import with_judgments
from warehouse.home import Home
from warehouse.media.shelf import blob_place

# What an export is made by: a new version of one of them is a reason to write its exports again.
TARGETS: dict[str, type[Target]] = {
    "trl": Trl,
    "align-anything": AlignAnything,
    "safesora": SafeSora,
    "llama-factory": LlamaFactory,
    "openrlhf": OpenRlhf,
}


def export(opened: Warehouse, wanted: Export, folder: Path) -> tuple[Manifest, bool]:
    """Make `folder` hold what is `wanted` of a snapshot; return what it consists of, and whether it is new.

    Raises Terminal if the folder holds anything else, if there is nothing to export, or if the disk is full.
    """
    target = _target(wanted)
    key = _key(target, wanted, opened.snapshot)
    there = read_manifest(folder)
    if there is not None and there.key == key and there.is_whole(folder):
        return there, False
    every = wanted.dimension == EVERY_DIMENSION
    choice = choose(
        opened,
        wanted.splits,
        None if every else wanted.dimension,
        mixed=every or wanted.form == "prompt-only" or wanted.to == "safesora",
    )
    if target.may_have_media and has_attachments(opened):
        target = _with_media(opened, target, choice)
    tally = _Tally()
    with replaced(folder) as fresh:
        with ExportFiles(fresh, _file_form(wanted), partial(blob_place, opened.home)) as files:
            for shaped in _shaped(opened, target, choice):
                tally.add(shaped)
                for table in shaped.tables:
                    _refuse_text_files(wanted, table)
                    files.add(table.rows, table.folder, table.embedded)
                    files.link(table.links, table.folder)
            written = files.finish()
        if not written:
            raise Terminal(f"of the pairs that are asked for, {wanted.to} can use none: {tally.told()}")
        if isinstance(target, LlamaFactory):
            entries = {file.split: target.entry(file.path) for file in written if file.split is not None}
            written.append(write_beside(fresh, "dataset_info.json", entries))
        manifest = _describe(opened.snapshot, wanted, key, tally, written)
        write_manifest(fresh, manifest)
    return manifest, True


def export_planned(exports: Sequence[Export], root: Path, home: Home, snapshot: Snapshot) -> None:
    """Bring the plan's exports, whose folders are relative to `root`, up to date with a snapshot."""
    if exports:
        opened = warehouse.open(home, snapshot.snapshot)
        for wanted in exports:
            export(opened, wanted, root / wanted.out)


def check_folders(exports: Sequence[Export], root: Path) -> None:
    """Raise Terminal before a run if one of the plan's exports would find its folder taken."""
    for wanted in exports:
        read_manifest(root / wanted.out)


def _target(wanted: Export) -> Target:
    if wanted.to == "safesora":
        is_asked = wanted.dimension not in (None, EVERY_DIMENSION)
        return SafeSora(form=wanted.form, helpful=wanted.dimension if is_asked else None)
    return TARGETS[wanted.to](form=wanted.form)


def _with_media(opened: Warehouse, target: Target, choice: Choice) -> Target:
    """Let all rows have columns for media if one row needs them: the rows of a file have the same columns."""
    shown = target.model_copy(update={"with_media": True})
    return shown if any(shaped.used["has_media"].any() for shaped in _shaped(opened, shown, choice)) else target


def _file_form(wanted: Export) -> FileForm:
    return "json.gz" if wanted.to == "safesora" else wanted.format


def _refuse_text_files(wanted: Export, table: Table) -> None:
    if table.embedded and wanted.format == "jsonl":
        raise Terminal(f"JSON lines cannot hold the media that {wanted.to} reads from its rows: say --format parquet")


def _shaped(opened: Warehouse, target: Target, choice: Choice) -> Iterator[Shaped]:
    seen = pl.Series(dtype=pl.String)
    for batch in read_batches(opened, choice):
        pairs = with_judgments(opened, batch, choice) if isinstance(target, SafeSora) else batch
        keys = pairs["prompt_key"]
        is_repeated = ~keys.is_first_distinct() | keys.is_in(seen.implode())
        if target.form == "prompt-only":
            seen = pl.concat([seen, keys.filter(~is_repeated)])
        yield target(pairs.with_columns(is_repeated=is_repeated))


class _Tally:
    """Counts what became of the pairs."""

    def __init__(self) -> None:
        self._pairs: Counter[str] = Counter()
        self._rows: Counter[str] = Counter()
        self._left_out: dict[str, Counter[str]] = defaultdict(Counter)
        self.licenses: Counter[str] = Counter()
        self.commercial = 0

    def add(self, shaped: Shaped) -> None:
        self._pairs.update(dict(shaped.used.group_by("split").len().iter_rows()))
        for table in shaped.tables:
            self._rows.update(dict(table.rows.group_by("split").len().iter_rows()))
        self.licenses.update(dict(shaped.used.group_by("license").len().iter_rows()))
        self.commercial += int(shaped.used["commercial_ok"].fill_null(value=False).sum())
        for split, reason, pairs in shaped.left_out.group_by("split", "reason").len().iter_rows():
            self._left_out[split][reason] += pairs

    def splits(self) -> dict[str, SplitCounts]:
        """Count by split, in their order."""
        return {
            split: SplitCounts(
                pairs=self._pairs[split], rows=self._rows[split], left_out=dict(sorted(self._left_out[split].items()))
            )
            for split in sorted({*self._pairs, *self._left_out})
        }

    def commercial_share(self) -> float:
        """Return the share of the used pairs that may be used commercially."""
        return self.commercial / max(sum(self._pairs.values()), 1)

    def told(self) -> str:
        """Say why pairs were left out."""
        lost = sum(self._left_out.values(), Counter[str]())
        return " ".join(f"{pairs:,} {reason}: {Reason(reason).sentence}" for reason, pairs in sorted(lost.items()))


def _key(target: Target, wanted: Export, snapshot: Snapshot) -> str:
    """Name the outcome: the same pairs in the same form of the same snapshot give the same files."""
    said = [f"{snapshot.snapshot}", snapshot.run_key, *sorted(wanted.splits), f"{wanted.dimension}", wanted.format]
    return target.key(*said)


def _describe(snapshot: Snapshot, wanted: Export, key: str, tally: _Tally, files: list[ExportedFile]) -> Manifest:
    plan = json.loads(snapshot.plan)
    return Manifest(
        key=key,
        target=wanted.to,
        form=wanted.form,
        format=_file_form(wanted),
        dataset=plan["name"],
        snapshot=snapshot.snapshot,
        code_version=snapshot.code_version,
        dimension=wanted.dimension,
        splits=tally.splits(),
        licenses=dict(sorted(tally.licenses.items())),
        commercial_ok=tally.commercial_share(),
        files=files,
        plan=plan,
    )
