"""What `winnow try` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from rich.text import Text

import warehouse
from flows.progress import waiting
from flows.trial.trial import On, Trial, try_rule
from flows.verbs.answers import print_json
from flows.verbs.screen import WIDEST_CELL, cell, drawn, screen
from schemas.errors import Terminal

WIDEST_BAR = 40
_TEXTS = ("prompt", "chosen", "rejected", "rationale")


def show_trial(expression: str, home: Path, on: str, *, as_json: bool) -> None:
    """Print what a rule would drop of the newest snapshot. Raises Terminal if it cannot be a rule."""
    if on not in ("pairs", "judgments"):
        raise Terminal(f"--on {on} is not known: use pairs or judgments")
    kind: On = "pairs" if on == "pairs" else "judgments"
    opened = warehouse.open(home)
    with waiting(f"looking at every kept {kind[:-1]}"):
        trial = try_rule(opened, expression, kind)
    if as_json:
        print_json(to_dict(trial))
    else:
        _print(trial)


def to_dict(trial: Trial) -> dict[str, object]:
    """Say a trial in plain values, as `--json` prints them."""
    return {
        name: value.to_dicts() if isinstance(value, pl.DataFrame) else value
        for name, value in vars(trial).items()
        if name != "histograms"
    } | {"histograms": {name: frame.to_dicts() for name, frame in trial.histograms.items()}}


def _print(trial: Trial) -> None:
    console = screen()
    share = trial.dropped / trial.counted if trial.counted else 0.0
    kept = "kept pairs" if trial.on == "pairs" else "usable comparisons"
    console.print(
        f"[bold]would drop {trial.dropped:,} of {trial.counted:,} {kept} ({share:.1%})[/] of snapshot {trial.snapshot}"
    )
    console.print(f"{trial.others:,} others are dropped already and not counted", highlight=False)
    for name, nulls in trial.nulls.items():
        if nulls:
            console.print(f"{name} is null in {nulls:,} of them ({nulls / trial.counted:.1%})", highlight=False)
    percent = trial.sources.with_columns(share=pl.format("{}%", (pl.col("share") * 100).round(1)))
    console.print(drawn(percent, title="by source"))
    for name, counted in trial.histograms.items():
        _print_histogram(name, counted)
    if trial.examples.height:
        console.print("examples", style="bold cyan")
    for example in trial.examples.to_dicts():
        _print_example(example)


def _print_histogram(name: str, counted: pl.DataFrame) -> None:
    if counted.is_empty():
        return
    console = screen()
    console.print(Text.assemble((name, "bold cyan"), "  █ would go  ░ would stay"))
    labels = [cell(label, WIDEST_CELL) for label in counted["label"].to_list()]
    widest, most = max(map(len, labels)), max(counted["rows"])
    for label, rows, goes in zip(labels, counted["rows"], counted["would_drop"], strict=True):
        bar = -(-rows * WIDEST_BAR // most)
        gone = -(-goes * WIDEST_BAR // most)
        console.print(
            Text.assemble(f"{label:>{widest}}  ", ("█" * gone, "red"), "░" * (bar - gone), f" {rows:,}"), no_wrap=True
        )


def _print_example(example: dict[str, Any]) -> None:
    console = screen()
    texts = {name: example.pop(name) for name in _TEXTS if name in example}
    id_ = example.pop("id")
    read = "  ".join(f"{name}: {cell(value, WIDEST_CELL)}" for name, value in example.items())
    console.print(f"{id_[:12]}  {read}", highlight=False)
    for name, text in texts.items():
        console.print(f"  {name:<9} {cell(text, console.width - 14)}", highlight=False, no_wrap=True)
