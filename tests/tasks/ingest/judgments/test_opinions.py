"""Rankings, ratings, labels and feedback point at the right response and keep what the source said."""

import polars as pl
import pytest

from tests.tasks.ingest.shards import mapped

TWO = {"prompt": "p", "responses": ["x", "y"]}
MANY = {"prompt": "p", "responses": {"each": "answers", "text": "text", "generator": "by"}}
ROW = {"p": "Which?", "x": "This one.", "y": "That one."}


def told(facts, table, *columns):
    """Rows of `table` with the text of the response they point at."""
    target = "response_id" if table == "rankings" else "target_id"
    texts = facts["responses"].select("record_id", "text", pl.col("response_id").alias(target))
    joined = facts[table].join(texts, on=["record_id", target], how="left", maintain_order="left")
    return joined.select("text", *columns).rows()


def test_one_path_a_response():
    facts = mapped([ROW | {"a": 4, "b": "2"}], TWO | {"ratings": {"path": ["a", "b"], "scale": [1, 5]}})
    assert told(facts, "ratings", "dimension", "value", "value_raw", "scale_min", "scale_max") == [
        ("This one.", "overall", 4.0, "4", 1.0, 5.0), ("That one.", "overall", 2.0, '"2"', 1.0, 5.0),
    ]  # fmt: skip


def test_a_parallel_list_and_a_path_that_visits_one():
    answers = [
        {"text": "one", "q": {"g": 5, "why": "short"}, "by": "m"},
        {"text": "two"},
        {"text": "three", "q": {"g": 1}},
    ]
    row = {"p": "?", "answers": answers, "grades": [0.5, None, 2]}
    ratings = {
        "quality": {"path": "answers[].q.g", "rationale": "answers[].q.why", "scale": [1, 5]},
        "fun": {"path": "grades", "scale": [0, 1]},
    }
    facts = mapped([row], MANY | {"ratings": ratings})
    assert told(facts, "ratings", "dimension", "value", "rationale") == [
        ("one", "quality", 5.0, "short"), ("three", "quality", 1.0, None), ("one", "fun", 0.5, None),
        ("three", "fun", None, None),
    ]  # fmt: skip
    assert facts["responses"]["generator"].to_list() == ["m", None, None]


def test_ratings_of_the_record_and_unknown_scales():
    facts = mapped([ROW | {"m": -7.25}], TWO | {"ratings": {"margin": {"path": "m", "target": "record"}}})
    rating = facts["ratings"].row(0, named=True)
    assert (rating["target"], rating["target_id"]) == ("record", facts["records"]["record_id"][0])
    assert (rating["value"], rating["scale_min"]) == (-7.25, None)


@pytest.mark.parametrize(
    ("said", "value"), [("N/A", "gone"), ("", "gone"), (None, "gone"), ("good", None), (9, None), (True, 1.0)]
)
def test_what_is_no_grade_is_missing_or_without_a_value(said, value):
    facts = mapped([ROW | {"a": said}], TWO | {"ratings": {"path": ["a"], "scale": [1, 5]}})
    assert facts["ratings"]["value"].to_list() == ([] if value == "gone" else [value])


def test_ranks_are_lower_for_better_whatever_the_source_does():
    rankings = {"overall": {"ranks": ["a", "b"]}, "votes": {"ranks": ["a", "b"], "lower_is_better": False}}
    facts = mapped(
        [ROW | {"a": 1, "b": 2.5}, ROW | {"a": None, "b": "first"}], TWO | {"rankings": rankings}, dimension="fun"
    )
    assert told(facts, "rankings", "dimension", "rank", "rank_raw") == [
        ("This one.", "fun", 1.0, "1"), ("That one.", "fun", 2.5, "2.5"),
        ("This one.", "votes", -1.0, "1"), ("That one.", "votes", -2.5, "2.5"),
    ]  # fmt: skip


@pytest.mark.parametrize(("listed", "ranks"), [("best_first", [0.0, 1.0, 2.0]), ("worst_first", [0.0, -1.0, -2.0])])
def test_the_order_of_a_list_may_be_the_ranking(listed, ranks):
    facts = mapped([{"p": "?", "answers": ["1", "2", "3"]}],
                   {"prompt": "p", "responses": {"each": "answers"}, "rankings": {"listed": listed}})  # fmt: skip
    assert told(facts, "rankings", "rank") == list(zip("123", ranks, strict=True))


def test_labels_are_one_value_a_list_of_names_or_an_object():
    labels = [
        {"path": ["safe_x", "safe_y"], "taxonomy": "t", "label": "safe", "severity": ["s_x", "s_y"]},
        {"path": ["harm", "tags"], "taxonomy": "u"},
        {"path": "kind", "taxonomy": "v", "target": "prompt"},
    ]
    row = ROW | {"safe_x": "yes", "safe_y": 0, "s_x": 0, "s_y": "3", "kind": "poem",
                 "harm": {"drugs, weapons": True, "Violence": False, "?": None, "odd": "perhaps"}, "tags": ["a", "b"]}  # fmt: skip
    facts = mapped([row], TWO | {"labels": labels})
    assert told(facts, "labels", "taxonomy", "label", "value", "value_raw", "severity") == [
        ("This one.", "t", "safe", True, '"yes"', 0), ("That one.", "t", "safe", False, "0", 3),
        ("This one.", "u", "drugs, weapons", True, "true", None), ("This one.", "u", "Violence", False, "false", None),
        ("This one.", "u", "odd", None, '"perhaps"', None), ("That one.", "u", "a", True, "true", None),
        ("That one.", "u", "b", True, "true", None), (None, "v", "poem", True, "true", None),
    ]  # fmt: skip
    assert facts["labels"]["target"].to_list()[-1] == "prompt"


def test_feedback_points_at_responses_or_at_the_record():
    feedback = [
        {"path": ["c", "d"]},
        {"path": "why", "kind": "reason", "target": "record", "dimension": "fun"},
        {"path": "answers[].notes", "kind": "note"},
    ]
    row = ROW | {"c": "Too long.", "d": "", "why": "A hunch.", "answers": [{"notes": ["n1", "n2"]}, {"notes": None}]}
    facts = mapped([row], TWO | {"feedback": feedback})
    first, record = facts["responses"]["response_id"][0], facts["records"]["record_id"][0]
    assert facts["feedback"].select("kind", "text", "dimension", "target_ids").rows() == [
        ("critique", "Too long.", None, [first]), ("reason", "A hunch.", "fun", [record]),
        ("note", "n1", None, [first]), ("note", "n2", None, [first]),
    ]  # fmt: skip


def test_marks_of_responses_that_are_not_there_are_left_to_the_extras():
    facts = mapped([{"p": "?", "answers": [{"text": "one"}], "grades": [1, 2]}], MANY | {"ratings": {"path": "grades"}})
    assert told(facts, "ratings", "value") == [("one", 1.0)]
    assert "grades" in facts["records"]["extras"][0]


def test_equal_responses_share_an_id_and_keep_their_places():
    facts = mapped([ROW | {"y": ROW["x"], "a": 1, "b": 2}], TWO | {"ratings": {"path": ["a", "b"]}})
    assert facts["responses"]["index"].to_list() == [0, 1]
    assert facts["responses"]["response_id"].n_unique() == 1
    assert facts["ratings"]["value"].to_list() == [1.0, 2.0]
