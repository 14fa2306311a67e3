"""How the tiny Whisper learns: to write down what is said, and to find where each word is."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from tasks.demo.media.sentences import words
from training.tiny.learner import Learner, Pace
from training.tiny.speech.batches import make_batch, spectrograms
from training.tiny.speech.forward import decode, encode
from training.tiny.speech.model import Codes, dimensions, make, save
from training.tiny.speech.score import word_errors
from training.tiny.speech.voices import Utterance

_log = logging.getLogger(__name__)
_ALIGNED = 0.5


@dataclass(frozen=True)
class Course(Pace):
    """How the tiny Whisper is trained."""

    steps: int = 2_950
    decay: int = 400
    batch: int = 24
    rate: float = 2e-3
    state: int = 128
    layers: int = 2


class Training(Learner):
    """A Whisper on its way, the utterances that it learns from, and those that it is looked at by."""

    def __init__(self, course: Course, pool: Sequence[Utterance], unseen: Sequence[Utterance] = ()) -> None:
        torch.manual_seed(course.seed)
        self.course = course
        self.pool, self.unseen = pool, unseen
        self.codes = Codes(words())
        self.shape = dimensions(len(self.codes.vocabulary.tokens), course.state, course.layers)
        self.model = make(self.shape)
        # Helps the encoder to find where each word is; its blank is the last row. Not part of the finished model.
        self.aligner = nn.Linear(course.state, self.shape.n_vocab + 1)
        super().__init__(course, self.model, [self.aligner])

    def losses(self, chance: np.random.Generator) -> dict[str, Tensor]:
        """What the words of utterances of the pool cost, and their alignment."""
        batch = make_batch(self.pool, self.codes, self.course.batch, chance)
        heard = encode(self.model, batch.mels, float(chance.random()))
        logits = decode(self.model, batch.tokens, heard)
        told = batch.following >= 0
        spelt = self.codes.vocabulary.cross_entropy(logits, batch.following, told)
        return {"words": spelt, "alignment": _ALIGNED * self._alignment(heard.frames[:, : heard.own], batch.words)}

    def write(self, place: Path) -> None:
        """Write `dims.json` and `model.safetensors`."""
        save(self.model.state_dict(), self.shape, self.codes.vocabulary, place)

    def seen(self) -> str:
        """Say how many words of the unseen utterances are wrong."""
        return f"word error rate {self.look(self.unseen):.3f}"

    def _alignment(self, heard: Tensor, said: Sequence[list[int]]) -> Tensor:
        odds = self.aligner(heard).log_softmax(-1).transpose(0, 1)
        lengths = torch.tensor([len(words) for words in said])
        targets = torch.tensor([row for words in said for row in words])
        frames = torch.full((len(said),), odds.shape[0])
        return nn.functional.ctc_loss(
            odds, targets, frames, lengths, blank=self.shape.n_vocab, reduction="mean", zero_infinity=True
        )

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
    training = Training(course, pool, unseen)
    training.learn(folder, tell)
    return training
