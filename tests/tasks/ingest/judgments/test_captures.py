"""Values inside a text, grades of several raters, licences that follow from a column."""

from tests.tasks.ingest.shards import mapped

TWO = {"prompt": "p", "responses": ["x", "y"]}
ROW = {"p": "Which?", "x": "This one.", "y": "That one."}


def test_named_groups_become_values():
    mapping = TWO | {
        "captures": [{"path": "said", "pattern": r"(?P<left>\d+) to (?P<right>\d+)(?:, (?P<why>.+))?$"}],
        "winner": {"scores": ["captured.left", "captured.right"], "rationale": "captured.why"},
    }
    facts = mapped([ROW | {"said": "7 to 3, it\nis short"}, ROW | {"said": "no"}, ROW | {"said": None}, ROW], mapping)
    assert facts["comparisons"].select("outcome", "outcome_raw", "rationale").rows() == [
        ("a", '["7","3"]', "it\nis short"), *[("invalid", "[null,null]", None)] * 3,
    ]  # fmt: skip
    assert not any("captured" in text for text in facts["records"]["extras"].drop_nulls())


def test_each_rater_gives_a_grade():
    ratings = {
        "fun": {"path": ["a", "b"], "by_rater": True, "scale": [0, 4]},
        "more_fun": {"path": ["c"], "dimension": "fun"},
    }
    facts = mapped([ROW | {"a": [1, None, 4], "b": "[9, 2]", "c": 3}], TWO | {"ratings": ratings})
    places = dict(facts["responses"].select("response_id", "index").iter_rows())
    told = [(places[row["target_id"]], row["dimension"], row["value"]) for row in facts["ratings"].to_dicts()]
    assert told == [(0, "fun", 1.0), (0, "fun", 4.0), (1, "fun", None), (1, "fun", 2.0), (0, "fun", 3.0)]


def test_a_licence_may_follow_from_a_column():
    mapping = TWO | {"license": {"column": "from", "values": {"wiki": "CC-BY-SA-4.0", "7": "CC-BY-NC-4.0"}}}
    facts = mapped([ROW | {"from": "wiki"}, ROW | {"from": 7}, ROW | {"from": "else"}, ROW], mapping, license="MIT")
    assert facts["records"].select("license", "commercial_ok").rows() == [
        ("CC-BY-SA-4.0", True), ("CC-BY-NC-4.0", False), ("MIT", True), ("MIT", True),
    ]  # fmt: skip
