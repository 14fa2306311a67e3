"""The mapping language: paths, short forms, and what it refuses."""

import pytest
from pydantic import ValidationError

from schemas.mapping.mapping import DEEP, EACH, Key, Mapping, steps
from schemas.mapping.paths import branches_of

PAIR = {"prompt": "p", "responses": ["x", "y"]}


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("prompt", (Key("prompt"),)),
        ("text[0]", (Key("text"), 0)),
        ("a[-1].b", (Key("a"), -1, Key("b"))),
        ("completions[].response", (Key("completions"), EACH, Key("response"))),
        ('"a.b".c', (Key("a.b"), Key("c"))),
        ('"hate_speech,offensive[1]"', (Key("hate_speech,offensive[1]"),)),
        ("text prompt", (Key("text prompt"),)),
        ("fine-grained_score", (Key("fine-grained_score"),)),
        ("**.user_id", (DEEP, Key("user_id"))),
    ],
)
def test_paths_are_taken_apart(path, way):
    assert steps(path) == way
    assert [isinstance(step, Key) for step in steps(path)] == [isinstance(step, Key) for step in way]


@pytest.mark.parametrize("path", ["", "a.", "a..b", ".a", "a[x]", 'a"b"', "a]", "{a}", "a[", "**", "a[0]b"])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(ValueError, match="is no path"):
        steps(path)
    with pytest.raises(ValidationError, match="is no path"):
        Mapping.model_validate(PAIR | {"language": path})


def test_a_bar_means_or_else():
    (either,) = steps('a.b|"c|d"[]|e')
    assert either.ways == ((Key("a"), Key("b")), (Key("c|d"), EACH), (Key("e"),))
    assert branches_of((Key("x"), *steps("a|b"))) == [(Key("x"), Key("a")), (Key("x"), Key("b"))]
    with pytest.raises(ValueError, match="is no path"):
        steps("a|")


def test_short_forms():
    mapping = Mapping.model_validate(PAIR | {"winner": {"column": "w", "values": {"1": "a"}}, "ratings": {"path": "r"}})
    assert mapping.prompt.columns == ["p"]
    assert [response.text for response in mapping.responses] == ["x", "y"]
    assert mapping.winner["overall"].column == "w"
    assert mapping.ratings["overall"].scale is None
    assert Mapping.model_validate(PAIR | {"prompt": "{a}: {b.c}"}).prompt.template == "{a}: {b.c}"
    assert Mapping.model_validate({"prompt": ["a", "b"], "responses": "x"}).prompt.columns == ["a", "b"]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"prompt": {"columns": ["p"], "implicit": True}}, "exactly one of"),
        ({"prompt": {"template": "{a..b}"}}, "is no path"),
        ({"winner": {"column": "w"}}, "needs values"),
        ({"winner": {"column": "w", "always": "a", "values": {"1": "a"}}}, "only one of"),
        ({"winner": {"overall": {}}}, "needs column, scores, always"),
        ({"winner": {"values": {"1": "a"}}}, "no annotators vote here"),
        ({"winner": {"always": "a", "b": 2}}, "has 2 responses, count from 0"),
        ({"winner": {"always": "a", "a": 1}}, "two different responses"),
        ({"winner": {"column": "w", "scale": [1, 1]}}, "two different ends"),
        ({"winner": {"column": "w", "values": {"1": "c"}}}, "both_bad"),
        ({"annotators": ["r1", "r2"], "winner": {"always": "a"}}, "no winner has only values"),
        ({"path_pattern": "("}, "no regular expression"),
        ({"path_pattern": "(?P<colour>red)"}, "needs named groups"),
        ({"responses": [{"generator": "g"}]}, "needs text, media, media_name or each"),
        ({"rankings": {"overall": {}}}, "exactly one of ranks and listed"),
        ({"prompt": {"implicit": True}, "responses": []}, "needs responses"),
        ({"prompts": "p"}, "Extra inputs"),
        ({"prompt": {"columns": ["p"], "turns": "n"}}, "prompt is implicit"),
        ({"winner": {"flags": {"better": "w"}}}, "both_bad"),
        ({"winner": {"pick": "w", "column": "v", "values": {"1": "a"}}}, "only one of"),
        ({"winner": {"of_parts": True, "column": "w", "values": {"1": "a"}}}, "of_parts needs always"),
        ({"winner": {"always": "a", "of_parts": True, "b": 2}}, "has 2 responses, count from 0"),
        ({"winner": {"always": "a", "strength": "s", "is_ratio": True, "strength_max": 1}}, "strength_max above 1"),
        ({"captures": [{"path": "t", "pattern": "("}]}, "no regular expression"),
        ({"captures": [{"path": "t", "pattern": "x"}]}, "needs named groups"),
        ({"annotators": "captured.who"}, "cannot get pseudonyms"),
        ({"tree": {"root": "r"}, "history": {"turns": "t"}}, "only one of tree, history"),
        ({"license": {"column": "l", "values": {}}}, "at least 1"),
        ({"parts": {"each": "a"}, "group": {"by": ["a"], "answer": ["b"]}}, "only one of tree, history"),
        ({"prompt": {"columns": ["p"], "without": "("}}, "without is no regular expression"),
        ({"prompt": {"messages": "p", "history": "h"}}, "a history goes before the prompt"),
        ({"winner": {"always": "a", "votes": {"each": "v", "vote": "w"}}}, "no other way to say"),
        ({"winner": {"column": "w", "values": {"1": 1.5}}}, "less than or equal to 1"),
        ({"labels": [{"path": "l", "taxonomy": "t", "if_null": True}]}, "if_null needs label"),
        ({"reviews": [{"each": "r", "annotator": "captured.who"}]}, "cannot get pseudonyms"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(part, message):
    with pytest.raises(ValidationError, match=message):
        Mapping.model_validate(PAIR | part)
