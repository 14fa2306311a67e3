"""`python -m training.tiny.coca --out DIR --seed 0`: train the tiny CoCa, going on from what DIR holds of it.

A training is made longer by more `--steps`, if it was not yet in its last `--decay` steps.

Ends with `DIR/model`, a folder that open_clip opens as `local-dir:`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training.tiny.coca.train import Course, train


def main(
    out: Annotated[Path, typer.Option()], seed: int = 0, steps: int = Course.steps, decay: int = Course.decay
) -> None:
    """Train the tiny CoCa."""
    train(Course(seed=seed, steps=steps, decay=decay), out, typer.echo)


if __name__ == "__main__":
    typer.run(main)
