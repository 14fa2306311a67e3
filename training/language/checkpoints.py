"""Checkpoints that are whole or not there: written aside, synced, counted and renamed; old ones are removed."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from transformers import Trainer
from typing_extensions import override

# The sizes of a checkpoint's files; a checkpoint without it, or with other sizes, was torn.
SIZES = "sizes.json"
_ASIDE = "aside"
_NAME = re.compile(r"checkpoint-(\d+)")


class WholeCheckpoints(Trainer):  # type: ignore[misc]
    """A trainer whose newest `keep_checkpoints` checkpoints are always whole."""

    keep_checkpoints = 2

    @override
    def _get_output_dir(self, trial: Any) -> str:
        return str(Path(self.args.output_dir) / _ASIDE)

    @override
    def _save_checkpoint(self, model: Any, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()
        if self.is_world_process_zero():
            name = f"checkpoint-{self.state.global_step}"
            settle_checkpoint(Path(self._get_output_dir(trial)) / name, Path(self.args.output_dir) / name)
            prune_checkpoints(Path(self.args.output_dir), self.keep_checkpoints)
        self.accelerator.wait_for_everyone()


def settle_checkpoint(written: Path, place: Path) -> None:
    """Put a written checkpoint in its place, whole and on the disk, or leave the place as it was."""
    sizes = {}
    for file in sorted(written.rglob("*")):
        if file.is_file():
            sizes[file.relative_to(written).as_posix()] = file.stat().st_size
            _sync(file)
    (written / SIZES).write_text(json.dumps(sizes, indent=1), encoding="utf-8")
    _sync(written / SIZES)
    _sync(written)
    if place.exists():
        shutil.rmtree(place)
    written.rename(place)
    _sync(place.parent)


def newest_checkpoint(folder: Path) -> tuple[Path | None, list[Path]]:
    """Find the newest whole checkpoint in a folder, and the torn ones that are newer."""
    torn: list[Path] = []
    for place in reversed(_checkpoints(folder)):
        if _is_whole(place):
            return place, torn
        torn.append(place)
    return None, torn


def prune_checkpoints(folder: Path, keep: int) -> None:
    """Remove all checkpoints but the newest `keep`."""
    for place in _checkpoints(folder)[:-keep]:
        shutil.rmtree(place)


def _checkpoints(folder: Path) -> list[Path]:
    found = [(int(match[1]), place) for place in folder.glob("*") if (match := _NAME.fullmatch(place.name))]
    return [place for _, place in sorted(found)]


def _is_whole(place: Path) -> bool:
    try:
        sizes = json.loads((place / SIZES).read_text(encoding="utf-8"))
        return bool(sizes) and all((place / name).stat().st_size == size for name, size in sizes.items())
    except (OSError, ValueError, AttributeError):
        return False


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
