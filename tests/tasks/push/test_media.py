"""Which columns the media of pushed pairs need, and what they are called."""

from __future__ import annotations

import datasets
import polars as pl
import pytest

from schemas.plan.push import PUSHED_PAIRS
from schemas.rules.features import card_features, with_features
from tasks.push.media import MediaColumn, kinds_of, media_columns, media_meaning, pushed_schema, task_categories


def kinds(*pairs):
    return pl.DataFrame(list(pairs), schema=["prompt_kinds", "chosen_kinds", "rejected_kinds"], orient="row")


def test_a_column_is_a_list_only_where_a_pair_has_several():
    assert media_columns(kinds(("", "", ""))) == []
    found = media_columns(kinds(("i", "v", ""), ("iia", "", "v")))
    assert found == [
        MediaColumn("prompt", "image", is_list=True),
        MediaColumn("prompt", "audio", is_list=False),
        MediaColumn("chosen", "video", is_list=False),
        MediaColumn("rejected", "video", is_list=False),
    ]
    assert [each.name for each in found] == ["prompt_images", "prompt_audio", "chosen_video", "rejected_video"]


def test_the_types_in_the_file_and_on_the_card_are_those_of_datasets():
    columns = [MediaColumn("prompt", "image", is_list=True), MediaColumn("chosen", "video", is_list=False)]
    schema, media = pushed_schema(columns), kinds_of(columns)
    assert [name for name in schema.names if name not in PUSHED_PAIRS.names] == ["prompt_images", "chosen_video"]
    in_file = datasets.Features.from_arrow_schema(with_features(schema, media))
    assert in_file["prompt_images"] == datasets.List(datasets.Image())
    assert in_file["chosen_video"] == datasets.Video()
    assert datasets.Features._from_yaml_list(card_features(schema, media)) == in_file


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("prompt_images", "The pictures of the prompt."), ("chosen_audio", "The sound of the better answer."),
        ("rejected_video", "The video of the other answer."),
    ],
)  # fmt: skip
def test_columns_are_told_in_words(name, meaning):
    assert media_meaning(name) == meaning


def test_tasks_have_the_hubs_names():
    assert task_categories(["t2v", "ti2t", "ti2t"]) == ["image-text-to-text", "text-to-video"]
    assert task_categories(["x2y"]) == ["text-generation"]
