"""How well labels are told: average precision, precision, recall and F1 of each, and of all together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.evaluate.accuracy import RESAMPLES
from training.evaluate.rewards import Row

Numbers = NDArray[np.float64]
# So many resamples are held at a time.
_BLOCK: Final = 50
_PARTS: Final = ("average_precision", "precision", "recall", "f1")


class Judged(NamedTuple):
    """Items (n) and labels (l): how probable each is, what is true (NaN where nobody knows), and what is called.

    `groups` names what each item is resampled with.
    """

    labels: Sequence[str]
    probabilities: Numbers
    truth: Numbers
    called: NDArray[np.bool_]
    groups: pl.Series


def judge_labels(judged: Judged, seed: int) -> list[Row]:
    """Give the numbers of each label (`dimension`), and the macro means and micro F1 of all of them.

    Intervals are percentiles of a bootstrap of whole groups. `baseline` is what chance reaches in `average_precision`,
    and what calling everything positive reaches in `precision` and `f1`; `n` counts items. `positives` says how many of
    them have the label. All labels must have an item with and an item without them.
    """
    if not judged.labels:
        return []
    point = _measured(judged, np.ones((1, len(judged.truth))))
    drawn = [_measured(judged, weights) for weights in _draws(judged.groups, seed)]
    known = ~np.isnan(judged.truth)
    positives, n = np.nansum(judged.truth, axis=0), known.sum(axis=0)
    share = positives / n
    chance = {"average_precision": share, "precision": share, "f1": 2.0 * share / (1.0 + share)}
    rows: list[Row] = []
    for at, label in enumerate(judged.labels):
        said = {"dimension": label, "n": int(n[at])}
        rows.append({**said, "metric": "positives", "value": float(positives[at])})
        for metric in _PARTS:
            baseline = float(chance[metric][at]) if metric in chance else None
            around = [each[metric][:, at] for each in drawn]
            rows.append({**said, "metric": metric, "baseline": baseline, **_between(point[metric][0, at], around)})
    whole = {"n": int(known.any(axis=1).sum())}
    for metric in ("macro_average_precision", "macro_f1", "micro_f1"):
        around = [each[metric][:, 0] for each in drawn]
        rows.append({**whole, "metric": metric, **_between(point[metric][0, 0], around)})
    return rows


def judge_yes_or_no(is_right: NDArray[np.bool_], groups: pl.Series, metric: str, baseline: float, seed: int) -> Row:
    """Give the share of right answers under the name `metric`, with its interval and the `baseline`."""
    right = is_right.astype(np.float64)
    around = [(weights @ right) / weights.sum(axis=1) for weights in _draws(groups, seed)]
    return {"metric": metric, "baseline": baseline, "n": len(right), **_between(float(right.mean()), around)}


def average_precisions(scores: Numbers, wanted: NDArray[np.bool_], weights: Numbers) -> Numbers:
    """Return the average precision (b,) of `scores` (n,) for items that count as often as each row of `weights` says.

    With weights of one it is `average_precision`; NaN where nothing that is wanted counts.
    """
    order = np.argsort(-scores, kind="stable")
    ranked, counted = scores[order], weights[:, order]
    last = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    seen = np.cumsum(counted, axis=1)[:, last]
    hits = np.cumsum(counted * wanted[order], axis=1)[:, last]
    gained = np.diff(hits, axis=1, prepend=0.0)
    found: Numbers = _share((gained * _share(hits, seen, 0.0)).sum(axis=1), hits[:, -1])
    return found


def _measured(judged: Judged, weights: Numbers) -> dict[str, Numbers]:
    """Return each number (b, labels), or (b, 1) for all labels together, for each row of `weights` (b, n)."""
    found: dict[str, list[Numbers]] = {metric: [] for metric in _PARTS}
    true, missed, wrong = (np.zeros((len(weights), len(judged.labels))) for _ in range(3))
    for at in range(len(judged.labels)):
        known = ~np.isnan(judged.truth[:, at])
        counted, is_so = weights[:, known], judged.truth[known, at] > 0.5
        called = judged.called[known, at]
        found["average_precision"].append(average_precisions(judged.probabilities[known, at], is_so, counted))
        true[:, at], missed[:, at] = counted @ (is_so & called), counted @ (is_so & ~called)
        wrong[:, at] = counted @ (~is_so & called)
    precision, recall = _share(true, true + wrong, 0.0), _share(true, true + missed)
    f1 = _f1(true, missed, wrong)
    average = np.stack(found["average_precision"], axis=1)
    return {
        "average_precision": average,
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "macro_average_precision": _mean(average),
        "macro_f1": _mean(f1),
        "micro_f1": _f1(*(each.sum(axis=1, keepdims=True) for each in (true, missed, wrong))),
    }


def _f1(true: Numbers, missed: Numbers, wrong: Numbers) -> Numbers:
    # Without positives there is nothing to find.
    return np.where(true + missed > 0, _share(2.0 * true, 2.0 * true + missed + wrong), np.nan)


def _share(part: Numbers, whole: Numbers, otherwise: float = float("nan")) -> Numbers:
    found: Numbers = np.divide(part, whole, out=np.full(part.shape, otherwise), where=whole > 0)
    return found


def _mean(values: Numbers) -> Numbers:
    """Average over the labels that have a value."""
    known = ~np.isnan(values)
    return _share(np.where(known, values, 0.0).sum(axis=1, keepdims=True), known.sum(axis=1, keepdims=True))


def _between(value: float, around: Sequence[Numbers]) -> Row:
    """Say a value with the 95% interval of what was drawn; without two groups there is no interval."""
    drawn = np.concatenate(around) if around else np.array([])
    known = drawn[~np.isnan(drawn)]
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (float("nan"), float("nan"))
    return {"value": float(value), "low": float(low), "high": float(high)}


def _draws(groups: pl.Series, seed: int) -> Iterator[Numbers]:
    """Draw whole groups with replacement: how often each item counts (b, n); nothing if there is one group only."""
    names = groups.unique().sort()
    size = len(names)
    if size < 2:
        return
    member = names.search_sorted(groups).to_numpy()
    random = np.random.default_rng(seed)
    for _ in range(RESAMPLES // _BLOCK):
        drawn = random.multinomial(size, np.full(size, 1.0 / size), size=_BLOCK).astype(np.float64)
        yield drawn[:, member]
