"""Items whose labels hidden directions of their vectors decide."""

import numpy as np
import polars as pl

from training.head.design import Contents
from training.moderation.learn import Places

LABELS = ("crime", "hate", "violence")


def plant(n=900, dim=10, seed=0, labels=LABELS, share=0.3):
    """Return contents, places, the truth by label, and the components of items; `share` of the items have a label."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(2 * n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    contents = Contents(vectors, random.normal(size=(2 * n, 3)).astype(np.float32))
    answers = vectors[n:]
    truth = {}
    for label in labels:
        scores = answers @ random.normal(size=dim)
        truth[label] = (scores > np.quantile(scores, 1 - share)).astype(np.float64)
    at = np.arange(n)
    places = Places(at, at + n, at % 5 < 3, at % 5 == 3, at % 5 == 4)
    return contents, places, truth, pl.Series([random.bytes(16).hex() for _ in range(n)])
