"""Planted circles are found, and nothing else, in any order of rows."""

import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tasks.report.cycles
from tasks.report.cycles import cycles

COLUMNS = ["prompt_key", "dimension", "source", "chosen_id", "rejected_id"]


def pairs(*rows):
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def beats(*sides, prompt="p", dimension="overall", source="s"):
    return [(prompt, dimension, source, a, b) for a, b in sides]


def counts(frame):
    return cycles(frame).counted.rows()


def test_a_circle_is_found_and_named():
    found = cycles(pairs(*beats("ab", "bc", "ca")))
    assert found.counted.rows() == [("s", "overall", 1, 1)]
    (each,) = found.examples.to_dicts()
    sides = {(each["a"], each["b"]), (each["b"], each["c"]), (each["c"], each["a"])}
    assert sides == {("a", "b"), ("b", "c"), ("c", "a")}


def test_an_order_is_no_circle():
    assert counts(pairs(*beats("ab", "bc", "ac"))) == [("s", "overall", 1, 0)]


def test_other_prompts_and_dimensions_close_nothing():
    sides = beats("ab", "bc") + beats("ca", prompt="q") + beats("ca", dimension="safety")
    assert counts(pairs(*sides)) == []


def test_a_pair_decided_both_ways_says_nothing():
    assert counts(pairs(*beats("ab", "ba", "bc", "ca"))) == []
    assert counts(pairs(*beats("ab", "ab", "ba", "bc", "ca"))) == [("s", "overall", 1, 1)]


def test_a_triple_of_two_sources_is_counted_apart():
    assert counts(pairs(*beats("ab", "bc"), *beats("ca", source="t"))) == [("several", "overall", 1, 1)]


def by_hand(frame):
    won = {(a, b) for a, b in frame.select("chosen_id", "rejected_id").iter_rows()}
    names = sorted({name for side in won for name in side})
    triples = [
        trio for trio in itertools.combinations(names, 3)
        if all((a, b) in won or (b, a) in won for a, b in itertools.combinations(trio, 2))
    ]  # fmt: skip
    cyclic = sum(
        {(a, b), (b, c), (c, a)} <= won or {(b, a), (c, b), (a, c)} <= won for a, b, c in triples
    )  # fmt: skip
    return [("s", "overall", len(triples), cyclic)] if triples else []


outcomes = st.dictionaries(st.sampled_from(list(itertools.combinations("abcdefg", 2))), st.booleans())


@given(outcomes, st.randoms())
def test_as_many_as_by_hand_in_any_order(told, random):
    sides = [(a, b) if first else (b, a) for (a, b), first in told.items()]
    random.shuffle(sides)
    frame = pairs(*beats(*sides))
    assert counts(frame) == by_hand(frame)


@pytest.mark.parametrize("paths", [1, 7])
def test_batches_change_nothing(monkeypatch, paths):
    sides = [(a, b) if (int(a) + int(b)) % 3 else (b, a) for a, b in itertools.combinations("0123456789", 2)]
    frame = pairs(*beats(*sides))
    whole = cycles(frame)
    monkeypatch.setattr(tasks.report.cycles, "_PATHS", paths)
    assert cycles(frame).counted.equals(whole.counted)
    assert cycles(frame).examples.equals(whole.examples)
    assert whole.counted["triples"].item() == 120
