"""`python -m training.tiny.speech --out DIR --seed 0`: train the tiny Whisper, going on from what DIR holds of it.

A training is made longer by more `--steps`, if it was not yet in its last `--decay` steps.

Ends with `DIR/model`: `dims.json` and `model.safetensors`. Needs the program espeak-ng.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.tiny.speech.train import Course, train
from training.tiny.speech.voices import kept_utterances, make_utterances

_SPOKEN = 9_000
_LOOKED_AT = 60


def main(
    out: Annotated[Path, typer.Option()], seed: int = 0, steps: int = Course.steps, decay: int = Course.decay
) -> None:
    """Train the tiny Whisper."""
    pool = kept_utterances(out / "utterances.npz", _SPOKEN, seed)
    unseen = make_utterances(_LOOKED_AT, seed, seen=False)
    train(Course(seed=seed, steps=steps, decay=decay), pool, unseen, out, typer.echo)


if __name__ == "__main__":
    typer.run(main)
