"""Media by name: in lists, under names that no column holds, and below folders that rows do not name."""

import pytest
from pydantic import ValidationError

from tests.tasks.ingest.published.media.files import held, names
from tests.tasks.ingest.shards import assert_nothing_is_lost, facts_of, ingest_by, mapped

RANKED = {"prompt": "p", "responses": {"each": "made", "is_media": True}, "rankings": {"overall": {"ranks": "rank"}}}


def named(facts):
    known = names()
    return [known.get(media, name) for media, name in facts["attachments"].select("media_id", "reference").iter_rows()]


def test_the_elements_of_a_list_may_be_media():
    ingest = ingest_by(RANKED)
    docs = [{"p": "A lamp.", "made": ["a.png", held("cat.png", "x.png")], "rank": [2, 1]}]
    facts = facts_of(ingest, docs)
    assert named(facts) == ["a.png", "cat.png"]
    assert facts["responses"].select("text", "modality").rows() == [(None, "image")] * 2
    assert facts["responses"]["response_id"].n_unique() == 2
    assert_nothing_is_lost(ingest, facts, docs)


def test_a_medium_may_have_a_name_that_no_column_holds():
    mapping = {
        "prompt": "p",
        "responses": [{"media": "left", "media_name": "{n}/left.mp4"}, {"media_name": "{n}/right.mp4"}],
    }
    facts = mapped(
        [{"p": "A lamp.", "n": 7, "left": ""}, {"p": "A lamp.", "n": 8, "left": "own.mp4"}, {"p": "A lamp."}], mapping
    )
    assert named(facts) == ["7/left.mp4", "7/right.mp4", "own.mp4", "8/right.mp4"]
    assert facts["quarantine"].select("line", "reason").rows() == [(3, "no_response")]


def test_names_lead_to_where_media_lie():
    references = [{"pattern": "^/your_path/", "path": ""}, {"pattern": r"^([^_/]+)_(\d+)\.png$", "path": r"\1/\g<0>"}]
    mapping = {"prompt": {"media": ["seen"]}, "responses": {"media": "made"}, "references": references}
    ingest = ingest_by(mapping)
    docs = [{"seen": "/your_path/a.wav", "made": ["v1_00.png", "v1_01.png", "deep/v1_02.png"]}]
    facts = facts_of(ingest, docs)
    assert named(facts) == ["a.wav", "v1/v1_00.png", "v1/v1_01.png", "deep/v1_02.png"]
    assert facts["records"].select("prompt_text", "task").rows() == [("", "ta2i")]
    assert_nothing_is_lost(ingest, facts, docs)


def test_what_media_are_is_told_by_bytes_then_by_name_then_by_the_mapping():
    mapping = {"responses": [{"media": "made"}], "modality": "audio"}
    facts = mapped([{"made": "sys0-utt1"}, {"made": "a.mp4"}, {"made": held("cat.png")}], mapping)
    assert facts["responses"]["modality"].to_list() == ["audio", "video", "image"]


def test_marks_of_media_are_left_out_of_messages_too():
    said = [{"role": "user", "content": "<image>\nWhich lamp, <image> please?<image>"}]
    mapping = {
        "prompt": {"messages": "asked", "without": r"^\s*(?:<image>\s*)+|\s*<image>", "media": ["seen"]},
        "responses": ["x"],
    }
    ingest, docs = ingest_by(mapping), [{"asked": said, "seen": "a.png", "x": "<image> stays here"}]
    facts = facts_of(ingest, docs)
    assert facts["records"]["prompt_text"].to_list() == ["Which lamp, please?"]
    assert facts["responses"]["text"].to_list() == ["<image> stays here"]
    assert_nothing_is_lost(ingest, facts, docs)


@pytest.mark.parametrize(
    ("mapping", "problem"),
    [
        ({"responses": {"each": "made", "is_media": True, "text": "x"}}, "is_media says what the elements"),
        ({"responses": {"is_media": True, "text": "x"}}, "is_media says what the elements"),
        ({"responses": {"media_name": "{a..b}"}}, "is no path"),
        ({"responses": {"media": "x"}, "references": [{"pattern": "(", "path": ""}]}, "no replacement"),
        ({"responses": {"media": "x"}, "references": [{"pattern": "a", "path": r"\1"}]}, "no replacement"),
    ],
)
def test_what_cannot_be_meant_is_refused(mapping, problem):
    with pytest.raises(ValidationError, match=problem):
        ingest_by(mapping)
