"""The training loop of the tiny CoCa, which may be stopped and goes on where it was."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from open_clip.coca_model import CoCa
from torch import Tensor, nn

from tasks.demo.media.pictures import Picture, random_picture
from training.tiny.coca.batches import Words, make_batch, normalise
from training.tiny.coca.caption import caption_rows
from training.tiny.coca.loss import Calibration, losses
from training.tiny.coca.model import CONTEXT, END, PAD, START, make, save, shape
from training.tiny.coca.patches import PatchHead
from training.tiny.schedule import optimisers, speed
from training.tiny.unseen import is_unseen

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Course:
    """How the tiny CoCa is trained."""

    steps: int = 3_400
    decay: int = 1_300
    warmup: int = 300
    batch: int = 64
    rate: float = 3e-3
    # The share of pictures with two groups grows from nothing to `pairs` within `easy` steps.
    easy: int = 1_000
    pairs: float = 0.5
    seed: int = 0
    save_every: int = 250
    look_every: int = 500
    width: int = 128
    layers: int = 4
    text_layers: int = 2


class Training:
    """A model on its way, with everything that the next step depends on."""

    def __init__(self, course: Course) -> None:
        torch.manual_seed(course.seed)
        self.course = course
        self.words = Words()
        self.cfg = shape(len(self.words.vocabulary.tokens), course.width, course.layers, course.text_layers)
        self.model: CoCa = make(self.cfg)
        self.calibration = Calibration()
        self.head = PatchHead(course.width)
        self.optimisers = optimisers(self._modules, course.rate)
        self.step = 0

    @property
    def _modules(self) -> tuple[nn.Module, ...]:
        return self.model, self.calibration, self.head

    @property
    def _parts(self) -> list[nn.Module | torch.optim.Optimizer]:
        return [*self._modules, *self.optimisers]

    def advance(self) -> dict[str, float]:
        """Take one step; return its losses by name."""
        course = self.course
        pairs = course.pairs * min(self.step / max(course.easy, 1), 1.0)
        batch = make_batch(self.words, course.batch, pairs, np.random.default_rng((course.seed, self.step)))
        rate = course.rate * speed(self.step, course.steps, warmup=course.warmup, decay=course.decay)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        parts = losses(self.model, self.calibration, self.head, batch, self.words.vocabulary)
        total = sum(parts.values(), torch.zeros(()))
        for module in self._modules:
            module.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        return {name: float(part.detach()) for name, part in parts.items()}

    def keep(self, place: Path) -> None:
        """Write everything that going on needs to `place`, in one step."""
        beside = place.with_suffix(".new")
        torch.save({"step": self.step, "states": [part.state_dict() for part in self._parts]}, beside)
        os.replace(beside, place)

    def go_on(self, place: Path) -> None:
        """Take up what `keep` wrote."""
        kept = torch.load(place, weights_only=True)
        for part, state in zip(self._parts, kept["states"], strict=True):
            part.load_state_dict(state)
        self.step = kept["step"]

    def export(self, place: Path) -> None:
        """Write the model as open_clip reads it, and beside it how it was trained."""
        save(self.model.state_dict(), self.cfg, self.words.vocabulary, place)
        (place / "course.json").write_text(json.dumps(asdict(self.course), indent=1) + "\n", encoding="utf-8")

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
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "training.pt"
    training = Training(course)
    if kept.exists():
        training.go_on(kept)
    summed: dict[str, float] = {}
    while training.step < course.steps:
        parts = training.advance()
        summed = {name: 0.98 * summed.get(name, part) + 0.02 * part for name, part in parts.items()}
        if training.step % 50 == 0:
            tell(f"step {training.step}: " + ", ".join(f"{name} {part:.3f}" for name, part in summed.items()))
        if training.step % course.save_every == 0:
            training.keep(kept)
        if training.step % course.look_every == 0:
            tell(f"step {training.step}: {training.look()}")
    training.keep(kept)
    training.export(folder / "model")
    return training
