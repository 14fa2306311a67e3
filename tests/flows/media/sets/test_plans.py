"""`plans/align-anything.yaml` and `plans/safesora.yaml` over small copies of their datasets on a loopback Hub."""

from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
import pytest

import warehouse
from tests.flows.here import broken, run
from tests.flows.media.sets import layouts
from tests.loopback.client import connected

PLANS = Path(__file__).parents[4] / "plans"
DIRECTIONS = {
    "text-to-text": "t2t", "text-image-to-text": "ti2t", "text-image-to-text-image": "ti2ti", "text-to-image": "t2i",
    "text-audio-to-text": "ta2t", "text-to-audio": "t2a", "text-to-video": "t2v", "text-video-to-text": "tv2t",
}  # fmt: skip


class Curated(NamedTuple):
    """What a run made, where, and which files it asked the Hub for."""

    opened: Any
    home: Path
    fetched: list[str]


def curated(name, datasets, root):
    with pytest.MonkeyPatch.context() as patch, connected(patch) as hub:
        for repo, files in datasets.items():
            hub.commit(repo, files)
        run(PLANS / f"{name}.yaml", root / "home")
        fetched = [path for method, path in hub.requests if method == "GET" and "/resolve/" in path]
    assert broken(root / "home") == []
    return Curated(warehouse.open(root / "home"), root / "home", fetched)


@pytest.fixture(scope="module")
def align(tmp_path_factory):
    return curated(
        "align-anything", {"PKU-Alignment/align-anything": layouts.align_anything()}, tmp_path_factory.mktemp("align")
    )


@pytest.fixture(scope="module")
def sora(tmp_path_factory):
    return curated("safesora", layouts.safesora(), tmp_path_factory.mktemp("sora"))


def kept_media(curated):
    return {place.name[:32] for place in (curated.home / "media").glob("*/*")}


def test_every_row_of_every_direction_is_a_record(align):
    assert align.opened.table("quarantine").collect().height == 0
    told = dict(align.opened.sql("select source, rows_counted from sources").rows())
    assert told == {name: len(layouts.rows(name)) for name in DIRECTIONS}
    assert (
        dict(align.opened.sql("select source, first(task order by source_key) from records group by source").rows())
        == DIRECTIONS
    )


def test_every_medium_is_found_wherever_it_lies(align):
    attachments = align.opened.table("attachments").collect()
    assert attachments.height == 17
    assert set(attachments["media_id"]) == kept_media(align)


def test_each_direction_has_pairs_and_critiques(align):
    pairs = align.opened.table("pairs").collect().filter("kept")
    assert set(pairs["source"]) == set(DIRECTIONS)
    assert {
        "overall",
        "prompt_following",
        "safety",
        "audio_quality",
        "motion_naturalness",
        "clarity_aesthetics",
    } <= set(pairs["dimension"])
    assert set(pairs["commercial_ok"]) == {False}
    assert pairs.filter(pl.col("source") == "text-to-video")["chosen_media_id"].null_count() == 0
    kinds = set(align.opened.table("feedback").collect()["kind"])
    assert kinds == {"critique", "refinement", "reason", "refine_prompt", "reasoning"}
    splits = dict(align.opened.sql("select source, max(source_split) from records group by source").rows())
    assert (splits["text-to-text"], splits["text-to-image"], splits["text-video-to-text"]) == ("train", "val", "train")


def test_the_videos_of_two_datasets_are_fetched_once(sora):
    assert [path.split("/resolve/")[0] for path in sora.fetched if "videos" in path] == [
        "/datasets/PKU-Alignment/SafeSora"
    ]
    attachments = sora.opened.table("attachments").collect()
    assert attachments.height == 5
    assert set(attachments["media_id"]) == kept_media(sora)


def test_what_is_for_evaluation_is_never_trained_on(sora):
    records = sora.opened.sql(
        "select source, count(*), bool_and(evaluation_only), max(response_count) from records group by source"
    ).rows()
    assert sorted(records) == [
        ("safesora", 2, False, 2),
        ("safesora-eval", 1, True, 0),
        ("safesora-label", 1, False, 1),
    ]
    pairs = sora.opened.table("pairs").collect()
    assert set(pairs["dimension"]) == {
        "helpfulness",
        "harmlessness",
        "instruction_following",
        "correctness",
        "information",
    }
    assert set(pairs.filter("kept")["chosen_media_id"]) <= kept_media(sora)
