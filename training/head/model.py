"""The trained head: a reward for every dimension of a response to a prompt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.head.design import Contents, Design, Floats

_BATCH = 8_192


class Head(NamedTuple):
    """A design of features and, by dimension, a weight for each of them."""

    design: Design
    weights: Mapping[str, Floats]

    def rewards(
        self, contents: Contents, prompt: NDArray[np.int64], response: NDArray[np.int64]
    ) -> dict[str, NDArray[np.float64]]:
        """Return the reward of each `response` to its `prompt`, rows of `contents` of shape (n,), by dimension."""
        found = {dimension: np.empty(len(prompt)) for dimension in self.weights}
        for start in range(0, len(prompt), _BATCH):
            part = slice(start, start + _BATCH)
            features = self.design.features(contents, prompt[part], response[part])
            for dimension, weights in self.weights.items():
                found[dimension][part] = features @ weights
        return found
