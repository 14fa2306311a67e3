"""Judge a moderator: each label, all labels, whether anything is wrong at all, and labels turned round on purpose."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from schemas.plan.train.training import ModerationTraining
from training.evaluate.accuracy import average_precision
from training.evaluate.labels import Judged, judge_labels, judge_yes_or_no
from training.evaluate.rewards import Row
from training.head.design import Floats
from training.moderation.learn import Learnt, Mask, Places, Truth, judge_out_of_fold, learn

TOO_FEW = "too_few_positives"


def evaluate(
    learnt: Learnt, features: Floats, truth: Mapping[str, Truth], places: Places, components: pl.Series, seed: int
) -> list[Row]:
    """Judge on the test split: the numbers of `judge_labels`, and `is_safe_accuracy`.

    An item is called safe if no label is called, and is safe if none of all its labels is true; `baseline` is the share
    of the larger of the two. A label that is not learnt, or that the test split has no item with or without, is named
    in a row `too_few_positives`, whose value and n count its positives and items in all splits; it is part of no mean.
    """
    rows = [_named(label, truth[label]) for label in learnt.too_few]
    probabilities = learnt.moderator.probabilities(features[places.test])
    thresholds = np.array([learnt.moderator.thresholds[label] for label in learnt.strengths])
    called = probabilities >= thresholds
    at = [column for column, label in enumerate(learnt.strengths) if _has_both(truth[label][places.test])]
    labels = [list(learnt.strengths)[column] for column in at]
    rows += [_named(label, truth[label]) for label in learnt.strengths if label not in labels]
    groups = components.filter(pl.Series(places.test))
    told = np.stack([truth[label][places.test] for label in labels], axis=1) if labels else np.zeros((0, 0))
    rows += judge_labels(Judged(labels, probabilities[:, at], told, called[:, at], groups), seed)
    return rows + _judge_safe(np.any(called, axis=1), truth, places, groups, seed)


def judge_folds(
    learnt: Learnt, features: Floats, truth: Mapping[str, Truth], components: pl.Series, config: ModerationTraining
) -> list[Row]:
    """Give `average_precision_out_of_fold` of every learnt label, on the items of all splits."""
    found = judge_out_of_fold(features, truth, components.to_list(), learnt, config.folds)
    rows: list[Row] = []
    for at, label in enumerate(learnt.strengths):
        known = ~np.isnan(truth[label]) & ~np.isnan(found[:, at])
        values = truth[label][known] > 0.5
        rows.append({
            "dimension": label, "metric": "average_precision_out_of_fold", "n": int(known.sum()),
            "value": average_precision(found[known, at], values), "baseline": float(values.mean()),
        })  # fmt: skip
    return rows


def find_planted_flips(
    learnt: Learnt,
    features: Floats,
    truth: Mapping[str, Truth],
    places: Places,
    components: pl.Series,
    config: ModerationTraining,
) -> list[Row]:
    """Turn round the share `planted_flips` of the labels and look for them as for any wrong label.

    Gives `suspects_found` by label: the average precision of the probability that a label is wrong, out of fold, beside
    the share as what chance would reach. Strengths are tuned on labels as noisy as those that are learnt from.
    """
    random = np.random.default_rng(config.seed)
    is_flipped = {label: random.random(len(truth[label])) < config.planted_flips for label in sorted(truth)}
    noisy = {label: np.where(is_flipped[label], 1.0 - values, values) for label, values in truth.items()}
    again = learn(learnt.moderator.design, features, noisy, places, config)
    found = judge_out_of_fold(features, noisy, components.to_list(), again, config.folds)
    rows: list[Row] = []
    for at, label in enumerate(again.strengths):
        known = ~np.isnan(noisy[label]) & ~np.isnan(found[:, at])
        doubt = np.abs(noisy[label][known] - found[known, at])
        flips = is_flipped[label][known]
        rows.append({
            "dimension": label, "metric": "suspects_found", "value": average_precision(doubt, flips),
            "baseline": float(flips.mean()), "n": int(known.sum()),
        })  # fmt: skip
    return rows


def beside(rows: list[Row], suffix: str) -> list[Row]:
    """Name the numbers that two models share by the one that they are of."""
    shared = ("average_precision", "f1", "macro_average_precision", "macro_f1", "micro_f1", "is_safe_accuracy")
    return [{**row, "metric": f"{row['metric']}_{suffix}"} for row in rows if row["metric"] in shared]


def _judge_safe(is_called: Mask, truth: Mapping[str, Truth], places: Places, groups: pl.Series, seed: int) -> list[Row]:
    told = np.stack([values[places.test] for values in truth.values()], axis=1)
    # One true label is enough; to be safe, all of them must be known to be false.
    is_known = (told == 1.0).any(axis=1) | ~np.isnan(told).any(axis=1)
    if not is_known.any():
        return []
    is_unsafe = (told == 1.0).any(axis=1)[is_known]
    right = is_called[is_known] == is_unsafe
    most = max(float(is_unsafe.mean()), 1.0 - float(is_unsafe.mean()))
    return [judge_yes_or_no(right, groups.filter(pl.Series(is_known)), "is_safe_accuracy", most, seed)]


def _named(label: str, values: Truth) -> Row:
    known = values[~np.isnan(values)]
    return {"dimension": label, "metric": TOO_FEW, "value": float(known.sum()), "n": len(known)}


def _has_both(values: Truth) -> bool:
    known = values[~np.isnan(values)]
    return bool(len(known) and 0.0 < known.mean() < 1.0)
