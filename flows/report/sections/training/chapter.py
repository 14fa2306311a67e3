"""The chapter on trainings: the newest of each kind, what it was learnt from, and what it is worth."""

from __future__ import annotations

from typing import Any

import polars as pl

from flows.report.material import Material
from flows.report.parts import Fact, Figure, Row, Section, Table
from flows.report.sections.training.accuracy import accuracy, headline
from flows.report.sections.training.calibration import calibration
from flows.report.sections.training.curve import curve
from flows.report.sections.training.left_out import left_out
from flows.report.sections.training.moderation import SHOWN, moderation
from flows.report.sections.training.suspects import doubtful, suspects
from flows.report.wording import name, plural, span
from training.evaluate.left_out import METRIC as LEFT_OUT
from training.evaluate.repeats import without_repeats

# Of a kind that this version does not know the table's own word is shown.
_KINDS = {"head": "Reward head", "moderation": "Moderation", "reward": "Reward model", "dpo": "DPO", "kto": "KTO"}
_SHORT = 12


def training(material: Material) -> Section | None:
    """Show the newest training of each kind, or nothing if nothing was trained yet."""
    trainings = material.opened.table("trainings").collect()
    if trainings.is_empty():
        return None
    newest = trainings.sort("started_at", "training_id").unique("kind", keep="last").sort("kind")
    evaluations = material.opened.table("evaluations").collect().with_columns(pl.col("dimension").fill_null("overall"))
    figures, facts, findings = [_about(newest, trainings.height)], [], []
    for row in newest.iter_rows(named=True):
        kind, of_it = _title(row["kind"]), evaluations.filter(pl.col("training_id") == row["training_id"])
        told = without_repeats(of_it).fill_nan(None)
        figures += [*_figures(row["kind"], kind, told), *curve(kind, row["curve"]), *left_out(kind, told)]
        found = headline(told)
        if found is not None:
            right, by_length = span(found.values), span(found.baselines)
            tone = "good" if found.beats_length else "look"
            facts.append(Fact(kind, right, f"right on test pairs; length alone {by_length}", tone))
            findings.append(f"{kind} right {right}, length alone {by_length}")
    doubts = doubtful(material.opened)
    if doubts is not None:
        figures.append(suspects(material.opened, doubts))
        facts.append(
            Fact("doubtful labels", f"{doubts.many:,}", f"of {doubts.judged:,} are more likely wrong than right")
        )
    return Section(
        "training",
        "Training",
        "What a model that learns from these pairs can do on pairs that it has not seen; how far that is more than "
        "preferring what is longer, and which labels it does not believe.",
        figures,
        facts,
        "; ".join(findings) or None,
    )


def _figures(key: str, kind: str, told: pl.DataFrame) -> list[Figure]:
    rest = told.filter(~pl.col("metric").is_in([*SHOWN, LEFT_OUT]))
    # What judges no pairs has no accuracy to show.
    right = [] if key == "moderation" else [accuracy(kind, told)]
    return [*right, *moderation(kind, told), *calibration(kind, rest)]


def _title(kind: str) -> str:
    return _KINDS.get(kind, name(kind))


def _about(newest: pl.DataFrame, trained: int) -> Figure:
    rows = [_line(row) for row in newest.iter_rows(named=True)]
    older = "" if trained == len(rows) else f" `trainings` and `evaluations` hold {plural(trained, 'training')} in all."
    return Figure(
        "What was trained",
        f"The newest training of each kind.{older}",
        table=Table(["kind", "model", "revision", "started", "device", "seconds", "seed", "snapshot"], rows, texts=5),
        source="The column config of the table trainings holds every setting.",
    )


def _line(row: dict[str, Any]) -> Row:
    return [
        _title(row["kind"]), name(row["model"] or ""), name((row["revision"] or "")[:_SHORT]),
        f"{row['started_at']:%Y-%m-%d %H:%M}", name(row["device"] or ""), f"{row['seconds']:,.0f}", f"{row['seed']}",
        f"{row['snapshot']}",
    ]  # fmt: skip
