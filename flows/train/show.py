"""`winnow train`: read the settings, train, and print what came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import polars as pl
import typer

import warehouse
from flows.progress import Watch
from flows.train.record import Trained
from flows.verbs.answers import print_json
from flows.verbs.screen import drawn, screen
from schemas.errors import Terminal
from schemas.plan.file import parse_settings
from schemas.plan.train.language import DpoTraining, KtoTraining, RewardTraining
from schemas.plan.train.training import HeadTraining, ModerationTraining, Train
from training.evaluate.left_out import METRIC as LEFT_OUT
from training.evaluate.lengths import LENGTH_BINS
from training.evaluate.repeats import without_repeats
from warehouse.database import Warehouse
from warehouse.home import Home

Training = HeadTraining | ModerationTraining | RewardTraining | DpoTraining | KtoTraining
KINDS: dict[str, type[Training]] = {
    "head": HeadTraining,
    "moderation": ModerationTraining,
    "reward": RewardTraining,
    "dpo": DpoTraining,
    "kto": KtoTraining,
}


def run_training(
    kind: str, home: Path, config: Path | None, overrides: Sequence[str], at: int | None, *, as_json: bool
) -> None:
    """Train a model of this kind and print its evaluations. Raises Terminal for wrong input."""
    if kind not in KINDS:
        raise Terminal(f"winnow cannot train {kind!r}; it can train: {', '.join(KINDS)}")
    wanted = read_config(kind, config, overrides)
    opened = warehouse.open(Home.at(home, create=False), at)
    trained = train(opened, wanted, config.parent if config else Path())
    if as_json:
        print_json(as_data(trained))
    else:
        show_trained(trained)


def train(opened: Warehouse, wanted: Training, root: Path) -> Trained:
    """Train what is `wanted` and show how far it is. Raises Terminal for wrong input."""
    # What trains takes seconds to import.
    with Watch() as watch:
        if isinstance(wanted, HeadTraining):
            from flows.train.head import train_head

            return train_head(opened, wanted, root, watch.reached)
        if isinstance(wanted, ModerationTraining):
            from flows.train.moderation import train_moderation

            return train_moderation(opened, wanted, root, watch.reached)
        from flows.train.language import train_language

        return train_language(opened, wanted, root, watch.reached)


def planned(said: Train) -> list[Training]:
    """List what a plan trains, in the order of its kinds."""
    return [wanted for kind in KINDS if (wanted := getattr(said, kind)) is not None]


def as_data(trained: Trained) -> dict[str, Any]:
    """Say what a training came to, for programs."""
    return {
        "training_id": trained.training_id,
        "snapshot": trained.snapshot.snapshot,
        "is_new": trained.is_new,
        "model": str(trained.folder),
        "evaluations": evaluations_of(trained).to_dicts(),
    }


def show_trained(trained: Trained) -> None:
    """Print what a training came to."""
    console = screen()
    for title, table in _tables(evaluations_of(trained)).items():
        if table.height:
            console.print(drawn(table, title=title, most=table.height))
            console.print()
    state = "published with" if trained.is_new else "unchanged, as in"
    console.print(f"[bold]training {trained.training_id}[/] {state} snapshot {trained.snapshot.snapshot}")
    typer.echo(f"the model lies in {trained.folder}")


def evaluations_of(trained: Trained) -> pl.DataFrame:
    """Read the rows of `evaluations` that a training made."""
    found = warehouse.open(trained.home, trained.snapshot.snapshot).table("evaluations")
    return found.filter(pl.col("training_id") == trained.training_id).drop("training_id").collect()


def read_config(kind: str, place: Path | None, overrides: Sequence[str]) -> Training:
    """Read the settings of a training. Raises Terminal with every mistake and its line."""
    try:
        text = place.read_text(encoding="utf-8") if place else "{}"
    except (OSError, UnicodeDecodeError) as error:
        raise Terminal(f"cannot read the settings {place}: {error}") from error
    settings, mistakes, _ = parse_settings(KINDS[kind], text, overrides)
    if settings is None:
        told = [f"  {mistake}" for mistake in mistakes]
        raise Terminal("\n".join([f"{place or 'the settings'} cannot be trained with:", *told]))
    return settings


def _tables(evaluations: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Accuracies with their intervals first, then the other numbers of all pairs; their parts are for the report.

    A part that is the whole is left out, and so narrow are the tables that they fit a terminal of 80 columns.
    """
    told = without_repeats(evaluations)
    is_accuracy = pl.col("metric") == "accuracy"
    part = pl.coalesce("source", pl.format("length {}", "bin"), pl.lit("all"))
    place = pl.col("bin").replace_strict({name: at for at, name in enumerate(LENGTH_BINS)}, default=-1)
    accuracies = (
        told.filter(is_accuracy)
        .sort("dimension", place, maintain_order=True)
        .select("dimension", part.alias("pairs"), "value", "low", "high", "n", pl.col("baseline").alias("by length"))
    )
    is_whole = pl.col("source").is_null() & pl.col("bin").is_null()
    others = told.filter(~is_accuracy & is_whole).sort("dimension", maintain_order=True)
    gone = told.filter(pl.col("metric") == LEFT_OUT).select("n", why="bin")
    return {
        "left out": gone,
        "accuracy": accuracies,
        "further numbers": others.select("dimension", "metric", "value", "low", "high", "n"),
    }
