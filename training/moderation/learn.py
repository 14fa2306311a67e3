"""From labelled items to a moderator: for every label that is frequent enough a line, a threshold and its tuning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from schemas.errors import Terminal
from schemas.plan.train.training import ModerationTraining
from training.head.design import Contents, Design, Floats
from training.moderation.logistic import Told, best_threshold, fit, positive_weight, tune

Truth = NDArray[np.float64]
Mask = NDArray[np.bool_]


class Places(NamedTuple):
    """Items as rows of `Contents` (n,), and which of them are for learning, tuning and judging."""

    prompt: NDArray[np.int64]
    content: NDArray[np.int64]
    train: Mask
    held_out: Mask
    test: Mask


class Moderator(NamedTuple):
    """A design of features, what is taken off them, and by label the weights, the bias and the threshold."""

    design: Design
    centre: Floats
    weights: Mapping[str, Floats]
    biases: Mapping[str, float]
    thresholds: Mapping[str, float]

    def probabilities(self, features: Floats) -> NDArray[np.float64]:
        """Return how probable each label is (n, labels), in their order, of what has these `features` (n, f)."""
        if not self.weights:
            return np.zeros((len(features), 0))
        lines = np.stack(list(self.weights.values()), axis=1)
        logits = (features - self.centre) @ lines + np.array(list(self.biases.values()), np.float32)
        found: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-logits.astype(np.float64)))
        return found


class Learnt(NamedTuple):
    """The moderator, the strength and the weight of positives by label, what tuning saw, and what is too rare."""

    moderator: Moderator
    strengths: dict[str, float]
    positive_weights: dict[str, float]
    curve: list[dict[str, str | float]]
    too_few: list[str]


def features_of(design: Design, contents: Contents, places: Places) -> Floats:
    """Return the features (n, f) of all items."""
    return design.features(contents, places.prompt, places.content)


def fit_design(config: ModerationTraining, contents: Contents, places: Places) -> Design:
    """Settle which blocks are used and the scale of what is counted, on the items of training only."""
    # What stands for itself is no answer to anything.
    own = ("response", "hand")
    blocks = tuple(block for block in config.blocks if config.target == "response" or block in own)
    if not blocks:
        raise Terminal(f"a {config.target} has no features {', '.join(config.blocks)}: say response or hand in blocks")
    spread = contents.hand[places.content[places.train]].std(axis=0)
    return Design(blocks, np.where(spread > 1e-6, spread, 1.0).astype(np.float32))


def learn(
    design: Design, features: Floats, truth: Mapping[str, Truth], places: Places, config: ModerationTraining
) -> Learnt:
    """Learn every label of `truth`: 1.0 yes, 0.0 no, NaN where nobody knows.

    Strength and threshold of each are the best on the held-out split; then both splits are learnt from. A label
    without `least_positives` items both with and without it to learn from, or without one of each held out, is named
    in `too_few` and not learnt.
    """
    centre = features[places.train].mean(axis=0) if places.train.any() else np.zeros(features.shape[1], np.float32)
    centred = torch.from_numpy(features - centre)
    weights, biases, thresholds = {}, {}, {}
    strengths, positive_weights, too_few = {}, {}, []
    curve: list[dict[str, str | float]] = []
    for label, values in sorted(truth.items()):
        train, held_out = (_told(centred, values, where) for where in (places.train, places.held_out))
        if _rarest(train) < config.least_positives or _rarest(held_out) < 1:
            too_few.append(label)
            continue
        weight = positive_weight(train.values, config.most_weight)
        best = tune(train, held_out, config.strengths, weight)
        said = torch.sigmoid(best.line(held_out.features)).numpy().astype(np.float64)
        both = Told(*(torch.cat(parts) for parts in zip(train, held_out, strict=True)))
        line = fit(both, best.strength, weight, best.line)
        weights[label], biases[label] = line.weights.numpy(), line.bias
        thresholds[label] = best_threshold(said, held_out.values.numpy() > 0.5)
        strengths[label], positive_weights[label] = best.strength, weight
        curve += [{"dimension": label, "strength": at, "loss": loss} for at, loss in best.losses.items()]
    moderator = Moderator(design, centre.astype(np.float32), weights, biases, thresholds)
    return Learnt(moderator, strengths, positive_weights, curve, too_few)


def judge_out_of_fold(
    features: Floats, truth: Mapping[str, Truth], components: list[str], learnt: Learnt, folds: int
) -> NDArray[np.float64]:
    """Say how probable each learnt label is of each item (n, labels), by lines that saw nothing of its component.

    NaN where the other folds have not both items with the label and items without it.
    """
    fold = np.array([int(name[:8], 16) % folds for name in components])
    found = np.full((len(features), len(learnt.strengths)), np.nan)
    centred = torch.from_numpy(features - learnt.moderator.centre)
    for at, (label, strength) in enumerate(learnt.strengths.items()):
        for number in np.unique(fold):
            others = _told(centred, truth[label], fold != number)
            if _rarest(others):
                line = fit(others, strength, learnt.positive_weights[label])
                found[fold == number, at] = torch.sigmoid(line(centred[torch.from_numpy(fold == number)])).numpy()
    return found


def _told(features: torch.Tensor, values: Truth, where: Mask) -> Told:
    known = where & ~np.isnan(values)
    return Told(features[torch.from_numpy(known)], torch.from_numpy(values[known].astype(np.float32)))


def _rarest(told: Told) -> int:
    """Count the items with the label or those without, whichever are fewer."""
    positives = int(told.values.sum())
    return min(positives, len(told.values) - positives)
