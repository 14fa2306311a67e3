"""The training loop of the tiny models, which may be stopped and goes on where it was."""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from training.tiny.schedule import optimisers, speed

_TOLD_EVERY = 50
_SMOOTHED = 0.98


@dataclass(frozen=True)
class Pace:
    """How long and how fast a model learns, and after how many steps it is saved and looked at."""

    steps: int
    decay: int
    batch: int
    rate: float
    warmup: int = 300
    seed: int = 0
    save_every: int = 250
    look_every: int = 500


class Learner(ABC):
    """A model on its way, with everything that the next step depends on."""

    def __init__(self, pace: Pace, model: nn.Module, helpers: Sequence[nn.Module]) -> None:
        self._pace = pace
        self._clipped = model
        self._modules = [model, *helpers]
        self._optimisers = optimisers(self._modules, pace.rate)
        self._parts: list[nn.Module | torch.optim.Optimizer] = [*self._modules, *self._optimisers]
        self.step = 0

    @abstractmethod
    def losses(self, chance: np.random.Generator) -> dict[str, Tensor]:
        """Make a batch and return its losses by name; what is random depends on `chance` alone."""

    @abstractmethod
    def write(self, place: Path) -> None:
        """Write the model to a folder, as those who use it read it."""

    @abstractmethod
    def seen(self) -> str:
        """Say in a few words how good the model is on what was kept out of the training."""

    def advance(self) -> dict[str, float]:
        """Take one step; return its losses by name."""
        pace = self._pace
        rate = pace.rate * speed(self.step, pace.steps, warmup=pace.warmup, decay=pace.decay)
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = rate
        parts = self.losses(np.random.default_rng((pace.seed, self.step)))
        total = sum(parts.values(), torch.zeros(()))
        for module in self._modules:
            module.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self._clipped.parameters(), 1.0)
        for optimiser in self._optimisers:
            optimiser.step()
        self.step += 1
        return {name: float(part.detach()) for name, part in parts.items()}

    def keep(self, place: Path) -> None:
        """Write everything that going on needs to `place`, in one step."""
        beside = place.with_suffix(".new")
        states = [part.state_dict() for part in self._parts]
        torch.save({"step": self.step, "states": states}, beside)
        os.replace(beside, place)

    def go_on(self, place: Path) -> None:
        """Take up what `keep` wrote."""
        kept = torch.load(place, weights_only=True)
        for part, state in zip(self._parts, kept["states"], strict=True):
            part.load_state_dict(state)
        self.step = kept["step"]

    def learn(self, folder: Path, tell: Callable[[str], None]) -> None:
        """Learn to the end, going on from what `folder` holds, and write the model to `folder/model`."""
        folder.mkdir(parents=True, exist_ok=True)
        kept = folder / "training.pt"
        if kept.exists():
            self.go_on(kept)
        summed: dict[str, float] = {}
        while self.step < self._pace.steps:
            parts = self.advance()
            summed = {name: _SMOOTHED * summed.get(name, part) + (1 - _SMOOTHED) * part for name, part in parts.items()}
            if self.step % _TOLD_EVERY == 0:
                tell(f"step {self.step}: " + ", ".join(f"{name} {part:.3f}" for name, part in summed.items()))
            if self.step % self._pace.save_every == 0:
                self.keep(kept)
            if self.step % self._pace.look_every == 0:
                tell(f"step {self.step}: {self.seen()}")
        self.keep(kept)
        self.write(folder / "model")
        how = json.dumps(asdict(self._pace), indent=1) + "\n"
        (folder / "model" / "course.json").write_text(how, encoding="utf-8")
