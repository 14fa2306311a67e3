"""The models of media that a plan names: found before anything is done, and written down with their digests."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from flows.embed.media_models import settle_captioner, settle_image_text, settle_transcriber
from flows.embed.pin import settled
from schemas.plan.plan import Plan
from tasks.caption.caption import Caption
from tasks.embed.image_text.media import EmbedMedia
from tasks.transcribe.transcribe import Transcribe
from warehouse.home import Home


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
        settled("image_text", said.image_text, settle_image_text, root, home),
        settled("caption", said.caption, settle_captioner, root, home),
        settled("speech", said.speech, settle_transcriber, root, home),
    )
    pins = {
        name: getattr(said, name).model_copy(update={"revision": stage.revision, "digest": stage.digest})
        for name, stage in stages._asdict().items()
        if stage is not None
    }
    return plan.model_copy(update={"models": said.model_copy(update=pins)}), stages
