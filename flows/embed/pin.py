"""The encoder that a plan names: found before anything is done, and written down in the plan with its digest."""

from __future__ import annotations

from pathlib import Path

from flows.embed.encoder import settle_encoder
from schemas.errors import Terminal
from schemas.plan.plan import Plan
from tasks.embed.embed import Embed
from warehouse.home import Home


def pin_encoder(plan: Plan, root: Path, home: Home) -> tuple[Plan, Embed | None]:
    """Find the encoder of a plan that names one; return the plan with the revision and digest of what was found.

    Raises Terminal if it is not there, if its libraries are not installed, or if it is not the one the plan says.
    """
    told = plan.models.text
    if told is None:
        return plan, None
    try:
        model = settle_encoder(told, root, home)
    except Terminal as error:
        raise Terminal(f"models.text: {error}") from error
    if told.digest not in (None, model.digest):
        raise Terminal(
            f"models.text: the files of {told.name} have the digest {model.digest}, but the plan says {told.digest}: "
            "name the right model, or correct digest"
        )
    pinned = told.model_copy(update={"digest": model.digest, "revision": model.revision})
    return plan.model_copy(update={"models": plan.models.model_copy(update={"text": pinned})}), model
