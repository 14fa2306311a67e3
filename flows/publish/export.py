"""Exports: the kept pairs of a snapshot in a trainer's shape, written to a folder unless they are there already."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

import warehouse
from schemas.errors import Terminal
from schemas.plan.export import EVERY_DIMENSION, Export
from schemas.reasons import Reason
from tasks.export.align_anything import AlignAnything
from tasks.export.llama_factory import LlamaFactory
from tasks.export.openrlhf import OpenRlhf
from tasks.export.target import Shaped, Target
from tasks.export.trl import Trl
from warehouse.database import Warehouse
from warehouse.delta.snapshots import Snapshot
from warehouse.export.folder import ExportFiles, replaced, write_beside, write_manifest
from warehouse.export.manifest import ExportedFile, Manifest, SplitCounts, read_manifest
from warehouse.export.pairs import Choice, choose, read_batches
from warehouse.home import Home

# What an export is made by: a new version of one of them is a reason to write its exports again.
TARGETS: dict[str, type[Target]] = {
    "trl": Trl,
    "align-anything": AlignAnything,
    "llama-factory": LlamaFactory,
    "openrlhf": OpenRlhf,
}


def export(opened: Warehouse, wanted: Export, folder: Path) -> tuple[Manifest, bool]:
    """Make `folder` hold what is `wanted` of a snapshot; return what it consists of, and whether it is new.

    Raises Terminal if the folder holds anything else, if there is nothing to export, or if the disk is full.
    """
    target = TARGETS[wanted.to](form=wanted.form)
    key = _key(target, wanted, opened.snapshot)
    there = read_manifest(folder)
    if there is not None and there.key == key and there.is_whole(folder):
        return there, False
    every = wanted.dimension == EVERY_DIMENSION
    choice = choose(
        opened,
        wanted.splits,
        None if every else wanted.dimension,
        mixed=every or wanted.form == "prompt-only",
    )
    tally = _Tally()
    with replaced(folder) as fresh:
        with ExportFiles(fresh, wanted.format) as files:
            for shaped in _shaped(opened, target, choice):
                tally.add(shaped)
                files.add(shaped.rows)
            written = files.finish()
        if not written:
            raise Terminal(f"of the pairs that are asked for, {wanted.to} can use none: {tally.told()}")
        if isinstance(target, LlamaFactory):
            entries = {file.split: target.entry(file.path) for file in written}
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


def _shaped(opened: Warehouse, target: Target, choice: Choice) -> Iterator[Shaped]:
    seen = pl.Series(dtype=pl.String)
    for pairs in read_batches(opened, choice):
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
        self._rows.update(dict(shaped.rows.group_by("split").len().iter_rows()))
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
        format=wanted.format,
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
