"""Media in every target: which template takes a pair, where tags stand, and why a pair cannot be used."""

from __future__ import annotations

import pytest

from tests.tasks.export.test_targets import all_rows, medium, pair, rows, shaped, user

NO_TEXT = {"chosen": None, "rejected": None}
IMAGE, SOUND, VIDEO = medium("image"), medium("audio"), medium("video")


@pytest.mark.parametrize(
    ("template", "more"),
    [
        ("PKUSafeRLHF", {}),
        ("AA_TI2T", {"prompt_media": [IMAGE]}),
        ("AA_TA2T", {"prompt_media": [SOUND]}),
        ("AA_TV2T", {"prompt_media": [VIDEO]}),
        ("Pickapic", {"chosen_media": [IMAGE], "rejected_media": [IMAGE], **NO_TEXT}),
        ("AA_T2A", {"chosen_media": [SOUND], "rejected_media": [SOUND], **NO_TEXT}),
        ("SafeSora", {"chosen_media": [VIDEO], "rejected_media": [VIDEO], **NO_TEXT}),
        ("ti2ti_preference", {"prompt_media": [IMAGE], "chosen_media": [IMAGE], "rejected_media": [IMAGE]}),
        ("ti2ti_preference", {"prompt_media": [IMAGE], "chosen_media": [IMAGE], "rejected_media": [IMAGE], **NO_TEXT}),
        ("ti2ti_preference", {"prompt_media": [IMAGE, IMAGE]}),
        ("ti2ti_preference", {"chosen_media": [IMAGE], "rejected_media": [IMAGE]}),
        ("ti2ti_preference", {"prompt_media": [IMAGE], "chosen_media": [IMAGE, IMAGE]}),
        (None, {"prompt_media": [IMAGE, SOUND]}),
        (None, {"prompt_media": [SOUND, SOUND]}),
        (None, {"chosen_media": [VIDEO], "rejected_media": [IMAGE], **NO_TEXT}),
        (None, {"chosen_media": [VIDEO], "rejected_media": [VIDEO]}),
        (None, {"chosen_media": [SOUND], "rejected": "No.", "chosen": None}),
    ],
)
def test_the_template_follows_from_the_media(template, more):
    found = shaped("align-anything", "preference", pair(**more))
    if template is None:
        assert found.left_out["reason"].to_list() == ["not_text"]
    else:
        assert [table.folder for table in found.tables] == [template]
        assert found.left_out.is_empty()


def test_the_first_answer_says_nothing_about_the_winner_in_any_template():
    ids = [f"{n:032x}" for n in range(300)]
    for more, label in (
        ({"prompt_media": [IMAGE]}, "overall_response"),
        ({"chosen_media": [IMAGE], "rejected_media": [IMAGE], **NO_TEXT}, "label_0"),
        ({"chosen_media": [SOUND], "rejected_media": [SOUND], **NO_TEXT}, "overall_audio"),
        ({"chosen_media": [VIDEO], "rejected_media": [VIDEO], **NO_TEXT}, "helpfulness"),
    ):
        found = shaped("align-anything", "preference", *[pair(name, **more) for name in ids]).tables[0].rows
        counts = found[label].value_counts()["count"].to_list()
        assert len(counts) == 2
        assert min(counts) > 100, label


@pytest.mark.parametrize("target", ["trl", "openrlhf", "llama-factory", "align-anything"])
@pytest.mark.parametrize("side", ["prompt_media", "chosen_media"])
def test_media_that_nobody_has_are_a_reason(target, side):
    lost = {**medium("image", is_there=False), "modality": None}
    found = shaped(target, "preference", pair(**{side: [lost]}), with_media=target != "openrlhf")
    assert found.left_out["reason"].to_list() == ["no_media"]


def test_a_broken_picture_is_no_media_for_whoever_could_take_it_and_no_text_for_the_others():
    broken = pair(prompt_media=[medium("image", is_there=False)])
    reasons = {
        target: shaped(target, "preference", broken, with_media=True).left_out["reason"].item()
        for target in ("trl", "llama-factory", "align-anything", "openrlhf")
    }
    assert reasons == {
        "trl": "no_media",
        "llama-factory": "no_media",
        "align-anything": "no_media",
        "openrlhf": "not_text",
    }


def test_trainers_of_texts_take_no_media():
    for target, form, media in (
        ("openrlhf", "preference", IMAGE), ("openrlhf", "prompt-only", IMAGE), ("trl", "preference", VIDEO), ("trl", "implicit", IMAGE),
        ("trl", "prompt-only", SOUND),
    ):  # fmt: skip
        found = shaped(target, form, pair(prompt_media=[media]), with_media=target == "trl")
        assert found.left_out["reason"].to_list() == ["not_text"], (target, form)


@pytest.mark.parametrize("target", ["trl", "llama-factory"])
def test_an_answer_that_says_a_tag_is_left_out_where_tags_count(target):
    said = pair(chosen="Look: <video>!")
    assert shaped(target, "preference", said).left_out.is_empty()
    found = shaped(target, "preference", said, with_media=True)
    assert found.left_out["reason"].to_list() == ["media_tag"]


TALK = [user("One?"), {"role": "assistant", "content": "Two."}, user("Three?")]


@pytest.mark.parametrize(
    ("prompt_media", "turns", "said"),
    [
        ([IMAGE], [user("Why?")], ["<image>Why?"]),
        ([IMAGE, IMAGE], [user("Why?")], ["<image><image>Why?"]),
        ([IMAGE, SOUND, VIDEO], [user("Why?")], ["<image><audio><video>Why?"]),
        ([IMAGE], [user("See\n<image>\nand say")], ["See\n<image>\nand say"]),
        ([IMAGE], [user("<image>\n<image>\nWhy?")], ["<image>Why?"]),
        ([SOUND], [user("<image>\nWhy?")], ["<audio>Why?"]),
        ([], [user("Why\n<image>")], ["Why"]),
        ([IMAGE], TALK, ["<image>One?", "Two.", "Three?"]),
        ([IMAGE], [*TALK[:2], user("<image>Three?")], ["One?", "Two.", "<image>Three?"]),
    ],
)
def test_tags_stand_where_the_source_put_them_or_in_front(prompt_media, turns, said):
    (row,) = rows("llama-factory", "preference", pair(turns=turns, prompt_media=prompt_media), with_media=True)
    assert [each["value"] for each in row["conversations"]] == said
    paths = {kind: len(row[f"{kind}s"]) for kind in ("image", "audio", "video")}
    assert paths == {kind: "".join(said).count(f"<{kind}>") for kind in paths}


def test_a_tag_in_a_system_message_stands_for_nothing():
    talk = pair(turns=[user("Why?")], system="Look at <image> well.", prompt_media=[IMAGE])
    (row,) = rows("llama-factory", "preference", talk, with_media=True)
    assert (row["system"], row["conversations"][0]["value"]) == ("Look at  well.", "<image>Why?")


def test_pictures_are_parts_of_messages():
    talk = pair(turns=[user("See\n<image>\nand say")], system="Be brief.", prompt_media=[IMAGE])
    (row,) = rows("trl", "preference", talk, with_media=True)
    text = lambda said: {"type": "text", "text": said}  # noqa: E731
    assert row["prompt"] == [
        {"role": "system", "content": [text("Be brief.")]},
        {"role": "user", "content": [text("See\n"), {"type": "image", "text": None}, text("\nand say")]},
    ]
    assert row["chosen"] == [{"role": "assistant", "content": [text("Because.")]}]
    assert [each["sha256"] for each in row["images"]] == [IMAGE["sha256"]]


def test_rows_without_pictures_have_empty_lists_beside_those_with_some():
    first, second = rows("trl", "preference", pair("a", prompt_media=[IMAGE]), pair("b"), with_media=True)
    assert (len(first["images"]), second["images"]) == (1, [])
    assert second["prompt"][0]["content"] == [{"type": "text", "text": "Why?"}]


def test_an_export_of_texts_has_no_columns_for_media():
    assert "images" not in rows("trl", "preference", pair())[0]
    assert "images" not in rows("llama-factory", "preference", pair())[0]


def test_files_beside_the_rows_are_those_that_the_rows_name():
    (table,) = shaped("llama-factory", "preference", pair(prompt_media=[IMAGE, VIDEO]), with_media=True).tables
    row = table.rows.to_dicts()[0]
    assert sorted(table.links["path"]) == sorted([*row["images"], *row["videos"]])
    assert row["images"] == [f"media/{IMAGE['media_id'][:2]}/{IMAGE['media_id']}.png"]
    (table,) = shaped("align-anything", "preference", pair(prompt_media=[VIDEO])).tables
    assert [f"./{path}" for path in table.links["path"]] == table.rows["video_path"].to_list()


def videos(name="p1", **more):
    one, other = medium("video", "one"), medium("video", "other")
    said = {
        "pair_key": "x", "chosen_id": "1", "rejected_id": "2", "chosen_media": [one], "rejected_media": [other],
        "dimension": "helpfulness", "opinions": [{"pair_id": name, "dimension": "helpfulness", "chosen_id": "1"}],
        **NO_TEXT,
    }  # fmt: skip
    return pair(name, **(said | more))


def opinion(name, dimension, chosen="1"):
    return {"pair_id": name, "dimension": dimension, "chosen_id": chosen}


def test_pairs_of_the_same_videos_are_one_row_with_all_dimensions():
    opinions = [opinion("a", "helpfulness"), opinion("b", "harmlessness", "2"), opinion("c", "informativeness", "2")]
    swapped = {
        "chosen_id": "2",
        "rejected_id": "1",
        "chosen_media": [medium("video", "other")],
        "rejected_media": [medium("video", "one")],
    }
    found = shaped(
        "safesora", "preference", videos("a", opinions=opinions),
        videos("b", opinions=opinions, dimension="harmlessness", **swapped),
        videos("c", opinions=opinions, dimension="informativeness", **swapped),
    )  # fmt: skip
    assert found.used.height == 3
    (row,) = all_rows(found).to_dicts()
    names = {"1": medium("video", "one")["media_id"], "2": medium("video", "other")["media_id"]}
    assert row[row["helpfulness"]]["video_id"] == names["1"]
    assert row[row["harmlessness"]]["video_id"] == names["2"]
    subs = row["sub_preferences"]
    assert subs["information"] == subs["informativeness"] == row["harmlessness"]
    assert (subs["instruction_following"], subs["correctness"], subs["aesthetics"]) == (None, None, None)
    assert row["info"]["pair_ids"] == "a b c"


def test_overall_stands_for_helpfulness_only_where_nobody_said_that():
    alone = [opinion("a", "overall")]
    (row,) = rows("safesora", "preference", videos("a", dimension="overall", opinions=alone))
    assert row["helpfulness"] is not None
    both = [opinion("a", "overall"), opinion("b", "helpfulness", "2")]
    found = shaped("safesora", "preference", videos("a", dimension="overall", opinions=both))
    assert found.left_out["reason"].to_list() == ["unknown_dimension"]


def test_what_has_no_place_in_a_row_is_left_out_with_its_reason():
    found = shaped("safesora", "preference", videos(dimension="motion", opinions=[opinion("p1", "motion")]))
    assert found.left_out["reason"].to_list() == ["unknown_dimension"]
    asked = shaped(
        "safesora", "preference", videos(dimension="motion", opinions=[opinion("p1", "motion")]), helpful="motion"
    )
    assert all_rows(asked)["helpfulness"].null_count() == 0
    assert shaped("safesora", "preference", videos(chosen="A text")).left_out["reason"].to_list() == ["not_text"]


def test_the_first_video_says_nothing_about_the_winner():
    given = [
        videos(
            f"{n}",
            pair_key=f"{n}",
            chosen_id=chosen,
            rejected_id=rejected,
            opinions=[opinion(f"{n}", "helpfulness", chosen)],
        )
        for n in range(200)
        for chosen, rejected in [("1", "2")]
    ]
    share = (all_rows(shaped("safesora", "preference", *given))["helpfulness"] == "video_0").mean()
    assert 0.4 < share < 0.6
