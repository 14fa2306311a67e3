"""`winnow.json`: what a push consists of. A repository or folder with one may be replaced by the next push."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from schemas.stage import Settings
from warehouse.export.manifest import read_own

MANIFEST = "winnow.json"
CARD = "README.md"


class PushedFile(Settings):
    """One file of a push; `path` is relative to the repository, `nbytes` is what its rows take in memory."""

    path: str
    config: str | None = None
    split: str | None = None
    rows: int | None = None
    nbytes: int | None = None
    bytes: int
    sha256: str


class PushManifest(Settings):
    """What was pushed, of which snapshot. `withheld` counts kept pairs by the reason they were left out for."""

    written_by: Literal["winnow push"] = "winnow push"
    dataset: str
    snapshot: int
    code_version: str
    kept: int
    pushed: int
    withheld: dict[str, int]
    licenses: dict[str, int]
    files: list[PushedFile]
    plan: dict[str, Any]


def read_push(folder: Path) -> PushManifest | None:
    """Return what the push in `folder` consists of, or nothing if the folder is empty or absent.

    Raises Terminal if anything lies there that no push has written.
    """
    return read_own(folder, MANIFEST, PushManifest.model_validate_json, "a push")
