"""Where the media of a source may be: the roots that the plan names, fetched from the Hub if they are there."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import Terminal
from schemas.plan.media import roots_of
from schemas.plan.plan import Plan
from schemas.plan.sources import Hub, Source
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
        archives = _archives(source)
        roots = _of_hub(archives, home) if archives else _local(source, plan, root)
    except Terminal as error:
        raise Terminal(f"source '{source.name}': {error}") from error
    return Places(tuple(roots), plan.media.max_bytes, plan.media.fetch) if roots or plan.media.fetch else None


def _archives(source: Source) -> list[Hub]:
    """Say which files of the Hub hold the media of `source`; none if they are here."""
    if isinstance(source.media, Hub):
        return [source.media]
    if source.hub is None:
        return []
    own = {"config": None, "split": None}
    return [source.hub.model_copy(update={**own, "files": files}) for files in roots_of(source.media)]


def _local(source: Source, plan: Plan, root: Path) -> list[Root]:
    said = source.media if isinstance(source.media, str | list) else plan.media.root
    return find_roots(roots_of(said), root)


def _of_hub(archives: Sequence[Hub], home: Home) -> list[Root]:
    from warehouse.intake import hub  # its client takes a second to import

    return root_of([each for wanted in archives for each in hub.fetch(wanted, home.path)])
