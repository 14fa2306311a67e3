"""Where the media of a source may be: the roots that the plan names, fetched from the Hub if they are there."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import Terminal
from schemas.plan.media import roots_of
from schemas.plan.plan import Plan
from schemas.plan.sources import Source
from warehouse.home import Home
from warehouse.media.roots import Root, find_roots, root_of


@dataclass(frozen=True)
class Places:
    """The roots of one source in their order, and what none of its media may exceed."""

    roots: tuple[Root, ...]
    max_bytes: int
    fetch: bool

    @property
    def identity(self) -> str:
        """Name what is there: something else may be found where something else is."""
        said = [*(f"{root.name}:{root.identity}" for root in self.roots), f"{self.max_bytes}:{self.fetch}"]
        return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]


def places_of(source: Source, plan: Plan, root: Path, home: Home) -> Places | None:
    """Find the roots of `source`, from `root` on; nothing if references are to stay names.

    Raises Terminal if a root is not there, `Transient` if the Hub cannot be reached.
    """
    try:
        roots = _of_hub(source, home) if source.hub is not None and source.media else _local(source, plan, root)
    except Terminal as error:
        raise Terminal(f"source '{source.name}': {error}") from error
    return Places(tuple(roots), plan.media.max_bytes, plan.media.fetch) if roots or plan.media.fetch else None


def _local(source: Source, plan: Plan, root: Path) -> list[Root]:
    return find_roots(roots_of(source.media or plan.media.root), root)


def _of_hub(source: Source, home: Home) -> list[Root]:
    from warehouse.intake import hub  # its client takes a second to import

    wanted = source.hub.model_copy(update={"config": None, "split": None}) if source.hub else None
    if wanted is None:
        return []
    found = [
        each
        for files in roots_of(source.media)
        for each in hub.fetch(wanted.model_copy(update={"files": files}), home.path)
    ]
    return root_of(found)
