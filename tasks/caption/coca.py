"""Captions by CoCa models of open_clip, decoded greedily: open_clip's own decoder needs internals of transformers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from schemas.errors import Terminal
from tasks.models.batches import TURN, spread
from tasks.models.open_clip import load_open_clip, to_pixels
from tasks.models.preparation import Picture, Preparation

if TYPE_CHECKING:
    from torch import Tensor


class Captioner(Protocol):
    """What stages need of a model that says what is on pictures."""

    def caption(self, pictures: Sequence[Picture], batch: int, tokens: int) -> list[str]:
        """Say in at most `tokens` tokens what is on each of `pictures` (h, w, 3)."""


class CoCa:
    """A CoCa model. Pictures of its own size are taken as prepared; others it prepares itself."""

    def __init__(self, weights: Path, architecture: str | None, preparation: Preparation) -> None:
        self._preparation = preparation
        self._model = load_open_clip(weights, architecture)
        if not hasattr(self._model.modules[0], "text_decoder"):
            raise Terminal(f"{weights} is no model that writes captions: take a CoCa model, such as coca_ViT-L-14")
        if not hasattr(self._model.tokenizer, "eot_token_id"):
            raise Terminal(f"{weights} has a tokenizer that is not open_clip's: its captions could not be read")

    def caption(self, pictures: Sequence[Picture], batch: int, tokens: int) -> list[str]:
        """Say in at most `tokens` tokens, and no more than the model can, what is on each of `pictures` (h, w, 3)."""
        with TURN:
            return spread(pictures, batch, [partial(self._say, module, tokens) for module in self._model.modules])

    def _say(self, module: Any, most: int, pictures: Sequence[Picture]) -> list[str]:
        import torch

        with torch.inference_mode(), _only_the_last(module.text_decoder.ln_final):
            pixels = to_pixels(module, pictures, self._preparation)
            said = self._decode(module, pixels, min(most, self._model.context))
        return [self._text(row) for row in said.tolist()]

    def _decode(self, module: Any, pixels: Tensor, most: int) -> Tensor:
        """Write the most probable token after the most probable token, until every caption has ended."""
        import torch

        tokenizer = self._model.tokenizer
        _, seen = module._encode_image(pixels)
        said = torch.full((len(pixels), 1), tokenizer.sot_token_id, device=pixels.device)
        has_ended = torch.zeros(len(pixels), dtype=torch.bool, device=pixels.device)
        while said.shape[1] <= most and not bool(has_ended.all()):
            _, read = module._encode_text(said)
            best = module.text_decoder(seen, read)[:, -1].argmax(-1)
            best = torch.where(has_ended, tokenizer.eot_token_id, best)
            said = torch.cat([said, best[:, None]], dim=1)
            has_ended |= best == tokenizer.eot_token_id
        return said

    def _text(self, tokens: list[int]) -> str:
        tokenizer = self._model.tokenizer
        ends = (tokenizer.sot_token_id, tokenizer.eot_token_id)
        said = tokens[: tokens.index(ends[1])] if ends[1] in tokens else tokens
        # Models have more outputs than the vocabulary has words if their settings say so.
        known = [token for token in said if token not in ends and token in tokenizer.decoder]
        text: str = tokenizer.decode(known)
        return " ".join(text.split())


@contextmanager
def _only_the_last(norm: Any) -> Iterator[None]:
    """Have only the last place of each text compared with the vocabulary, which is what costs most in a small model."""
    hook = norm.register_forward_hook(lambda _module, _read, normed: normed[:, -1:])
    try:
        yield
    finally:
        hook.remove()


@cache
def load_captioner(weights: Path, architecture: str | None, preparation: Preparation) -> Captioner:
    """Load a model once a process. Raises Terminal if it is not there or writes no captions."""
    return CoCa(weights, architecture, preparation)
