"""Pairs whose winner a hidden direction of their vectors decides."""

import numpy as np
import polars as pl

from training.head.design import Asked, Contents


def plant(n=600, dim=12, seed=0, flips=0.0, dimensions=("overall",)):
    """Return pairs, their contents' rows, the contents, and which labels were turned round."""
    random = np.random.default_rng(seed)
    vectors = random.normal(size=(3 * n, dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    contents = Contents(vectors, random.normal(size=(3 * n, 4)).astype(np.float32))
    direction = random.normal(size=dim)
    prompt, left, right = (np.arange(n) + part * n for part in range(3))
    is_left = (vectors[left] - vectors[right]) @ direction > 0
    is_flipped = random.random(n) < flips
    is_left ^= is_flipped
    asked = Asked(prompt, np.where(is_left, left, right), np.where(is_left, right, left))
    component = [random.bytes(16).hex() for _ in range(n)]
    pairs = pl.DataFrame(
        {
            "pair_id": [f"p{at:05}" for at in range(n)],
            "pair_key": [f"k{at:05}" for at in range(n)],
            "chosen_id": [f"r{at:05}" for at in asked.chosen],
            "rejected_id": [f"r{at:05}" for at in asked.rejected],
            "source": [("one", "two")[at % 2] for at in range(n)],
            "dimension": [dimensions[at % len(dimensions)] for at in range(n)],
            "split": [("train", "train", "train", "validation", "test")[at % 5] for at in range(n)],
            "component_id": component,
            "chosen_length": random.integers(10, 100, n),
            "rejected_length": random.integers(10, 100, n),
            "margin": [None] * n,
            "tie": [False] * n,
        },
        schema_overrides={"margin": pl.Float64},
    )
    return pairs, asked, contents, is_flipped
