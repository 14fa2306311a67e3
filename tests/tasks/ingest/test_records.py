"""What a record knows of itself: licence, split, language, who may train on it."""

import polars as pl
import pytest

from tasks.ingest.licenses import is_commercial
from tests.tasks.ingest.shards import facts_of, ingest_by, mapped

PAIR = {"prompt": "p", "responses": ["x", {"text": "y", "generator": "by", "generator_name": "a person"}]}
ROW = {"p": "Which?", "x": "This.", "y": "That."}


def test_the_row_speaks_before_the_path_and_the_path_before_the_plan():
    mapping = PAIR | {
        "license": "l",
        "split": "s",
        "language": "g",
        "path_pattern": r"(?P<split>train|test)/(?P<language>\w\w)/(?P<dimension>\w+)",
    }
    ingest = ingest_by(mapping | {"winner": {"always": "a"}}, license="MIT", split="held", dimension=None)
    facts = facts_of(ingest, [ROW | {"l": "CC0-1.0", "s": "dev", "g": "fr"}, ROW], file="a/test/de/safety.jsonl")
    columns = ("license", "source_split", "language", "commercial_ok", "evaluation_only")
    assert facts["records"].select(columns).rows() == [
        ("CC0-1.0", "dev", "fr", True, False), ("MIT", "test", "de", True, True),
    ]  # fmt: skip
    assert facts["comparisons"]["dimension"].to_list() == ["safety", "safety"]
    elsewhere = facts_of(ingest, [ROW], file="b.jsonl")
    assert elsewhere["records"].select(columns).row(0) == ("MIT", "held", None, True, False)


@pytest.mark.parametrize(("split", "said", "only"), [("test", None, True), ("Test", None, True), ("train", None, False),
                                                     (None, None, False), ("test", False, False), (None, True, True)])  # fmt: skip
def test_an_upstream_test_split_is_for_evaluation_unless_the_plan_says_otherwise(split, said, only):
    facts = facts_of(ingest_by(PAIR, split=split, evaluation_only=said), [ROW])
    assert facts["records"]["evaluation_only"].to_list() == [only]


def test_generators_and_conversations():
    facts = mapped([ROW | {"by": "gpt4", "c": 5}, ROW], PAIR | {"conversation": "c"})
    assert facts["responses"]["generator"].to_list() == [None, "gpt4", None, "a person"]
    assert facts["records"]["conversation_id"].to_list() == ["5", None]
    assert facts["records"].select("task", "modality", "response_count", "adapter").row(0) == (
        "t2t",
        "text",
        2,
        "mapping",
    )


def test_media_are_named_by_their_path_until_somebody_opens_them():
    mapping = {"prompt": "p", "responses": [{"media": "v"}, {"media": "w"}], "winner": {"always": "b"}}
    facts = mapped([{"p": "A cat.", "v": "a.mp4", "w": {"path": "b.mp4", "bytes": None}}], mapping)
    assert facts["responses"].select("text", "modality").rows() == [(None, "video"), (None, "video")]
    assert facts["responses"]["response_id"].n_unique() == 2
    assert facts["records"].select("task", "modality").row(0) == ("t2v", "video")
    assert facts["comparisons"].select(pl.col("outcome")).item() == "b"


def test_a_text_has_the_same_id_whether_or_not_media_stand_beside_it():
    docs = [{"p": "?", "x": "This.", "y": "That."}, {"p": "?", "x": "This.", "v": "a.png", "y": "That."}]
    mapping = {"prompt": "p", "responses": [{"text": "x", "media": "v"}, "y"]}
    plain = mapped(docs[:1], {"prompt": "p", "responses": ["x", "y"]})["responses"]["response_id"].to_list()
    found = mapped(docs, mapping)["responses"]["response_id"].to_list()
    assert found[:2] == plain
    assert found[2] != plain[0]


@pytest.mark.parametrize(
    ("name", "answer"),
    [("MIT", True), ("Apache-2.0", True), ("cc-by-4.0", True), ("CC BY-SA 4.0", True), ("ODC-By", True), ("cc0-1.0", True),
     ("CC-BY-NC-4.0", False), ("cc by-nc-sa 4.0", False), ("non-commercial research", False), ("cc-by-nd-4.0", None),
     ("see card", None), (None, None), ("llama3", None), ("mitre terms", None)],
)  # fmt: skip
def test_licences_say_whether_they_allow_commerce(name, answer):
    assert is_commercial(name) is answer
