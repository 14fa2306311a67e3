"""The demo finds everything that it plants, and nothing else, whatever the seed."""

import time

import polars as pl
import pytest

from flows.demo.show import can_see, judge_demo, judge_seen, spoken_samples, write_demo
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
def test_models_find_most_wrong_prompts_and_little_else_and_say_what_is_shown_and_said(tmp_path, seed):
    home = tmp_path / "home"
    demo = generate_media(seed, spoken=spoken_samples(home))
    run(write_demo(demo, home), home)
    told = {row["found by models"]: row for row in judge_seen(demo, home).iter_rows(named=True)}
    assert {name: row["planted"] for name, row in told.items()} == {
        "wrong_prompt": 30, "drawing_fits in captions": 30, "spoken_sentence in transcripts": 15,
    }  # fmt: skip
    assert told["wrong_prompt"]["recall"] >= 0.9
    assert told["wrong_prompt"]["precision"] >= 0.9
    assert told["drawing_fits in captions"]["recall"] >= 0.9
    # A sentence with one wrong word is a wrong sentence.
    assert told["spoken_sentence in transcripts"]["recall"] >= 0.7
    verdict = judge_demo(demo, home)
    assert verdict.filter((pl.col("missed") > 0) | (pl.col("wrong") > 0)).is_empty(), verdict
