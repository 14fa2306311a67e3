"""The training loop of the tiny Whisper, which may be stopped and goes on where it was."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tasks.demo.media.sentences import words
from training.tiny.schedule import optimisers, speed
from training.tiny.speech.batches import Batch, make_batch, spectrograms
from training.tiny.speech.forward import decode, encode
from training.tiny.speech.model import Codes, dimensions, make, save
from training.tiny.speech.score import word_errors
from training.tiny.speech.voices import Utterance

_log = logging.getLogger(__name__)
_ALIGNED = 0.5


@dataclass(frozen=True)
class Course:
    """How the tiny Whisper is trained."""

    steps: int = 2_950
    decay: int = 400
    warmup: int = 300
    batch: int = 24
    rate: float = 2e-3
    seed: int = 0
    save_every: int = 250
    look_every: int = 500
    state: int = 128
    layers: int = 2


class Training:
    """A model on its way, with everything that the next step depends on."""

    def __init__(self, course: Course, pool: Sequence[Utterance]) -> None:
        torch.manual_seed(course.seed)
        self.course = course
        self.pool = pool
        self.codes = Codes(words())
        self.shape = dimensions(len(self.codes.vocabulary.tokens), course.state, course.layers)
        self.model = make(self.shape)
        # Helps the encoder to find where each word is; its blank is the last row. Not part of the finished model.
        self.aligner = nn.Linear(course.state, self.shape.n_vocab + 1)
        self.optimisers = optimisers([self.model, self.aligner], course.rate)
        self.step = 0

    def advance(self) -> dict[str, float]:
        """Take one step; return its losses by name."""
        course = self.course
        chance = np.random.default_rng((course.seed, self.step))
        batch = make_batch(self.pool, self.codes, course.batch, chance)
        rate = course.rate * speed(self.step, course.steps, warmup=course.warmup, decay=course.decay)
        for optimiser in self.optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        parts = self._losses(batch, float(chance.random()))
        total = sum(parts.values(), torch.zeros(()))
        self.model.zero_grad()
        self.aligner.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimiser in self.optimisers:
            optimiser.step()
        self.step += 1
        return {name: float(part.detach()) for name, part in parts.items()}

    def _losses(self, batch: Batch, offset: float) -> dict[str, Tensor]:
        heard = encode(self.model, batch.mels, offset)
        logits = decode(self.model, batch.tokens, heard)
        told = batch.following >= 0
        spelt = self.codes.vocabulary.cross_entropy(logits, batch.following, told)
        return {"words": spelt, "alignment": _ALIGNED * self._alignment(heard.frames[:, : heard.own], batch.words)}

    def _alignment(self, heard: Tensor, said: Sequence[list[int]]) -> Tensor:
        odds = self.aligner(heard).log_softmax(-1).transpose(0, 1)
        lengths = torch.tensor([len(words) for words in said])
        targets = torch.tensor([row for words in said for row in words])
        frames = torch.full((len(said),), odds.shape[0])
        return nn.functional.ctc_loss(
            odds, targets, frames, lengths, blank=self.shape.n_vocab, reduction="mean", zero_infinity=True
        )

    def keep(self, place: Path) -> None:
        """Write everything that going on needs to `place`, in one step."""
        beside = place.with_suffix(".new")
        parts = (self.model, self.aligner, *self.optimisers)
        torch.save({"step": self.step, "states": [part.state_dict() for part in parts]}, beside)
        os.replace(beside, place)

    def go_on(self, place: Path) -> None:
        """Take up what `keep` wrote."""
        kept = torch.load(place, weights_only=True)
        for part, state in zip((self.model, self.aligner, *self.optimisers), kept["states"], strict=True):
            part.load_state_dict(state)
        self.step = kept["step"]

    def export(self, place: Path) -> None:
        """Write the model, `dims.json` and `model.safetensors`, and beside it how it was trained."""
        save(self.model.state_dict(), self.shape, self.codes.vocabulary, place)
        (place / "course.json").write_text(json.dumps(asdict(self.course), indent=1) + "\n", encoding="utf-8")

    @torch.no_grad()
    def look(self, utterances: Sequence[Utterance]) -> float:
        """Return the share of wrong words in utterances that are not of the pool, by the most probable next token."""
        heard = encode(self.model, spectrograms([said.samples for said in utterances]))
        so_far = torch.tensor([[self.codes.start, self.codes.timeless]] * len(utterances))
        for _ in range(30):
            best = decode(self.model, so_far, heard)[:, -1].argmax(-1)
            so_far = torch.cat([so_far, best[:, None]], dim=1)
        full = self.codes.vocabulary.tokens
        texts = []
        for row in so_far[:, 2:].tolist():
            ended = row.index(self.codes.end) if self.codes.end in row else len(row)
            texts.append(self.codes.tokenizer.decode([full[token] for token in row[:ended]]))
        return word_errors([said.sentence for said in utterances], texts)


def train(
    course: Course,
    pool: Sequence[Utterance],
    unseen: Sequence[Utterance],
    folder: Path,
    tell: Callable[[str], None] = _log.info,
) -> Training:
    """Train to the end, going on from what `folder` holds, and write the model to `folder/model`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "training.pt"
    training = Training(course, pool)
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
            tell(f"step {training.step}: word error rate {training.look(unseen):.3f}")
    training.keep(kept)
    training.export(folder / "model")
    return training
