"""Models of open_clip: settings are checked, weights are read, nothing is run or left to chance."""

from __future__ import annotations

import difflib
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from schemas.errors import Terminal
from tasks.models.batches import devices
from tasks.models.preparation import Picture, Preparation, preparation_from
from tasks.models.weights import check_weights, read_settings, refuse_code

if TYPE_CHECKING:
    from torch import Tensor

SETTINGS: Final = "open_clip_config.json"
# What models compute in, by the kind of device. With "bf16" some weights stay as they are, and CoCa cannot be run.
PRECISIONS: Final = {"cuda": "pure_bf16", "cpu": "fp32"}
_INSTALL: Final = "models of open_clip need more libraries: pip install 'winnow-curation[models]'"


class Tag(NamedTuple):
    """Where the weights of one of open_clip's tags are, and how pictures are prepared for them."""

    repo: str
    file: str
    preparation: Preparation


class OpenClip(NamedTuple):
    """A loaded model: once for each device, with its tokenizer."""

    modules: tuple[Any, ...]
    tokenizer: Any
    dim: int
    context: int


def find_tag(architecture: str, tag: str) -> Tag:
    """Look up a tag of open_clip's own list. Raises Terminal for one that is not there or not on the Hub."""
    if find_spec("open_clip") is None:
        raise Terminal(_INSTALL)
    from open_clip import get_pretrained_cfg, list_pretrained_tags_by_model

    settings = open_clip_settings(None, architecture)
    said = get_pretrained_cfg(architecture, tag)
    if not said:
        known = ", ".join(list_pretrained_tags_by_model(architecture)) or "none"
        raise Terminal(f"open_clip has no weights {tag} for {architecture}; it has {known}: correct pretrained")
    repo, _, file = str(said.get("hf_hub") or "").rpartition("/")
    if not repo:
        raise Terminal(
            f"the weights {tag} of {architecture} are not on the Hub, so they have no revision: get {said.get('url')}, "
            f"convert it to safetensors, and say path: with model: {architecture} instead of pretrained"
        )
    if bool(said.get("quick_gelu")) != bool(settings.get("quick_gelu")):
        other = architecture.removesuffix("-quickgelu") + ("-quickgelu" if said.get("quick_gelu") else "")
        raise Terminal(f"{tag} was not trained as {architecture}, which would err silently: say model: {other}")
    return Tag(repo, file, preparation_from(settings["vision_cfg"].get("image_size", 224), said))


def open_clip_settings(weights: Path | None, architecture: str | None) -> dict[str, Any]:
    """Read what a model is built from: open_clip's own settings of an architecture, or those beside the weights.

    Raises Terminal if they are not there, name code, or name parts that would come from somewhere else.
    """
    if architecture is not None:
        return _own_settings(architecture)
    folder = Path() if weights is None else weights.parent
    if not (folder / SETTINGS).is_file():
        raise Terminal(f"{folder} has no {SETTINGS}: say the architecture of the weights as model, such as ViT-B-32")
    refuse_code(folder)
    said = read_settings(folder / SETTINGS).get("model_cfg")
    parts = [said.get(part) for part in ("vision_cfg", "text_cfg")] if isinstance(said, dict) else [None]
    if not isinstance(said, dict) or not all(isinstance(part, dict) for part in parts):
        raise Terminal(f"{folder / SETTINGS} does not describe a model of open_clip: it needs model_cfg")
    _refuse_parts_from_elsewhere(said, folder / SETTINGS)
    return said


def preparation_of(weights: Path, architecture: str | None) -> Preparation:
    """Read how pictures are prepared for a model, without loading it. Raises Terminal if its settings make no sense."""
    settings = open_clip_settings(weights, architecture)
    said = read_settings(weights.parent / SETTINGS).get("preprocess_cfg") if architecture is None else None
    try:
        return preparation_from(settings["vision_cfg"].get("image_size", 224), said or {})
    except (ValueError, TypeError, AttributeError) as error:
        raise Terminal(f"{weights.parent / SETTINGS}: preprocess_cfg makes no sense: {error}") from error


@cache
def load_open_clip(weights: Path, architecture: str | None) -> OpenClip:
    """Load a model once a process: on every GPU in bfloat16, else on the CPU.

    Raises Terminal if the libraries, the weights or the settings are not there, or if they do not fit each other.
    """
    if find_spec("open_clip") is None:
        raise Terminal(_INSTALL)
    settings = open_clip_settings(weights, architecture)
    check_weights(weights)
    modules = tuple(_build(weights, architecture, device) for device in devices())
    text = settings["text_cfg"]
    context = int(text.get("context_length", 77))
    tokenizer = _tokenizer(weights.parent, text, context)
    return OpenClip(modules, tokenizer, int(settings["embed_dim"]), context)


def to_pixels(module: Any, pictures: Sequence[Picture], preparation: Preparation) -> Tensor:
    """Turn pictures into what `module` reads, (n, 3, h, w), on its device; those of its size are taken as prepared."""
    import torch

    device = next(module.parameters()).device
    stacked = torch.from_numpy(np.stack([preparation.prepare(picture) for picture in pictures])).to(device)
    mean, std = (torch.tensor(each, device=device) for each in (preparation.mean, preparation.std))
    kind = torch.bfloat16 if PRECISIONS[device.type] == "pure_bf16" else torch.float32
    return ((stacked.float().div_(255) - mean) / std).permute(0, 3, 1, 2).contiguous().to(kind)


def _build(weights: Path, architecture: str | None, device: str) -> Any:
    import open_clip

    said = architecture or f"local-dir:{weights.parent}"
    precision = PRECISIONS[device.partition(":")[0]]
    try:
        with _quiet():
            # Random numbers at first: load_checkpoint refuses weights that do not replace every one of them.
            model = open_clip.create_model(
                said, load_weights=False, pretrained_text=False, precision=precision, device=device
            )
            open_clip.load_checkpoint(model, str(weights), strict=True, weights_only=True)
    except (RuntimeError, ValueError, TypeError, KeyError, AttributeError, AssertionError, OSError) as error:
        told = str(error).strip()[:400]
        raise Terminal(f"{weights} does not fit {architecture or SETTINGS}: {told}") from error
    return model.eval().requires_grad_(requires_grad=False)


def _own_settings(architecture: str) -> dict[str, Any]:
    """Read open_clip's file of an architecture, without importing open_clip."""
    spec = find_spec("open_clip")
    if spec is None or spec.origin is None:
        raise Terminal(_INSTALL)
    folder = Path(spec.origin).parent / "model_configs"
    file = folder / f"{architecture}.json"
    if not file.is_file():
        near = difflib.get_close_matches(architecture, [each.stem for each in folder.glob("*.json")], n=3)
        hint = f", did you mean {' or '.join(near)}?" if near else ""
        raise Terminal(f"open_clip knows no architecture {architecture}{hint}")
    settings = read_settings(file)
    if "hf_model_name" in settings["text_cfg"]:
        _refuse_parts_from_elsewhere(settings, file)
    return settings


def _refuse_parts_from_elsewhere(settings: dict[str, Any], file: Path) -> None:
    """Refuse settings by which open_clip would fetch a part that no revision and no digest pins."""
    if settings["text_cfg"].get("hf_model_name"):
        raise Terminal(
            f"{file}: its text tower {settings['text_cfg']['hf_model_name']} would be fetched from the Hub without a "
            "revision: take a model whose towers are open_clip's own"
        )
    timm = settings["vision_cfg"].get("timm_model_name")
    if timm is not None and not (isinstance(timm, str) and re.fullmatch(r"[\w.]+", timm)):
        raise Terminal(f"{file}: timm_model_name {timm!r} is a place and no name of an architecture")


def _tokenizer(folder: Path, text: dict[str, Any], context: int) -> Callable[[Sequence[str]], Any]:
    """Make a model's tokenizer: open_clip's own, or the one in the model's folder."""
    from open_clip.tokenizer import HFTokenizer, SimpleTokenizer

    said = text.get("tokenizer_kwargs") or {}
    if not text.get("hf_tokenizer_name"):
        made: Callable[[Sequence[str]], Any] = SimpleTokenizer(context_length=context, **said)
        return made
    refuse_code(folder)
    try:
        made = HFTokenizer(
            str(folder), context_length=context, tokenizer_mode=text.get("tokenizer_mode"), local_files_only=True,
            trust_remote_code=False, **said,
        )  # fmt: skip
    except Exception as error:  # whatever the reader of a missing or damaged tokenizer stumbles over
        raise Terminal(f"{folder} holds no tokenizer for the model ({str(error)[:200]}): put it there") from error
    return made


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep open_clip from warning that weights are random before they are loaded."""
    before = logging.root.manager.disable
    logging.disable(logging.ERROR)
    try:
        yield
    finally:
        logging.disable(before)
