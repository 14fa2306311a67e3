"""Prompts that stand in a benchmark are found, with the file and line, and told apart from those that do not."""

import polars as pl
import pytest

from schemas.errors import Terminal
from schemas.text import written
from tasks.decontaminate.benchmark import Benchmark
from tests.tasks.small_world import curate, record

QUESTION = "Name three rivers that flow through more than two countries and say where each of them ends"
OTHER = "Write a short letter to your landlord about the heating that has not worked since last week"
KNOWN = Benchmark(benchmark="bench")([{"prompt": QUESTION}, {"prompt": OTHER}, {"prompt": "Hi"}], [1, 2, 3], "b.jsonl")


def told(*records):
    tables = curate([record(f"r{at}", *each[:-1], **each[-1]) for at, each in enumerate(records)], benchmarks=KNOWN)
    hits = tables["decisions"].filter(pl.col("stage") == "decontaminate")
    pairs = tables["pairs"].select("pair_id", "record_id", "reason", "kept")
    return hits.join(pairs, left_on="subject_id", right_on="pair_id", suffix="_pair").sort("record_id"), pairs


def asked(prompt, **about):
    return prompt, [f"yes {prompt[:9]}", "no"], ("a", None), about


@pytest.mark.parametrize(("prompt", "method", "line"), [
    (QUESTION, "equal", 1),
    (f"  {QUESTION.upper()} ", "equal", 1),
    (f"{QUESTION}, please", "near", 1),
    (f"My teacher asked: {QUESTION}. " + "I have no idea where to begin, so explain it slowly. " * 5, "contained", 1),
    ("hi", "equal", 3),
])  # fmt: skip
def test_a_prompt_in_a_benchmark_is_left_out(prompt, method, line):
    hits, pairs = told(asked(prompt))
    hit = hits.row(0, named=True)
    assert (hit["action"], hit["reason"], hit["rule"]) == ("drop", "in_benchmark", "bench")
    assert hit["value"] == f'{{"file":"b.jsonl","line":{line},"method":"{method}"}}'
    assert pairs["reason"].to_list() == ["in_benchmark"]


@pytest.mark.parametrize("prompt", [
    "hi there", "Name three rivers that flow", "Write a short letter to your sister about the holidays in spring",
    "Which rivers end in the sea and which of them flow through more than one country?",
])  # fmt: skip
def test_other_prompts_stay(prompt):
    hits, pairs = told(asked(prompt))
    assert hits.is_empty()
    assert pairs["kept"].all()


def test_every_turn_of_the_user_is_compared_and_no_turn_of_the_assistant():
    def talk(first, second):
        said = [{"role": "user", "content": first}, {"role": "assistant", "content": second},
                {"role": "user", "content": "Thank you, and what else is there to know about all of it?"}]  # fmt: skip
        whole = pl.DataFrame({"talk": [said]}).select(written(pl.col("talk"))).item()
        return whole, [f"yes {first[:9]}", "no"], ("a", None), {"messages": said}

    _, pairs = told(talk("Hi", "I am well and how are you today"), talk("Who is there?", "Hi"))
    assert dict(pairs.select("record_id", "reason").rows()) == {"r0": "in_benchmark", "r1": None}


def test_what_only_evaluates_is_marked_and_stays():
    hits, pairs = told(asked(QUESTION, evaluation_only=True))
    assert hits["action"].to_list() == ["flag"]
    assert pairs["kept"].all()


def test_every_file_is_named_and_the_surest_decides():
    again = Benchmark(benchmark="again")([{"turns": [f"{QUESTION} now", "More"]}], [7], "a.jsonl")
    tables = curate([record("r", QUESTION, ["y", "n"], ("a", None))], benchmarks=pl.concat([again, KNOWN]))
    hits = tables["decisions"].filter(pl.col("stage") == "decontaminate").select("rule", "action", "value")
    assert sorted(hits.rows()) == [
        ("again", "flag", '{"file":"a.jsonl","line":7,"method":"near"}'),
        ("bench", "drop", '{"file":"b.jsonl","line":1,"method":"equal"}'),
    ]


@pytest.mark.parametrize(("doc", "texts"), [
    ({"prompt": "a", "answer": "b"}, ["a"]),
    ({"turns": ["a", "b"]}, ["a", "b"]),
    ({"turns": [{"content": "a"}]}, ["a"]),
    ({"instruction": "a", "input": "b"}, ["a", "b"]),
])  # fmt: skip
def test_prompts_are_found_where_benchmarks_usually_have_them(doc, texts):
    assert Benchmark(benchmark="b")([doc], [1], "f")["text"].to_list() == texts


def test_a_benchmark_without_prompts_is_an_error_that_names_its_columns():
    with pytest.raises(Terminal, match=r"no row of the benchmark f has a prompt in prompt, .*; its columns are id, q"):
        Benchmark(benchmark="b")([{"id": 1, "q": "x"}], [1], "f")
