"""Memory: the only room that touches a path or a socket."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from warehouse.database import Warehouse
    from warehouse.home import Home
    from warehouse.upkeep.upkeep import Upkeep

__all__ = ["maintain", "open"]


def open(home: Home | Path | str, at: int | None = None) -> Warehouse:  # noqa: A001  (read as `warehouse.open`)
    """Open the newest snapshot of a home, or snapshot number `at`. Raises Terminal if there is none."""
    # DuckDB and polars are loaded when somebody reads, not when a part of this room is imported.
    from warehouse import database

    return database.open_snapshot(home, at)


def maintain(home: Home | Path | str) -> Upkeep:
    """Delete what a home no longer needs, as every run that publishes does at its end; return what went.

    Waits for a run that is going on. Raises Terminal if the disk is full or broken.
    """
    from warehouse.upkeep import upkeep

    return upkeep.maintain(home)
