"""The operator: what is measured of whom, and what it takes."""

import polars as pl
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from schemas.errors import Terminal
from schemas.rules.metrics import METRICS, metric_types
from tasks.measure import measure
from tasks.measure.measure import Measure
from tests.tasks.small_world import curate, plan, record

JUDGED = pl.DataFrame(
    {
        "pair_id": ["p", "q"],
        "pair_key": ["k", "k"],
        "record_id": ["r", "s"],
        "left": ["a", "a"],
        "right": ["b", "b"],
    }
)
RECORDS = pl.DataFrame({"record_id": ["r", "s"], "prompt_text": ["What is this thing?", "What is this thing?"]})
RESPONSES = pl.DataFrame(
    {"response_id": ["a", "b", "a"], "text": ["this thing here is new", None, "this thing here is new"]}
)


def make_tokenizer():
    """A tokenizer whose tokens are words and marks."""
    made = Tokenizer(WordLevel({"[UNK]": 0, "this": 1}, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    return made.to_str()


def numbers(prompts, answers, tokenizer=None):
    stage = Measure(prompts=prompts, answers=answers)
    said = stage(JUDGED.lazy(), RECORDS.lazy(), RESPONSES.lazy(), tokenizer)
    return said["_measures"].drop("pair_key").sort("pair_id")


def test_only_what_is_asked_for_is_measured():
    blanks = {f"{part}_is_blank" for part in ("prompt", "left", "right")}
    assert set(numbers([], []).columns) == {"pair_id", *blanks}
    assert set(numbers(["urls"], ["words"]).columns) == {"pair_id", *blanks, "prompt_urls", "left_words", "right_words"}


def test_each_distinct_text_is_looked_at_once(monkeypatch):
    seen = []

    def spy(text):
        return text.map_batches(
            lambda texts: seen.extend(texts) or texts.str.len_chars().cast(pl.Int64), return_dtype=pl.Int64
        )

    monkeypatch.setitem(measure.OF_A_TEXT, "chars", spy)
    found = numbers(["chars"], ["chars"])
    assert sorted(seen, key=str) == [None, "What is this thing?", "this thing here is new"]
    assert found["prompt_chars"].to_list() == [19, 19]


def test_the_overlap_is_that_with_the_own_prompt():
    found = numbers([], ["prompt_overlap"])
    assert found.select("left_prompt_overlap", "right_prompt_overlap").rows() == [(0.0, None), (0.0, None)]


def test_language_comes_with_its_confidence_or_without():
    assert numbers(["language"], ["language_confidence"]).columns[1:] == [
        "prompt_is_blank", "prompt_language", "left_is_blank", "left_language_confidence", "right_is_blank",
        "right_language_confidence",
    ]  # fmt: skip


def test_tokens_are_those_of_the_tokenizer_that_is_given():
    tokenizer = pl.LazyFrame({"content": [make_tokenizer()]})
    found = numbers(["tokens"], ["tokens"], tokenizer)
    assert found.select("prompt_tokens", "left_tokens", "right_tokens").rows() == [(5, 5, None), (5, 5, None)]
    with pytest.raises(Terminal, match=r"models\.tokenizer"):
        numbers(["tokens"], [])
    with pytest.raises(Terminal, match=r"no tokenizer\.json"):
        numbers(["tokens"], [], pl.LazyFrame({"content": ["{}"]}))


def test_every_metric_but_tokens_can_be_a_column_of_its_type():
    names = [name for name in metric_types() if name not in METRICS or METRICS[name].measure != "tokens"]
    rows = [record("r", "Who is it?", ["I can't help with that, sorry.", "A friend of mine."], ("b", None))]
    found = curate(rows, plan(metrics=names))["metrics"]
    assert dict(found.drop("pair_id").schema) == {name: metric_types()[name] for name in found.columns[1:]}
    assert set(found.columns) == {"pair_id", *names}
    assert found.row(0, named=True)["rejected_is_refusal"] is True
    assert found.row(0, named=True)["chosen_is_refusal"] is False
