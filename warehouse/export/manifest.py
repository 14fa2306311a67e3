"""`export.json`: what an export consists of, beside its files. Only a folder with one is ever replaced."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from pydantic import ValidationError

from schemas.errors import Terminal
from schemas.stage import Settings

MANIFEST = "export.json"


class ExportedFile(Settings):
    """One file of an export; `path` is relative to its folder, `template` is that of the trainer, if it has some."""

    path: str
    split: str | None
    rows: int | None
    bytes: int
    sha256: str
    template: str | None = None


class SplitCounts(Settings):
    """What became of the kept pairs of one split: `pairs` were used and gave `rows`, the others have a reason."""

    pairs: int
    rows: int
    left_out: dict[str, int]


class Manifest(Settings):
    """What was exported, from where. Equal keys mean equal files."""

    written_by: Literal["winnow export"] = "winnow export"
    key: str
    target: str
    form: str
    format: str
    dataset: str
    snapshot: int
    code_version: str
    dimension: str | None
    splits: dict[str, SplitCounts]
    licenses: dict[str, int]
    commercial_ok: float
    files: list[ExportedFile]
    plan: dict[str, Any]

    @property
    def left_out(self) -> Mapping[str, int]:
        """How many pairs were left out, by reason, over all splits."""
        found: dict[str, int] = {}
        for counts in self.splits.values():
            for reason, pairs in counts.left_out.items():
                found[reason] = found.get(reason, 0) + pairs
        return found

    @property
    def templates(self) -> Mapping[str, Mapping[str, int]]:
        """How many rows there are for each template of the trainer, by split."""
        found: dict[str, dict[str, int]] = {}
        for file in self.files:
            if file.template is not None and file.split is not None:
                found.setdefault(file.template, {})[file.split] = file.rows or 0
        return found

    def is_whole(self, folder: Path) -> bool:
        """Tell whether every file lies in `folder` in the size it was written."""
        try:
            return all((folder / file.path).stat().st_size == file.bytes for file in self.files)
        except FileNotFoundError:
            return False


class _Lists(Protocol):
    @property
    def files(self) -> Sequence[_Named]: ...


class _Named(Protocol):
    @property
    def path(self) -> str: ...


_Listing = TypeVar("_Listing", bound=_Lists)


def read_manifest(folder: Path) -> Manifest | None:
    """Return what the export in `folder` consists of, or nothing if the folder is empty or absent.

    Raises Terminal if anything lies there that no export has written: it would be lost if the folder were replaced.
    """
    return read_own(folder, MANIFEST, Manifest.model_validate_json, "an export")


def read_own(folder: Path, name: str, parse: Callable[[bytes], _Listing], what: str) -> _Listing | None:
    """Return the list of files called `name` in `folder`, or nothing if the folder is empty or absent.

    Raises Terminal if anything lies there that is not in the list.
    """
    if not folder.exists() and not folder.is_symlink():
        return None
    if not folder.is_dir():
        raise Terminal(f"{folder} is not a folder: give an empty or a new one for {what}")
    if not any(folder.iterdir()):
        return None
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    try:
        found = parse((folder / name).read_bytes())
    except (FileNotFoundError, ValidationError):
        found = None
    ours = {name, *(file.path for file in found.files)} if found else set()
    strangers = sorted(there - ours)
    if strangers or found is None:
        told = ", ".join(strangers[:3]) or "folders"
        raise Terminal(f"{folder} holds other things than {what} ({told}): give an empty or a new folder")
    return found
