"""What takes how much room in a home."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from warehouse.delta.snapshots import Snapshot, files_of
from warehouse.home import Home
from warehouse.store import Written


class SnapshotSize(NamedTuple):
    """The bytes a snapshot's tables have, and how many of them would be free without it."""

    snapshot: int
    bytes: int
    own_bytes: int


def sizes_of_snapshots(home: Home, kept: Iterable[Snapshot]) -> tuple[list[SnapshotSize], dict[int, list[Written]]]:
    """Measure every snapshot; also return its files."""
    files = {each.snapshot: files_of(home, each) for each in kept}
    users = Counter(path for of_one in files.values() for path in {file.path for file in of_one})
    sizes = [
        SnapshotSize(
            number,
            sum(file.bytes for file in of_one),
            sum(file.bytes for file in of_one if users[file.path] == 1),
        )
        for number, of_one in files.items()
    ]
    return sizes, files


def sizes_of_parts(home: Home) -> dict[str, int]:
    """Measure what lies where: published tables, their logs, cached results, media, models, downloads, the rest."""
    named = {"work": "cached results", "media": "media", "models": "models", "hub": "downloads"}
    parts = dict.fromkeys(("tables", "logs of tables", *named.values(), "other"), 0)
    for place in home.path.rglob("*"):
        top, *rest = place.relative_to(home.path).parts
        part = named.get(top, "other")
        if top == "tables":
            part = "logs of tables" if "_delta_log" in rest else "tables"
        parts[part] += _bytes(place)
    return parts


def size_of_model(home: Home, training_id: str) -> int | None:
    """Measure the model of a training, or nothing if its folder was deleted."""
    folder = home.models / training_id
    return sum(_bytes(place) for place in folder.rglob("*")) if folder.is_dir() else None


def _bytes(place: Path) -> int:
    try:
        # A link counts as itself: what it leads to is counted where it lies.
        status = place.lstat()
    except FileNotFoundError:
        return 0
    return 0 if place.is_dir() else status.st_size
