"""`python -m training.tiny.measure --coca DIR --whisper DIR --out FILE`: measure trained models on unseen items."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from training.tiny.coca.measure import measure_coca
from training.tiny.speech.measure import measure_whisper


def main(
    coca: Annotated[Path, typer.Option()],
    whisper: Annotated[Path, typer.Option()],
    out: Annotated[Path, typer.Option()],
) -> None:
    """Write what was measured as JSON."""
    told = {"coca": measure_coca(coca), "whisper": measure_whisper(whisper)}
    rounded = {model: {name: round(number, 4) for name, number in part.items()} for model, part in told.items()}
    out.write_text(json.dumps(rounded, indent=1) + "\n", encoding="utf-8")
    typer.echo(out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    typer.run(main)
