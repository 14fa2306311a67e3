"""The operators of a run, without a store, against the demo's truth: everything planted is found, and nothing else."""

import csv
import io

import orjson
import polars as pl
import pytest

from schemas.plan.file import parse_plan
from schemas.text import written
from tasks.decontaminate.benchmark import Benchmark
from tasks.demo.judge import judge
from tasks.demo.text import (
    ANSWERS_FILE,
    BENCHMARK_FILE,
    CJK_FILE,
    COPIES_FILE,
    LEAKS_FILE,
    NEAR_FILE,
    VOTES_FILE,
    generate,
)
from tests.tasks.small_world import curate, record


def rows_of(demo, file):
    return [orjson.loads(line) for line in demo.files[file].splitlines()]


def prompt_of(talk):
    return pl.DataFrame({"talk": [talk]}).select(written(pl.col("talk"))).item()


def records_of(demo):
    """The records that a mapping would make of the demo's files; lines that cannot be read are left out."""
    lost = {int(key.split(":")[1]) for key in demo.truth["keys"].explode() if ":" in key}
    lines = enumerate(demo.files[ANSWERS_FILE].splitlines(), start=1)
    for number, row in [(number, orjson.loads(line)) for number, line in lines if number not in lost]:
        vote = ("a", row["annotator"])
        answers = [row["chosen"], row["rejected"]]
        yield record(f"{row['id']}/{number}", row["prompt"], answers, vote, source="answers")
    for row in csv.DictReader(io.StringIO(demo.files[COPIES_FILE].decode())):
        vote = ("a" if row["preference"] == "1" else "b", None)
        answers = [row["output_1"], row["output_2"]]
        yield record(f"{row['item']}/1", row["instruction"], answers, vote, source="republished")
    for source, file in (("near", NEAR_FILE), ("cjk", CJK_FILE)):
        for row in rows_of(demo, file):
            yield record(f"{row['id']}/1", row["prompt"], [row["chosen"], row["rejected"]], ("a", None), source=source)
    for row in rows_of(demo, LEAKS_FILE):
        talk, answers = row["messages"], [row["chosen"], row["rejected"]]
        yield record(f"{row['id']}/1", prompt_of(talk), answers, ("a", None), source="leaks", messages=talk)
    for row in rows_of(demo, VOTES_FILE):
        talk = row["messages"]
        votes = [(vote["vote"], vote["worker"]) for vote in row["votes"]]
        answers = [row["answer_a"], row["answer_b"]]
        yield record(f"{row['id']}/1", prompt_of(talk), answers, *votes, source="votes", messages=talk)


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_planted_is_found_and_nothing_else(seed):
    demo = generate(seed=seed, size=200)
    truth = demo.truth.filter(~pl.col("keys").list.first().str.contains(":"))
    questions = rows_of(demo, BENCHMARK_FILE)
    benchmark = Benchmark(benchmark="demo-benchmark")(questions, range(1, len(questions) + 1), BENCHMARK_FILE)
    tables = curate(list(records_of(demo)), parse_plan(demo.plan).plan, benchmarks=benchmark)
    key = pl.col("record_id").str.split("/").list.first()
    quarantine = pl.DataFrame(schema=dict.fromkeys(("source", "file", "line", "reason"), pl.String))
    named = {"records": tables["records"].with_columns(source_key=key), "quarantine": quarantine}
    judged = judge(truth, tables | named)
    assert judged.filter((pl.col("missed") > 0) | (pl.col("wrong") > 0)).to_dicts() == []
    assert judged["planted"].sum() == truth.height
