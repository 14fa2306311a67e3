"""How good a tiny CoCa is on pictures whose captions no training used, opened as any checkpoint of open_clip is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import open_clip
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from tasks.demo.media.clips import Clip, random_clip
from tasks.demo.media.pictures import change
from training.tiny.coca.caption import caption_rows
from training.tiny.coca.model import CONTEXT, END, PAD, START
from training.tiny.coca.train import unseen_pictures
from training.tiny.unseen import is_unseen

_BATCH = 250
# Larger than the model's pictures: they come to it as users' pictures do.
_SIZE = 128
_CLIPS = 100
_FRAMES = 6

Numbers = dict[str, float]


class Opened:
    """A CoCa with the preprocessing and the tokenizer that its folder names."""

    def __init__(self, folder: Path) -> None:
        name = f"local-dir:{folder}"
        self._model, _, self._prepare = open_clip.create_model_and_transforms(name, require_pretrained=True)
        self._model.eval()
        self._tokenize = open_clip.get_tokenizer(name)

    @torch.no_grad()
    def images(self, pictures: Sequence[NDArray[np.uint8]]) -> Tensor:
        """Embed pictures, at length 1."""
        return torch.cat([self._model.encode_image(part) for part in self._batches(pictures)])

    @torch.no_grad()
    def texts(self, texts: Sequence[str]) -> Tensor:
        """Embed texts, at length 1."""
        encoded: Tensor = self._model.encode_text(self._tokenize(list(texts)))
        return encoded

    def captions(self, pictures: Sequence[NDArray[np.uint8]]) -> list[str]:
        """Caption pictures."""
        said = [caption_rows(self._model, part, START, END, PAD, CONTEXT).tolist() for part in self._batches(pictures)]
        return [_plain(row) for rows in said for row in rows]

    def _batches(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Tensor]:
        seen = torch.stack([self._prepare(Image.fromarray(picture)) for picture in pictures])
        return [seen[at : at + _BATCH] for at in range(0, len(seen), _BATCH)]


def _plain(row: list[int]) -> str:
    return str(open_clip.decode(torch.tensor(row[1 : row.index(END) if END in row else None]))).strip()


def measure_coca(folder: Path, count: int = 1000) -> Numbers:
    """Measure captions, retrieval, and telling right texts from wrong ones, on unseen pictures and clips."""
    opened = Opened(folder)
    pictures = unseen_pictures(count, seed=2)
    drawn = [picture.draw(_SIZE) for picture in pictures]
    right = [picture.caption for picture in pictures]
    images, texts = opened.images(drawn), opened.texts(right)
    exact = [said == caption for said, caption in zip(opened.captions(drawn), right, strict=True)]
    single = [len(picture.groups) == 1 for picture in pictures]
    chance = np.random.default_rng(5)
    changed = [change(picture, chance) for picture in pictures]
    near = (images * opened.texts([other.caption for other, _ in changed])).sum(1).numpy()
    own, far = (images * texts).sum(1).numpy(), (images * texts.roll(1, 0)).sum(1).numpy()
    order = (images @ texts.T).argmax(1) == torch.arange(count)
    return {
        "captions_exact": float(np.mean(exact)),
        "captions_exact_one_group": float(np.mean(np.compress(single, exact))),
        "captions_exact_two_groups": float(np.mean(np.compress(np.logical_not(single), exact))),
        "retrieved_first": float(order.float().mean()),
        "retrieved_among": count,
        **_told_apart(own, near, far),
        **{
            f"wrong_{what}_ranked_below_right": float(np.mean((near < own)[[name == what for _, name in changed]]))
            for what in sorted({name for _, name in changed})
        },
        "clips_retrieved_first": _clips(opened),
        "clips_retrieved_among": _CLIPS,
    }


def _told_apart(own: NDArray[np.float32], near: NDArray[np.float32], far: NDArray[np.float32]) -> Numbers:
    """Set the threshold on one half of the pictures; count on the other what falls below it."""
    half = len(own) // 2
    candidates = np.linspace(-0.5, 1, 301)
    missed = [np.mean(own[:half] < bar) + np.mean(near[:half] >= bar) for bar in candidates]
    bar = float(candidates[int(np.argmin(missed))])
    kept, near_found, far_found = (float(np.mean(scores[half:] < bar)) for scores in (own, near, far))
    return {
        "threshold": bar,
        "wrong_in_one_thing_recall": near_found,
        "wrong_in_one_thing_precision": near_found / max(near_found + kept, 1e-9),
        "wrong_altogether_recall": far_found,
        "right_below_threshold": kept,
        "area_under_curve": float(np.mean(own[:, None] > near[None, :])),
    }


def _clips(opened: Opened) -> float:
    """Return how often a clip finds its text among those of all, by the mean of its frames.

    No frame says where a thing is going, hence all move the same way.
    """
    chance = np.random.default_rng(6)
    found: dict[str, Clip] = {}
    while len(found) < _CLIPS:
        clip = random_clip(chance)
        if is_unseen(clip.caption):
            found.setdefault(clip.caption.replace(clip.motion, "moves"), clip)
    frames = [frame for clip in found.values() for frame in clip.frames(_FRAMES, _SIZE)]
    pooled = opened.images(frames).reshape(_CLIPS, _FRAMES, -1).mean(1)
    texts = opened.texts([clip.caption for clip in found.values()])
    return float(((pooled @ texts.T).argmax(1) == torch.arange(_CLIPS)).float().mean())
