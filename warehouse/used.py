"""Which stored results each run asked for: what no kept snapshot's run asked for is not needed any more."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from warehouse import disk
from warehouse.home import Home


def keep_used(home: Home, run_id: str, keys: Iterable[str]) -> None:
    """Write down the keys that a run asked for."""
    disk.write_bytes(_place(home, run_id), home.aside, json.dumps(sorted(set(keys))).encode())


def read_used(home: Home, run_id: str) -> set[str] | None:
    """Return the keys that a run asked for, or nothing if nobody wrote them down."""
    try:
        return set(json.loads(_place(home, run_id).read_bytes()))
    except FileNotFoundError:
        return None


def drop_used(home: Home, run_ids: Iterable[str]) -> None:
    """Delete the notes of all runs but these."""
    wanted = set(run_ids)
    for place in (home.work / "used").glob("*.json"):
        if place.stem not in wanted:
            disk.remove(place)


def _place(home: Home, run_id: str) -> Path:
    return home.work / "used" / f"{run_id}.json"
