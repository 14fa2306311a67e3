"""Several rewards as one: the probability that a response is good in every dimension."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl


def log_good_in_all(references: Mapping[str, float]) -> pl.Expr:
    """Return Σ log σ(r - r_ref) over reward columns (Wang et al. 2024, Transforming and Combining Rewards, section 3).

    `references` names, by column, the reward that counts as just good enough. The worst dimension rules the sum. Null
    where a reward is missing.
    """
    terms = [-((-(pl.col(column) - reference)).exp().log1p()) for column, reference in references.items()]
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total
