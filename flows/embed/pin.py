"""The encoder that a plan names: found before anything is done, and written down in the plan with its digest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from flows.embed.encoder import settle_encoder
from schemas.errors import Terminal
from schemas.plan.plan import Plan
from tasks.embed.embed import Embed
from warehouse.home import Home


class Named(Protocol):
    """A model as a plan names it."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def digest(self) -> str | None:
        """What its files must be, if the plan says so."""


class Found(Protocol):
    """A stage whose model was found."""

    @property
    def digest(self) -> str:
        """What its files are."""


_Named = TypeVar("_Named", bound=Named)
_Found = TypeVar("_Found", bound=Found)


def pin_encoder(plan: Plan, root: Path, home: Home) -> tuple[Plan, Embed | None]:
    """Find the encoder of a plan that names one; return the plan with the revision and digest of what was found.

    Raises Terminal if it is not there, if its libraries are not installed, or if it is not the one the plan says.
    """
    told = plan.models.text
    model = settled("text", told, settle_encoder, root, home)
    if told is None or model is None:
        return plan, None
    pinned = told.model_copy(update={"digest": model.digest, "revision": model.revision})
    return plan.model_copy(update={"models": plan.models.model_copy(update={"text": pinned})}), model


def settled(
    part: str, told: _Named | None, settle: Callable[[_Named, Path, Home], _Found], root: Path, home: Home
) -> _Found | None:
    """Find the model `told` that a plan names as `part`; nothing if it names none.

    Raises Terminal that says which part, if `settle` finds nothing, or something else than the plan says.
    """
    if told is None:
        return None
    try:
        stage = settle(told, root, home)
    except Terminal as error:
        raise Terminal(f"models.{part}: {error}") from error
    if told.digest not in (None, stage.digest):
        raise Terminal(
            f"models.{part}: the files of {told.name} have the digest {stage.digest}, but the plan says {told.digest}: "
            "name the right model, or correct digest"
        )
    return stage
