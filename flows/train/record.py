"""What every training leaves behind: its id, and its row in `trainings`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from schemas.stage import Settings
from warehouse.database import Warehouse
from warehouse.delta.snapshots import Snapshot
from warehouse.home import Home


@dataclass(frozen=True)
class Trained:
    """A training: its id, the folder of the model, the snapshot with its rows, and whether it was trained just now."""

    home: Home
    training_id: str
    folder: Path
    snapshot: Snapshot
    is_new: bool


@dataclass(frozen=True)
class Told:
    """What a training is told: its kind, its settings, and the model that it begins with, exactly."""

    kind: str
    config: Settings
    seed: int
    model: str
    revision: str
    model_key: str

    def training_id(self, opened: Warehouse) -> str:
        """Name the outcome: the same pairs, settings, model and code give the same training."""
        # A snapshot that only adds a training has the same pairs as the one before it.
        pairs = f"{opened.snapshot.run_key}:{opened.snapshot.tables['pairs']}"
        said = [pairs, self.kind, self.config.model_dump_json(), self.model_key, version("winnow-curation")]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]

    def new_key(self, opened: Warehouse) -> str:
        """Name what is about to be trained in the store; its id with the time.

        Older snapshots go on naming what an earlier training wrote: one that is done again has a key of its own.
        """
        return f"training-{self.training_id(opened)}-{datetime.now(UTC):%Y%m%d%H%M%S%f}"

    def row(
        self, opened: Warehouse, started_at: datetime, seconds: float, device: str, curve: list[dict[str, Any]]
    ) -> pl.DataFrame:
        """Make the row of `trainings`."""
        said = {
            "training_id": self.training_id(opened),
            "kind": self.kind,
            "snapshot": opened.snapshot.snapshot,
            "config": self.config.model_dump_json(),
            "code_version": version("winnow-curation"),
            "model": self.model,
            "revision": self.revision,
            "seed": self.seed,
            "device": device,
            "started_at": started_at,
            "seconds": seconds,
            "curve": json.dumps(curve),
        }
        return pl.DataFrame([said])
