"""The models of media that a plan names: found before anything is done, and written down with their digests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from flows.embed.media_models import settle_captioner, settle_image_text, settle_transcriber
from schemas.errors import Terminal
from schemas.plan.media_models import MediaModel
from schemas.plan.plan import Plan
from tasks.caption.caption import Caption
from tasks.embed.image_text.media import EmbedMedia
from tasks.transcribe.transcribe import Transcribe
from warehouse.home import Home

M = TypeVar("M", bound=MediaModel)
S = TypeVar("S", EmbedMedia, Caption, Transcribe)


class MediaStages(NamedTuple):
    """The stages of the models that a plan names; nothing for those that it does not."""

    image_text: EmbedMedia | None
    caption: Caption | None
    speech: Transcribe | None


NO_MODELS = MediaStages(None, None, None)


def pin_media(plan: Plan, root: Path, home: Home) -> tuple[Plan, MediaStages]:
    """Find the models of a plan; return the plan with the revision and the digest of each that was found.

    Raises Terminal if one is not there, if its libraries are not installed, or if it is not the one the plan says.
    """
    said = plan.models
    stages = MediaStages(
        _settle("image_text", said.image_text, settle_image_text, root, home),
        _settle("caption", said.caption, settle_captioner, root, home),
        _settle("speech", said.speech, settle_transcriber, root, home),
    )
    pins = {
        name: getattr(said, name).model_copy(update={"revision": stage.revision, "digest": stage.digest})
        for name, stage in stages._asdict().items()
        if stage is not None
    }
    return plan.model_copy(update={"models": said.model_copy(update=pins)}), stages


def _settle(part: str, told: M | None, settle: Callable[[M, Path, Home], S], root: Path, home: Home) -> S | None:
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
