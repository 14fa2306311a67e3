"""How many shingles the texts of two collections have in common, without comparing every text with every other."""

from __future__ import annotations

import numpy as np
import polars as pl

from tasks.shingles.tokens import Shingles


def overlap(left: Shingles, right: Shingles) -> pl.DataFrame:
    """Count the distinct shingles that each text of `left` shares with each of `right`, where there are any.

    Returns `i, j, common`, and with `size_i` and `size_j` how many each of the two has.
    """
    first, second = _members(left, "i"), _members(right, "j")
    shared = first.join(second, on="hash").group_by("i", "j").agg(common=pl.len().cast(pl.Int64))
    return shared.join(_sizes(first, "i"), on="i").join(_sizes(second, "j"), on="j")


def _members(cut: Shingles, name: str) -> pl.DataFrame:
    owners = np.repeat(np.arange(len(cut.counts)), cut.counts)
    return pl.DataFrame({name: owners, "hash": cut.hashes}).unique()


def _sizes(members: pl.DataFrame, name: str) -> pl.DataFrame:
    return members.group_by(name).agg(pl.len().cast(pl.Int64).alias(f"size_{name}"))
