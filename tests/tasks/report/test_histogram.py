"""Bars of a sixth of a decade hold what belongs into them."""

import polars as pl

from tasks.report.histogram import length_histogram


def test_every_length_is_in_its_bar():
    lengths = pl.DataFrame({"chosen": [0, 1, 10, 99, 100, 1000], "rejected": [None, 1, 9, 10, 11, 2000]})
    told = length_histogram(lengths)
    assert told.select(pl.col("chosen", "rejected").sum()).row(0) == (6, 5)
    for name in lengths.columns:
        for start, n in told.select("start", name).iter_rows():
            inside = lengths[name].drop_nulls().clip(1)
            low, high = start * 0.999999, start * 10 ** (1 / 6) * 0.999999
            assert n == ((inside >= low) & (inside < high)).sum()


def test_nothing_gives_nothing():
    assert length_histogram(pl.DataFrame(schema={"chosen": pl.Int64})).is_empty()
