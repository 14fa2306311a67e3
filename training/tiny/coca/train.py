"""How the tiny CoCa learns: to say what is on pictures, and to tell right captions from wrong ones."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from open_clip.coca_model import CoCa
from torch import Tensor

from tasks.demo.media.pictures import Picture, random_picture
from training.tiny.coca.batches import Words, make_batch, normalise
from training.tiny.coca.caption import caption_rows
from training.tiny.coca.loss import Calibration, losses
from training.tiny.coca.model import CONTEXT, END, PAD, START, make, save, shape
from training.tiny.coca.patches import PatchHead
from training.tiny.learner import Learner, Pace
from training.tiny.unseen import is_unseen

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Course(Pace):
    """How the tiny CoCa is trained."""

    steps: int = 3_400
    decay: int = 1_300
    batch: int = 64
    rate: float = 3e-3
    # The share of pictures with two groups grows from nothing to `pairs` within `easy` steps.
    easy: int = 1_000
    pairs: float = 0.5
    width: int = 128
    layers: int = 4
    text_layers: int = 2


class Training(Learner):
    """A CoCa on its way, with what helps it: the match of each word with the picture, and what each patch shows."""

    def __init__(self, course: Course) -> None:
        torch.manual_seed(course.seed)
        self.course = course
        self.words = Words()
        self.cfg = shape(len(self.words.vocabulary.tokens), course.width, course.layers, course.text_layers)
        self.model: CoCa = make(self.cfg)
        self.calibration = Calibration()
        self.head = PatchHead(course.width)
        super().__init__(course, self.model, [self.calibration, self.head])

    def losses(self, chance: np.random.Generator) -> dict[str, Tensor]:
        """Caption, contrast, match and patches of pictures that are made up."""
        course = self.course
        pairs = course.pairs * min(self.step / max(course.easy, 1), 1.0)
        batch = make_batch(self.words, course.batch, pairs, chance)
        return losses(self.model, self.calibration, self.head, batch, self.words.vocabulary)

    def write(self, place: Path) -> None:
        """Write the model as open_clip reads it."""
        save(self.model.state_dict(), self.cfg, self.words.vocabulary, place)

    def seen(self) -> str:
        """Say how many captions are exact, and how many pictures find their captions."""
        return ", ".join(f"{name} {share:.3f}" for name, share in self.look().items())

    def look(self, count: int = 200) -> dict[str, float]:
        """Measure on a few pictures whose captions were kept out of the training."""
        pictures = unseen_pictures(count, seed=1, pairs=self.course.pairs)
        seen = normalise(np.stack([picture.draw() for picture in pictures]))
        right = self.words.rows([picture.caption for picture in pictures])
        start, end, pad = self.words.vocabulary.rows([START, END, PAD])
        self.model.eval()
        said = caption_rows(self.model, seen, start, end, pad, CONTEXT)
        with torch.no_grad():
            nearest = (self.model.encode_image(seen) @ self.model.encode_text(right).T).argmax(1)
        self.model.train()
        padded = torch.nn.functional.pad(said, (0, CONTEXT - said.shape[1]), value=pad)
        exact = (padded == right).all(1)
        return {"exact": _mean(exact), "retrieved": _mean(nearest == torch.arange(count))}


def _mean(values: Tensor) -> float:
    return float(values.float().mean())


def unseen_pictures(count: int, seed: int, pairs: float = 0.5) -> list[Picture]:
    """Make up pictures with different captions, none of which any training used."""
    chance = np.random.default_rng((seed, 1 << 20))
    found: dict[str, Picture] = {}
    while len(found) < count:
        picture = random_picture(chance, pairs)
        if is_unseen(picture.caption):
            found.setdefault(picture.caption, picture)
    return list(found.values())


def train(course: Course, folder: Path, tell: Callable[[str], None] = _log.info) -> Training:
    """Train to the end, going on from what `folder` holds, and write the model to `folder/model`."""
    training = Training(course)
    training.learn(folder, tell)
    return training
