"""The models of media that a plan names: found once, and named by the digest of their files."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from flows.embed.encoder import digest_of_files
from schemas.errors import Terminal
from schemas.plan.media_models import CaptionModel, ImageTextModel, MediaModel, OpenClipModel, SpeechModel
from tasks.caption.caption import Caption
from tasks.embed.image_text.media import EmbedMedia
from tasks.embed.image_text.said import EmbedSaid
from tasks.models.open_clip import SETTINGS, find_tag, preparation_of
from tasks.models.preparation import Preparation
from tasks.models.weights import PICKLES
from tasks.transcribe.transcribe import Transcribe
from warehouse.home import Home

# The names that weights have in folders of open_clip and on the Hub, the ones without pickles first.
_OPEN_CLIP = ("open_clip_model.safetensors", "open_clip_pytorch_model.safetensors", "open_clip_pytorch_model.bin")
_WHISPER = ("model.safetensors", "model.pt")
# What else a model is made of: its settings and its tokenizer.
_PARTS = ("*.json", "*.txt", "*.model")
# Where whisper's models lie on the Hub as safetensors, if not under their own names.
_WHISPERS = ("tiny", "base", "small", "medium", "tiny.en", "base.en", "small.en", "medium.en", "large-v2", "large-v3",
             "large-v3-turbo")  # fmt: skip
_ALIASES = {"large-v1": "large", "large": "large-v3", "turbo": "large-v3-turbo"}


class _Found(NamedTuple):
    """Where a model's weights are, which revision if it has one, and whether files beside them belong to it."""

    weights: Path
    revision: str | None
    has_folder: bool

    def digest(self) -> str:
        folder = self.weights.parent
        parts = {file for part in _PARTS for file in folder.glob(part)} if self.has_folder else set()
        return digest_of_files(sorted({self.weights, *parts}), folder)


def settle_image_text(told: ImageTextModel, root: Path, home: Home) -> EmbedMedia:
    """Find the image-text model `told`, whose path is relative to `root`, and name it exactly.

    Raises Terminal if it is not there, saying how to get it, or if the libraries that load it are not installed.
    """
    found, preparation = _find_open_clip(told, root, home)
    digest = found.digest()
    return EmbedMedia(
        model=told.name, revision=found.revision or digest, digest=digest, architecture=told.model,
        preparation=preparation, frames=told.frames, weights=found.weights, batch=told.batch,
    )  # fmt: skip


def settle_captioner(told: CaptionModel, root: Path, home: Home) -> Caption:
    """Find the caption model `told` as `settle_image_text` finds its model."""
    found, preparation = _find_open_clip(told, root, home)
    digest = found.digest()
    return Caption(
        model=told.name, revision=found.revision or digest, digest=digest, architecture=told.model,
        preparation=preparation, tokens=told.tokens, weights=found.weights, batch=told.batch,
    )  # fmt: skip


def settle_transcriber(told: SpeechModel, root: Path, home: Home) -> Transcribe:
    """Find the model of speech `told` as `settle_image_text` finds its model."""
    _need("whisper")
    found = _find_whisper(told, root, home)
    digest = found.digest()
    return Transcribe(
        model=told.name, revision=found.revision or digest, digest=digest, language=told.language, tokens=told.tokens,
        weights=found.weights, batch=told.batch,
    )  # fmt: skip


def texts_beside(media: EmbedMedia) -> EmbedSaid:
    """Return the stage that embeds texts with the same model."""
    return EmbedSaid(**of_model(media))


def of_model(media: EmbedMedia) -> dict[str, Any]:
    """Return what another stage needs to know to use the same model."""
    return {
        "model": media.model, "revision": media.revision, "digest": media.digest, "architecture": media.architecture,
        "preparation": media.preparation, "weights": media.weights, "batch": media.batch,
    }  # fmt: skip


def _find_open_clip(told: OpenClipModel, root: Path, home: Home) -> tuple[_Found, Preparation]:
    _need("open_clip")
    if told.model is not None and told.pretrained is not None:
        tag = find_tag(told.model, told.pretrained)
        names = (f"{tag.file.rpartition('.')[0]}.safetensors", tag.file) if tag.file else _OPEN_CLIP
        return _fetch(tag.repo, told.revision, names, home), tag.preparation
    if told.repo is not None:
        found = _fetch(told.repo, told.revision, _OPEN_CLIP, home)
    else:
        found = _find_local(told, root, home, "coca", _OPEN_CLIP)
    if told.model is None and not (found.weights.parent / SETTINGS).is_file():
        raise Terminal(
            f"{told.name} has no {SETTINGS} beside its weights: say their architecture as model, such as ViT-B-32"
        )
    architecture = told.model
    return found._replace(has_folder=architecture is None), preparation_of(found.weights, architecture)


def _find_whisper(told: SpeechModel, root: Path, home: Home) -> _Found:
    if told.model is not None:
        name = _ALIASES.get(told.model, told.model)
        if name not in (*_WHISPERS, "large"):
            known = ", ".join([*_WHISPERS, *_ALIASES])
            raise Terminal(f"whisper has no model {told.model}; it has {known}: correct model, or say path or repo")
        return _fetch(f"openai/whisper-{name}", told.revision, _WHISPER[:1], home)
    if told.repo is not None:
        return _fetch(told.repo, told.revision, _WHISPER, home)
    return _find_local(told, root, home, "whisper", _WHISPER)


def _find_local(told: MediaModel, root: Path, home: Home, part: str, names: Sequence[str]) -> _Found:
    """Find a model that comes with winnow, or at the plan's path: a folder or a file."""
    if told.path is None:
        from warehouse.tiny.unpack import unpack_tiny

        return _Found(_choose(unpack_tiny(home) / part, names), None, has_folder=True)
    place = root / told.path
    if place.is_dir():
        return _Found(_choose(place, names), told.revision, has_folder=True)
    if not place.is_file():
        raise Terminal(
            f"{place} is not there: put the model's folder or checkpoint there, or say repo to have it fetched from "
            "the Hub"
        )
    return _Found(place, told.revision, has_folder=place.suffix == ".safetensors")


def _choose(folder: Path, names: Sequence[str]) -> Path:
    """Choose the weights in a folder: by their usual names, or the only ones there are."""
    named = [folder / name for name in names if (folder / name).is_file()]
    safe = sorted(folder.glob("*.safetensors"))
    pickled = sorted(file for ending in PICKLES for file in folder.glob(f"*{ending}"))
    for files in (named[:1], safe, pickled):
        if len(files) == 1:
            return files[0]
        if files:
            raise Terminal(f"{folder} holds {', '.join(file.name for file in files)}: name one of these files as path")
    raise Terminal(f"{folder} holds no weights: put {names[0]} there, or say repo to have a model fetched from the Hub")


def _fetch(repo: str, revision: str | None, names: Sequence[str], home: Home) -> _Found:
    """Fetch a model from the Hub: its safetensors, or else a pickle that is checked when it is read."""
    from warehouse.intake.hub import fetch_model, fetch_of_model  # its client takes a second to import

    safe = [name for name in names if name.endswith(".safetensors")]
    folder = fetch_model(repo, revision, home.path, safe)
    there = next((folder / name for name in safe if (folder / name).is_file()), None)
    for name in names[len(safe) :] if there is None else ():
        try:
            there = fetch_of_model(repo, name, folder.name, home.path)
        except Terminal:
            continue
    if there is None:
        raise Terminal(f"{repo}@{folder.name[:8]} holds none of {', '.join(names)}: it is no model of this kind")
    return _Found(there, folder.name, has_folder=True)


def _need(library: str) -> None:
    if find_spec(library) is None:
        raise Terminal("models of media need more libraries: pip install 'winnow-curation[models]'")
