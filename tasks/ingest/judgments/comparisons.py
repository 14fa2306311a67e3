"""The comparisons of each row: who was preferred, said by the row itself or by its annotators' votes."""

from __future__ import annotations

from collections.abc import Mapping as Names
from collections.abc import Sequence
from typing import Any

import polars as pl

from schemas.mapping.mapping import Mapping, Winner, steps
from schemas.mapping.opinions import VoteTable
from tasks.ingest.judgments.choices import Choice, between_parts, picked
from tasks.ingest.judgments.outcomes import Verdict, by_strength, flagged, labelled, number, scored, weighted
from tasks.ingest.rows.faults import Faults, absent, mistyped
from tasks.ingest.rows.jsontext import compact
from tasks.ingest.rows.paths import MISSING, Doc, column, elements, optional, value

SCHEMA = pl.Schema(
    {
        "row": pl.Int64(),
        "dimension": pl.String(),
        "place_a": pl.Int64(),
        "place_b": pl.Int64(),
        "outcome": pl.String(),
        "outcome_raw": pl.String(),
        "strength": pl.Float64(),
        "annotator_id": pl.String(),
        "n_votes": pl.Int64(),
        "vote_share_a": pl.Float64(),
        "rationale": pl.String(),
    }
)


def read_comparisons(
    mapping: Mapping, docs: Sequence[Doc], judges: Sequence[str | None], voters: Names[str, str], faults: Faults
) -> pl.DataFrame:
    """Read every judgment between two responses; rows without the judging column get a fault.

    `judges` holds each row's annotator; `voters` the annotators that have a column of votes each.
    """
    frames = [SCHEMA.to_frame()]
    for dimension, winner in mapping.winner.items():
        if winner.is_voted:
            frame = _votes(winner.votes or mapping.annotators, winner, docs, voters)
        elif winner.pick is not None:
            frame = _chosen(winner, picked(winner, docs, faults), docs, judges)
        elif winner.always is not None and winner.of_parts:
            frame = _chosen(winner, between_parts(mapping, winner, docs), docs, judges)
        elif winner.always is not None:
            frame = _always(winner, docs, judges)
        else:
            frame = _stated(winner, docs, judges, faults)
        places = [pl.lit(winner.a, pl.Int64).alias("place_a"), pl.lit(winner.b, pl.Int64).alias("place_b")]
        frame = frame.with_columns(
            pl.lit(winner.dimension or dimension).alias("dimension"), *([] if "place_a" in frame.columns else places)
        )
        frames.append(frame.select(SCHEMA.names()))
    return pl.concat(frames)


def _always(winner: Winner, docs: Sequence[Doc], judges: Sequence[str | None]) -> pl.DataFrame:
    verdict = labelled(winner.model_copy(update={"values": {"": winner.always}}), [None])[0]
    if winner.strength is None:
        frame = pl.DataFrame({"row": pl.int_range(len(docs), eager=True)}).with_columns(
            outcome=pl.lit(verdict.outcome), strength=pl.lit(verdict.strength, pl.Float64)
        )
    else:
        verdicts = weighted(winner, [verdict] * len(docs), optional(docs, winner.strength))
        frame = _frame(range(len(docs)), verdicts)
    return _with_details(frame.with_columns(outcome_raw=pl.lit(None, pl.String)), winner, docs, judges)


def _chosen(
    winner: Winner, choices: Sequence[Choice], docs: Sequence[Doc], judges: Sequence[str | None]
) -> pl.DataFrame:
    """Give what is said of the row's only two responses to each pair that `choices` names."""
    rows = pl.DataFrame(choices, schema={"row": pl.Int64, "place_a": pl.Int64, "place_b": pl.Int64}, orient="row")
    said = _always(winner if winner.always is not None else winner.model_copy(update={"always": "a"}), docs, judges)
    return rows.join(said, on="row", how="left", maintain_order="left")


def _stated(winner: Winner, docs: Sequence[Doc], judges: Sequence[str | None], faults: Faults) -> pl.DataFrame:
    """Read judgments that the row itself states, in a label, in scores, in flags or in a signed number."""
    gone: Faults = {}
    if winner.flags:
        said: list[Any] = _side_by_side(list(winner.flags.values()), docs, gone)
        verdicts = flagged(winner, said)
    elif winner.scores is not None:
        a, b, said = _scores(winner, docs, gone)
        verdicts = scored(winner, a, b)
    else:
        path = winner.column or winner.strength or ""
        said = [each[0] for each in _side_by_side([path], docs, gone)]
        verdicts = by_strength(winner, said) if winner.column is None else labelled(winner, said)
        if winner.column is not None and winner.strength is not None:
            verdicts = weighted(winner, verdicts, optional(docs, winner.strength))
    raw = pl.Series("outcome_raw", [compact(found) for found in said], dtype=pl.String)
    frame = _with_details(_frame(range(len(docs)), verdicts).with_columns(raw), winner, docs, judges)
    if winner.is_optional:
        is_said = [row not in gone and said[row] is not None for row in range(len(docs))]
        return frame.filter(pl.Series(is_said, dtype=pl.Boolean))
    for row, fault in gone.items():
        faults.setdefault(row, fault)
    return frame


def _side_by_side(paths: Sequence[str], docs: Sequence[Doc], faults: Faults) -> list[list[Any]]:
    """Read several columns that a judgment needs, row by row; null, and a fault, where a row lacks one."""
    named = [(path, column(docs, path)) for path in paths]
    for path, values in named:
        for row, found in enumerate(values):
            if found is MISSING:
                faults.setdefault(row, absent(path, found, docs[row]))
    rows = zip(*(values for _, values in named), strict=True)
    return [[None if found is MISSING else found for found in row] for row in rows]


def _scores(winner: Winner, docs: Sequence[Doc], faults: Faults) -> tuple[list[Any], list[Any], list[Any]]:
    """Read the scores of responses a and b, and the list of all of them as the source has it."""
    if isinstance(winner.scores, list):
        said: list[Any] = _side_by_side(winner.scores, docs, faults)
    else:
        path = winner.scores or ""
        said = column(docs, path)
        for row, found in enumerate(said):
            if not isinstance(found, list):
                is_gone = found is None or found is MISSING
                faults.setdefault(row, absent(path, found, docs[row]) if is_gone else mistyped(path, found, "a list"))
                said[row] = []
    scores = [[each[at] if at < len(each) else None for each in said] for at in (winner.a, winner.b)]
    return scores[0], scores[1], [[None if each is MISSING else each for each in row] for row in said]


def _with_details(
    frame: pl.DataFrame, winner: Winner, docs: Sequence[Doc], judges: Sequence[str | None]
) -> pl.DataFrame:
    return frame.with_columns(
        pl.Series("annotator_id", judges, dtype=pl.String),
        pl.Series("n_votes", [1 if found is None else int(found) for found in _numbers(docs, winner.n_votes)]),
        pl.Series("vote_share_a", _numbers(docs, winner.share_a), dtype=pl.Float64),
        pl.Series("rationale", _texts(optional(docs, winner.rationale)), dtype=pl.String),
    ).with_columns(pl.when(pl.col("vote_share_a").is_between(0, 1)).then("vote_share_a"))


def _texts(values: Sequence[Any]) -> list[str | None]:
    return [each if isinstance(each, str) else None for each in values]


def _numbers(docs: Sequence[Doc], path: str | None) -> list[float | None]:
    return [None] * len(docs) if path is None else [number(found) for found in optional(docs, path)]


def _votes(
    table: str | list[str] | VoteTable | None, winner: Winner, docs: Sequence[Doc], voters: Names[str, str]
) -> pl.DataFrame:
    """Read one judgment for each annotator: elements of a long table, or columns of votes."""
    cast: list[tuple[int, Any, Any, Any]] = []
    if isinstance(table, VoteTable):
        ways = [None if path is None else steps(path) for path in (table.vote, table.id, table.rationale)]
        for row, found in enumerate(optional(docs, table.each)):
            for vote in elements(found) or []:
                said = [None if way is None else value(vote, way) for way in ways]
                label, who, why = (None if each is MISSING else each for each in said)
                cast.append((row, label, who, why))
    elif isinstance(table, list):
        ballots = [(voters[path], optional(docs, path)) for path in table]
        cast = [(r, votes[r], who, None) for r in range(len(docs)) for who, votes in ballots if votes[r] is not None]
    rows, labels, names, reasons = (list(each) for each in zip(*cast, strict=True)) if cast else ([], [], [], [])
    return _frame(rows, labelled(winner, labels)).with_columns(
        pl.Series("outcome_raw", [compact(each) for each in labels], dtype=pl.String),
        pl.Series("annotator_id", _texts(names), dtype=pl.String),
        pl.lit(1, pl.Int64).alias("n_votes"),
        pl.lit(None, pl.Float64).alias("vote_share_a"),
        pl.Series("rationale", _texts(reasons), dtype=pl.String),
    )


def _frame(rows: Sequence[int] | range, verdicts: Sequence[Verdict]) -> pl.DataFrame:
    columns = zip(*verdicts, strict=True) if verdicts else ((), ())
    outcomes, strengths = (list(each) for each in columns)
    return pl.DataFrame(
        {"row": list(rows), "outcome": outcomes, "strength": strengths},
        schema={"row": pl.Int64, "outcome": pl.String, "strength": pl.Float64},
    )
