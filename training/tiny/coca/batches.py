"""Batches of generated pictures with their captions, and with captions that are wrong in one thing."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from open_clip.tokenizer import SimpleTokenizer
from PIL import Image
from torch import Tensor

from tasks.demo.media.clips import MOTIONS, change_clip, random_clip
from tasks.demo.media.pictures import COUNTS, PLACES, RELATIONS, SIZES, Group, change, random_picture
from tasks.demo.media.sentences import ASKED, ask
from tasks.demo.media.shapes import BACKGROUNDS, COLOURS, SHAPES, Scene
from training.tiny.coca.model import CONTEXT, END, MEAN, PAD, SIDE, START, STD, vocabulary
from training.tiny.coca.patches import patch_labels
from training.tiny.unseen import is_unseen
from training.tiny.vocabulary import Vocabulary

_CLIPS = 0.1
_ASKED = 0.2
_REDRAWN = 0.15


class Batch(NamedTuple):
    """Pictures, a right and a wrong text for each, which of the right texts are captions, and what each patch shows."""

    pictures: Tensor
    texts: Tensor
    wrong: Tensor
    captioned: Tensor
    shown: Tensor
    said: list[str]
    said_wrong: list[str]


class Words:
    """The tokens of the grammar, as rows of the small model."""

    def __init__(self) -> None:
        self._tokenizer = SimpleTokenizer()
        plural = [f"{shape}es" if shape == "cross" else f"{shape}s" for shape in SHAPES]
        texts = (*SHAPES, *plural, *COLOURS, *SIZES, *COUNTS, *PLACES, *RELATIONS, *MOTIONS, *BACKGROUNDS, *ASKED)
        grammar = " ".join([*texts, "on a background"]).replace("{}", "")
        self.vocabulary: Vocabulary = vocabulary(grammar.split(), self._tokenizer)
        self._rows = lru_cache(maxsize=None)(self._encode)

    def _encode(self, word: str) -> list[int]:
        return self.vocabulary.rows(self._tokenizer.encode(word))

    def rows(self, texts: list[str]) -> Tensor:
        """Encode texts as the model's tokenizer does, in rows of the small model."""
        start, end, pad = self.vocabulary.rows([START, END, PAD])
        encoded = np.full((len(texts), CONTEXT), pad)
        for line, text in zip(encoded, texts, strict=True):
            found = [start, *(row for word in text.split() for row in self._rows(word)), end]
            line[: len(found)] = found
        return torch.from_numpy(encoded)


def make_batch(words: Words, count: int, pairs: float, chance: np.random.Generator) -> Batch:
    """Make up a batch of texts that are not kept out; a share of `pairs` of the pictures shows two groups."""
    pictures: list[NDArray[np.uint8]] = []
    said: list[str] = []
    wrong: list[str] = []
    captioned: list[bool] = []
    shown: list[NDArray[np.int64]] = []
    while len(said) < count:
        if chance.random() < _CLIPS:
            clip = random_clip(chance)
            groups: tuple[Group, ...] = (clip.subject,)
            right, other, captions = clip.caption, change_clip(clip, chance).caption, False
            scene = clip.scene(chance.random())
        else:
            picture = random_picture(chance, pairs)
            right, other, captions = picture.caption, change(picture, chance)[0].caption, True
            groups, scene = picture.groups, picture.scene()
        if is_unseen(right):
            continue
        if chance.random() < _ASKED:
            right, captions = ask(right, int(chance.integers(len(ASKED)))), False
            if chance.random() < 0.5:
                other = ask(other, int(chance.integers(len(ASKED))))
        pictures.append(_seen(scene, chance))
        shown.append(patch_labels(groups, scene))
        said.append(right)
        wrong.append(other)
        captioned.append(captions)
    return Batch(
        normalise(np.stack(pictures), chance),
        words.rows(said),
        words.rows(wrong),
        torch.tensor(captioned),
        torch.from_numpy(np.stack(shown)),
        said,
        wrong,
    )


def _seen(scene: Scene, chance: np.random.Generator) -> NDArray[np.uint8]:
    """Draw at the model's size, or larger and made smaller, as pictures of other sizes will be."""
    if chance.random() >= _REDRAWN:
        return scene.paint(SIDE)
    large = Image.fromarray(scene.paint(int(chance.integers(96, 224))))
    if chance.random() < 0.5:
        coded = BytesIO()
        large.save(coded, "JPEG", quality=int(chance.integers(60, 95)))
        large = Image.open(coded)
    return np.asarray(large.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def normalise(pictures: NDArray[np.uint8], chance: np.random.Generator | None = None) -> Tensor:
    """Turn pictures (count, height, width, 3) into what the model takes, with a little noise if `chance` is given."""
    values = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype=np.float32) / 255
    if chance is not None:
        amount = chance.uniform(0, 0.02, (len(values), 1, 1, 1)).astype(np.float32)
        values += amount * chance.standard_normal(values.shape, dtype=np.float32)
    return torch.from_numpy((values - MEAN) / STD)
