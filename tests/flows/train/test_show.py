"""What `winnow train` prints: every number once, in a terminal of 80 columns."""

from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from rich.console import Console

from flows.train import show

COLUMNS = ("metric", "dimension", "source", "bin", "value", "low", "high", "baseline", "n")
ROWS = [
    ("accuracy", "convincingness", None, None, 0.788123, 0.7611, 0.8223, 0.7338, 3454),
    ("accuracy", "convincingness", "ukp", None, 0.788123, 0.7611, 0.8223, 0.7338, 3454),
    ("accuracy", "convincingness", None, "over 4 times", 0.9123, 0.8611, 0.9723, 0.9338, 1090),
    ("accuracy", "convincingness", None, "to 1.25 times", 0.5678, 0.5611, 0.6223, 0.6338, 2364),
    ("accuracy_untuned", "convincingness", None, None, 0.7012, 0.6611, 0.7223, 0.7338, 3454),
    ("length_correlation", "convincingness", None, None, -0.83123, None, None, None, 6908),
    ("reliability", "convincingness", None, "0.1", 0.123, None, None, 0.145, 300),
]


@pytest.fixture
def printed(monkeypatch, capsys):
    evaluations = pl.DataFrame(ROWS, schema=COLUMNS, orient="row")
    monkeypatch.setattr(show, "evaluations_of", lambda trained: evaluations)
    monkeypatch.setattr(show, "screen", lambda: Console(width=80))
    trained = SimpleNamespace(training_id="a" * 32, is_new=True, snapshot=SimpleNamespace(snapshot=2), folder=Path("h"))
    show.show_trained(trained)
    return [line.split() for line in capsys.readouterr().out.splitlines()]


def test_a_part_that_is_the_whole_is_left_out_and_bins_go_from_small_to_large(printed):
    start = printed.index(["accuracy"])
    assert printed[start + 2 : start + 6] == [
        ["convincingness", "all", "0.7881", "0.7611", "0.8223", "3,454", "0.7338"],
        ["convincingness", "length", "to", "1.25", "times", "0.5678", "0.5611", "0.6223", "2,364", "0.6338"],
        ["convincingness", "length", "over", "4", "times", "0.9123", "0.8611", "0.9723", "1,090", "0.9338"],
        [],
    ]


def test_the_other_numbers_follow(printed):
    start = printed.index(["further", "numbers"])
    assert printed[start + 2 : start + 5] == [
        ["convincingness", "accuracy_untuned", "0.7012", "0.6611", "0.7223", "3,454"],
        ["convincingness", "length_correlation", "-0.8312", "6,908"],
        [],
    ]
