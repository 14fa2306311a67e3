"""What a training could not use, as rows of `evaluations` beside what it is worth."""

from __future__ import annotations

from collections.abc import Mapping

from training.evaluate.rewards import Row

METRIC = "left_out"


def left_out_rows(counts: Mapping[str, int]) -> list[Row]:
    """Say how many were left out for which reason: `bin` is the reason, `value` and `n` how many."""
    return [{"metric": METRIC, "bin": why, "value": float(n), "n": n} for why, n in sorted(counts.items()) if n]
