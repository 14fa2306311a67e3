"""The demo finds everything that it plants, and nothing else, whatever the seed."""

import time

import polars as pl
import pytest

from flows.demo.show import can_see, flags_of, judge_demo, write_demo
from tasks.demo.media.generate import generate_media
from tasks.demo.text import generate
from tests.flows.here import broken, run

# The test has one name whatever the second: parallel workers that import this file must agree on the names.
CLOCK = pytest.param(int(time.time()), 300, 10, id="clock")


@pytest.mark.parametrize(("seed", "size", "media"), [(7, 2000, 30), (1, 300, 10), (2, 300, 20), (3, 300, 10), CLOCK])
def test_planted_is_found(tmp_path, seed, size, media):
    print(f"seed {seed}")
    demo = generate(seed, size).beside(generate_media(seed, media))
    home = tmp_path / "home"
    outcome = run(write_demo(demo, home), home)
    assert outcome.is_new
    verdict = judge_demo(demo, home)
    assert verdict["planted"].sum() > size + 5 * media
    assert verdict.filter((pl.col("missed") > 0) | (pl.col("wrong") > 0)).is_empty(), verdict
    assert broken(home) == []


@pytest.mark.parametrize("seed", [7, 1])
@pytest.mark.skipif(not can_see(), reason="the models are not installed: pip install 'winnow-curation[models]'")
def test_a_model_finds_most_wrong_prompts_and_little_else(tmp_path, seed):
    demo = generate_media(seed, with_models=True)
    run(write_demo(demo, tmp_path / "home"), tmp_path / "home")
    (told,) = flags_of(demo, tmp_path / "home").iter_rows(named=True)
    assert told["planted"] == 30
    assert told["recall"] >= 0.9
    assert told["precision"] >= 0.9
