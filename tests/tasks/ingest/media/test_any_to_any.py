"""What align-anything says of two answers, beyond who is better: reasons, makers, and at what its texts point."""

import polars as pl
import pytest

from tests.tasks.ingest.published import PUBLISHED
from tests.tasks.ingest.shards import facts_of, recognised

DIRECTIONS = {
    "text-to-text": "t2t", "text-image-to-text": "ti2t", "text-image-to-text-image": "ti2ti", "text-to-image": "t2i",
    "text-audio-to-text": "ta2t", "text-to-audio": "t2a", "text-to-video": "t2v", "text-video-to-text": "tv2t",
}  # fmt: skip


def facts(config):
    published = PUBLISHED[f"PKU-Alignment/align-anything {config}"]
    return facts_of(recognised(published.rows), published.rows)


@pytest.mark.parametrize("config", DIRECTIONS)
def test_the_direction_is_known(config):
    assert facts(config)["records"]["task"][0] == DIRECTIONS[config]


@pytest.mark.parametrize("config", ["text-image-to-text", "text-to-image", "text-to-audio", "text-to-video"])
def test_each_grade_has_its_reason_and_its_scale(config):
    ratings = facts(config)["ratings"].filter(pl.col("rationale").is_not_null())
    assert ratings.height >= 10
    for row in ratings.iter_rows(named=True):
        assert row["rationale"] == "Why not?" or row["rationale"].startswith(f"Grade {row['value_raw']} in ")
    assert ratings.select("scale_min", "scale_max").unique().rows() == [(0.0, 3.0)]


def test_letters_mean_what_the_grades_beside_them_mean():
    reasons = facts("text-to-audio")["ratings"].filter(pl.col("rationale").str.starts_with("Grade"))
    told = dict(reasons.select("dimension", "rationale").iter_rows())
    assert {name: text.split(" in ")[1] for name, text in told.items()} == {name: f"{name}." for name in told}
    assert "audio_quality" in told


@pytest.mark.parametrize(
    ("config", "makers"), [("text-image-to-text", ["model-a", "model-b"]), ("text-to-video", ["sora", "Panda-70M"])]
)
def test_makers_of_the_answers_are_named(config, makers):
    assert facts(config)["responses"]["generator"].to_list()[:2] == makers


def test_critiques_point_at_their_answers_and_reasons_at_the_record():
    found = facts("text-to-audio")
    answers, (record,) = found["responses"]["response_id"].to_list(), found["records"]["record_id"]
    told = [(kind, ids[0]) for kind, ids in found["feedback"].select("kind", "target_ids").iter_rows()]
    assert told == [
        ("critique", answers[0]), ("critique", answers[1]), ("refinement", answers[0]), ("reason", record), ("refinement", record),
        ("refine_prompt", record), ("reasoning", record),
    ]  # fmt: skip


def test_a_preference_that_is_none_leaves_the_record_and_judges_nothing():
    found = facts("text-image-to-text")
    last = found["comparisons"].filter(pl.col("outcome") == "invalid")
    assert last["outcome_raw"].to_list() == ["0"]
    assert found["records"].height == 2
