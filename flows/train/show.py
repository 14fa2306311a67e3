"""`winnow train`: read the settings, train, and print what came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import typer

import warehouse
from flows.progress import Watch
from flows.verbs.answers import print_json
from flows.verbs.screen import drawn, screen
from schemas.errors import Terminal
from schemas.plan_file import parse_settings
from schemas.training import HeadTraining
from warehouse.home import Home


def run_training(
    kind: str, home: Path, config: Path | None, overrides: Sequence[str], at: int | None, *, as_json: bool
) -> None:
    """Train a model of this kind and print its evaluations. Raises Terminal for wrong input."""
    if kind != "head":
        raise Terminal(f"winnow cannot train {kind!r}; it can train: head")
    wanted = read_config(config, overrides)
    opened = warehouse.open(Home.at(home, create=False), at)
    from flows.train.head import train_head  # torch takes seconds to import

    with Watch() as watch:
        trained = train_head(opened, wanted, config.parent if config else Path(), watch.reached)
    found = warehouse.open(Home.at(home, create=False)).table("evaluations")
    evaluations = found.filter(pl.col("training_id") == trained.training_id).drop("training_id").collect()
    if as_json:
        said = {"training_id": trained.training_id, "snapshot": trained.snapshot.snapshot, "is_new": trained.is_new}
        print_json({**said, "model": str(trained.folder), "evaluations": evaluations.to_dicts()})
        return
    console = screen()
    for table in _tables(evaluations):
        console.print(drawn(table))
        console.print()
    state = "" if trained.is_new else ", unchanged"
    console.print(
        f"[bold]training {trained.training_id}[/]{state}, published with snapshot {trained.snapshot.snapshot}"
    )
    typer.echo(f"the head lies in {trained.folder}")


def read_config(place: Path | None, overrides: Sequence[str]) -> HeadTraining:
    """Read the settings of a training. Raises Terminal with every mistake and its line."""
    try:
        text = place.read_text(encoding="utf-8") if place else "{}"
    except (OSError, UnicodeDecodeError) as error:
        raise Terminal(f"cannot read the settings {place}: {error}") from error
    settings, mistakes, _ = parse_settings(HeadTraining, text, overrides)
    if settings is None:
        told = [f"  {mistake}" for mistake in mistakes]
        raise Terminal("\n".join([f"{place or 'the settings'} cannot be trained with:", *told]))
    return settings


def _tables(evaluations: pl.DataFrame) -> list[pl.DataFrame]:
    """Accuracies with their intervals first, then the other numbers; the reliability diagram is for the report."""
    is_accuracy = pl.col("metric").str.starts_with("accuracy")
    accuracies = evaluations.filter(is_accuracy).rename({"baseline": "length alone"})
    others = evaluations.filter(~is_accuracy & (pl.col("metric") != "reliability"))
    return [
        accuracies.with_columns(pl.col("source", "bin").fill_null("all")),
        others.select("metric", "dimension", "value", "n"),
    ]
