"""The demo finds everything that it plants, and nothing else, whatever the seed."""

import time

import polars as pl
import pytest

from flows.demo.show import judge_demo, write_demo
from tasks.demo.text import generate
from tests.flows.here import broken, run

# The test has one name whatever the second: parallel workers that import this file must agree on the names.
CLOCK = pytest.param(int(time.time()), 300, id="clock")


@pytest.mark.parametrize(("seed", "size"), [(7, 2000), (1, 300), (2, 300), (3, 300), CLOCK])
def test_planted_is_found(tmp_path, seed, size):
    print(f"seed {seed}")
    demo = generate(seed, size)
    home = tmp_path / "home"
    outcome = run(write_demo(demo, home), home)
    assert outcome.is_new
    verdict = judge_demo(demo, home)
    assert verdict["planted"].sum() > size
    assert verdict.filter((pl.col("missed") > 0) | (pl.col("wrong") > 0)).is_empty(), verdict
    assert broken(home) == []
