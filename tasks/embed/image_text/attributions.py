"""Attributions: which words of a text do not go with a picture, by CLIP4DM (Nam et al. 2025).

For the last three layers of the text tower, the gradient of the cosine by the attention is multiplied with the
attention; the mean over heads and layers, in the row of the token that stands for the whole text, is what each token
adds to the cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.errors import Terminal
from tasks.embed.image_text.model import ImageText, Vectors
from tasks.embed.image_text.scores import clip_score, f_clip_score
from tasks.models.batches import TURN, spread

if TYPE_CHECKING:
    from torch import Tensor

_TEMPLATE: Final = "A photo depicts "
_LAYERS: Final = 3
# What a word adds to the cosine if it is misaligned: less than this.
_MISALIGNED: Final = -5e-5


class Attributions(NamedTuple):
    """What each word of a text adds to its cosine with a picture, and the scores of both."""

    words: list[tuple[str, float]]
    clip_score: float
    f_clip_score: float

    @property
    def misaligned(self) -> list[str]:
        """List the words that do not go with the picture."""
        return [word for word, share in self.words if share < _MISALIGNED]


def attribute(encoder: ImageText, pictures: Vectors, texts: Sequence[str], batch: int) -> list[Attributions]:
    """Say of each text, row by row with the vectors of pictures by the same model, what its words add to their cosine.

    Words that the model does not read are left out. Raises Terminal for models with another kind of text tower.
    """
    blocks = _blocks(encoder)
    with TURN:
        found = spread(list(zip(pictures, texts, strict=True)), batch, [partial(_attribute, encoder, blocks)])
    words = [_words(encoder.tokenizer, text, tokens) for text, (tokens, _) in zip(texts, found, strict=True)]
    vectors = np.stack([vector for _, vector in found]) if found else pictures
    scores = clip_score(pictures, vectors)
    sums = np.array([sum(share for _, share in each if share < _MISALIGNED) for each in words], np.float64)
    return [
        Attributions(each, float(score), float(worst))
        for each, score, worst in zip(words, scores, f_clip_score(sums, scores), strict=True)
    ]


def _blocks(encoder: ImageText) -> list[Any]:
    """Return the last layers of the text tower."""
    from torch.nn import MultiheadAttention

    tower = getattr(encoder.module, "text", encoder.module)
    blocks = list(getattr(getattr(tower, "transformer", None), "resblocks", []))[-_LAYERS:]
    is_known = blocks and all(isinstance(getattr(block, "attn", None), MultiheadAttention) for block in blocks)
    pooling = getattr(tower, "pool_type", getattr(tower, "text_pool_type", ""))
    if not is_known or pooling != "argmax" or not hasattr(encoder.tokenizer, "eot_token_id"):
        raise Terminal(f"{encoder.weights} has a text tower that words cannot be attributed by: take a CLIP or a CoCa")
    return blocks


def _attribute(
    encoder: ImageText, blocks: Sequence[Any], part: Sequence[tuple[Vectors, str]]
) -> list[tuple[NDArray[np.float64], Vectors]]:
    """Return what every token of each text adds, and the text's vector."""
    import torch
    from torch.nn.functional import normalize

    weight = next(encoder.module.parameters())
    tokens = encoder.tokens([_TEMPLATE + text for _, text in part]).to(weight.device)
    seen = torch.from_numpy(np.stack([picture for picture, _ in part])).to(weight.device)
    with torch.enable_grad(), _attention_of(blocks) as attentions:
        read = normalize(encoder.module.encode_text(tokens).float(), dim=-1)
        gradients = torch.autograd.grad((read * seen).sum(), attentions)
    # A CoCa puts the token that stands for the text behind all others; to a CLIP it is the text's end.
    ends = tokens.argmax(-1) if attentions[0].shape[-1] == tokens.shape[1] else torch.full_like(tokens[:, 0], -1)
    rows = torch.arange(len(part), device=weight.device)
    shares = [(grown * paid)[rows, :, ends].double().mean(1) for grown, paid in zip(gradients, attentions, strict=True)]
    mean = torch.stack(shares).mean(0).detach().cpu().numpy()
    return list(zip(mean, read.detach().cpu().numpy(), strict=True))


@contextmanager
def _attention_of(blocks: Sequence[Any]) -> Iterator[list[Tensor]]:
    """Let layers compute their attention so that gradients by it can be taken; it is filled in as they are run."""
    attentions: list[Tensor] = []
    with ExitStack() as undo:
        for block in blocks:
            block.attention = _attending(block.attn, attentions)
            undo.callback(delattr, block, "attention")
        yield attentions


def _attending(attn: Any, attentions: list[Tensor]) -> Callable[..., Tensor]:
    from torch.nn.functional import linear

    def attend(q_x: Tensor, attn_mask: Tensor | None = None, **_: object) -> Tensor:
        count, length, width = q_x.shape
        heads = linear(q_x, attn.in_proj_weight, attn.in_proj_bias).view(count, length, 3, attn.num_heads, -1)
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        logits = query @ key.transpose(-1, -2) * query.shape[-1] ** -0.5
        if attn_mask is not None:
            logits = logits + (attn_mask if attn_mask.ndim == 2 else attn_mask.view_as(logits)).to(logits.dtype)
        paid = logits.softmax(-1)
        if not paid.requires_grad:
            paid.requires_grad_()
        attentions.append(paid)
        found: Tensor = attn.out_proj((paid @ value).transpose(1, 2).reshape(count, length, width))
        return found

    return attend


def _words(tokenizer: Any, text: str, shares: NDArray[np.float64]) -> list[tuple[str, float]]:
    """Put tokens together to words, with the mean of what they add."""
    before = 1 + len(tokenizer.encode(_TEMPLATE))
    words: list[tuple[str, float]] = []
    parts: list[int] = []
    for token in tokenizer.encode(text):
        parts.append(token)
        if tokenizer.decoder[token].endswith("</w>"):
            end = before + len(parts)
            if end >= tokenizer.context_length:
                break
            words.append((tokenizer.decode(parts).strip(), float(shares[before:end].mean())))
            before, parts = end, []
    return words
