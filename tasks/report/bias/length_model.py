"""How much of a preference can be foretold from nothing but the lengths of the two answers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.report.intervals import with_wilson

_GROUP = ["source", "dimension"]
_FEWEST = 20
_STEPS = 50
# Keeps the weights finite where length foretells every training pair.
_RIDGE = 1e-3
_SIDES = ("chosen", "rejected")
Floats = npt.NDArray[np.float64]


def length_models(pairs: pl.DataFrame) -> pl.DataFrame:
    """Fit two models of length on the training pairs of each source and dimension, and test them on the held-out ones.

    `pairs` has source, dimension, part (`train`, `test` or null), tie, chosen_chars and rejected_chars; ties are left
    out. The model `rule` always takes the longer answer, or always the shorter one, whichever won more often in
    training. The model `logistic` gives a length the worth w1·x + w2·x² with x = ln(1 + characters) and takes the
    answer worth more (a Bradley-Terry model). An answer that a model cannot tell from the other counts as half right.

    Returns a row for each model: source, dimension, model, train, test, right, share, low, high, and `why`, which says
    why there is no share.
    """
    told = pairs.filter(~pl.col("tie"), pl.col("part").is_not_null()).drop_nulls(["chosen_chars", "rejected_chars"])
    rows = []
    for (source, dimension), group in sorted(told.partition_by(_GROUP, as_dict=True).items()):
        train, test = (_gaps(group.filter(pl.col("part") == part)) for part in ("train", "test"))
        about = {"source": source, "dimension": dimension, "train": len(train), "test": len(test)}
        if len(train) < _FEWEST or len(test) < _FEWEST:
            few, n = ("training", len(train)) if len(train) < _FEWEST else ("held-out", len(test))
            why = f"only {n} {few} pairs; at least {_FEWEST} are needed"
            rows += [about | {"model": name, "right": None, "why": why} for name in ("rule", "logistic")]
            continue
        rows.append(about | {"model": "rule", "right": _right(test[:, 0] * _direction(train[:, 0])), "why": None})
        rows.append(about | {"model": "logistic", "right": _right(test @ _fit(train)), "why": None})
    schema = {"source": pl.String, "dimension": pl.String, "model": pl.String, "train": pl.Int64, "test": pl.Int64,
              "right": pl.Float64, "why": pl.String}  # fmt: skip
    return with_wilson(pl.DataFrame(rows, schema=schema), "right", "test").with_columns(
        pl.when(pl.col("why").is_null()).then(pl.col("share", "low", "high"))
    )


def _gaps(pairs: pl.DataFrame) -> Floats:
    """How far the chosen answer is ahead of the rejected one in x and in x²."""
    chosen, rejected = (np.log1p(pairs[f"{side}_chars"].to_numpy().astype(np.float64)) for side in _SIDES)
    return np.column_stack([chosen - rejected, chosen**2 - rejected**2])


def _direction(gaps: Floats) -> float:
    return 1.0 if (gaps > 0).sum() >= (gaps < 0).sum() else -1.0


def _right(ahead: Floats) -> float:
    return float((ahead > 0).sum() + (ahead == 0).sum() / 2)


def _fit(gaps: Floats) -> Floats:
    """Find the weights by Newton's method; which answer is written first cannot matter, so there is no intercept."""
    scale = np.maximum(gaps.std(axis=0), 1e-9)
    x = gaps / scale
    weights: Floats = np.zeros(x.shape[1])
    for _ in range(_STEPS):
        lost = 1.0 / (1.0 + np.exp(np.clip(x @ weights, -30.0, 30.0)))
        gradient = x.T @ lost - _RIDGE * len(x) * weights
        curvature = (x * (lost * (1.0 - lost))[:, None]).T @ x + _RIDGE * len(x) * np.eye(x.shape[1])
        step = np.linalg.solve(curvature, gradient)
        weights = weights + step
        if np.abs(step).max() < 1e-9:
            break
    fitted: Floats = weights / scale
    return fitted
