"""The folder of one dataset: where everything lies, and which format it has."""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from schemas.errors import Terminal
from warehouse import disk

# 2: homes with tombstones, which an older winnow would not respect.
FORMAT = 2
_FOLDERS = ("aside", "hub", "media", "prefect", "runs", "tables", "tombstones", "work")
_UNUSABLE = re.compile(r"[%\\\x00-\x1f\x7f]")
_KEY_VARIABLE = "WINNOW_PSEUDONYM_KEY"


@dataclass(frozen=True)
class Home:
    """A dataset's folder. `Home.at` is the way to get one."""

    path: Path

    @classmethod
    def at(cls, path: Path | str, *, create: bool = True) -> Self:
        """Open the home at `path`, or make it if `create` says so.

        Raises Terminal if there is none, if the folder holds something else, or if its format is newer than this code.
        """
        home = cls(Path(path).expanduser().absolute())
        if _UNUSABLE.search(str(home.path)):
            raise Terminal(
                f"{str(home.path)!r} cannot be a home: Delta cannot use paths with %, \\ or control characters"
            )
        written = home._format()
        if written is None:
            if not create:
                raise Terminal(f"{home.path} is no winnow home: give --home, or run `winnow run PLAN.yaml` to make one")
            home._make()
        elif written > FORMAT:
            raise Terminal(
                f"{home.path} has format {written}, but this winnow knows formats up to {FORMAT}: upgrade winnow"
            )
        return home

    def _format(self) -> int | None:
        said = self.path / "format"
        try:
            return int(said.read_text(encoding="ascii"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except ValueError as error:
            raise Terminal(f"{said} should hold a number: is {self.path} a winnow home?") from error

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            strangers = sorted({entry.name for entry in self.path.iterdir()} - {*_FOLDERS, "lock", "format"})
            if strangers:
                found = ", ".join(strangers[:3])
                raise Terminal(f"{self.path} holds other things ({found}): give an empty or a new folder as --home")
            for folder in _FOLDERS:
                (self.path / folder).mkdir(exist_ok=True)
        except OSError as error:
            raise disk.cannot_write(self.path, error) from error
        self.upgrade()

    def upgrade(self) -> None:
        """Say that this home has the newest format, which older versions of winnow refuse."""
        if self._format() != FORMAT:
            disk.write_bytes(self.path / "format", self.aside, f"{FORMAT}\n".encode())

    @property
    def tables(self) -> Path:
        """One Delta table per public table."""
        return self.path / "tables"

    @property
    def media(self) -> Path:
        """Blobs by SHA-256."""
        return self.path / "media"

    @property
    def work(self) -> Path:
        """Receipts and internal tables of stages."""
        return self.path / "work"

    @property
    def runs(self) -> Path:
        """One record per run."""
        return self.path / "runs"

    @property
    def prefect(self) -> Path:
        """Prefect's own folder, unless the environment names another."""
        return self.path / "prefect"

    @property
    def hub(self) -> Path:
        """Files fetched from the Hugging Face Hub."""
        return self.path / "hub"

    @property
    def aside(self) -> Path:
        """Where files are written before they are put in place."""
        return self.path / "aside"

    @property
    def tombstones(self) -> Path:
        """What was taken down."""
        return self.path / "tombstones"

    @property
    def catalog(self) -> Path:
        """The DuckDB file of views."""
        return self.path / "winnow.duckdb"

    @property
    def lock(self) -> Path:
        """The file whose lock a run holds."""
        return self.path / "lock"

    def pseudonym_key(self) -> bytes:
        """Return the key of annotator pseudonyms: `WINNOW_PSEUDONYM_KEY`, else a random one kept in the home."""
        given = os.environ.get(_KEY_VARIABLE)
        if given:
            return given.encode()
        kept = self.path / "pseudonym.key"
        # Two processes that both find no key must end with the same one.
        with disk.aside(self.aside, "pseudonym") as folder:
            if not kept.exists():
                fresh = secrets.token_hex(32).encode()
                disk.write_file(kept, folder, lambda sink: sink.write(fresh), mode=0o600)
            return kept.read_bytes()
