"""The operators of a run, without a store, against the demo's truth: everything planted is found, and nothing else."""

import csv
import io

import orjson
import polars as pl
import pytest

from schemas.plan_file import parse_plan
from schemas.text import written
from tasks.demo.judge import judge
from tasks.demo.text import ANSWERS_FILE, COPIES_FILE, VOTES_FILE, generate
from tests.tasks.small_world import curate, record


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
    for row in map(orjson.loads, demo.files[VOTES_FILE].splitlines()):
        talk = row["messages"]
        prompt = pl.DataFrame({"talk": [talk]}).select(written(pl.col("talk"))).item()
        votes = [(vote["vote"], vote["worker"]) for vote in row["votes"]]
        answers = [row["answer_a"], row["answer_b"]]
        yield record(f"{row['id']}/1", prompt, answers, *votes, source="votes", messages=talk)


@pytest.mark.parametrize("seed", [1, 2])
def test_everything_planted_is_found_and_nothing_else(seed):
    demo = generate(seed=seed, size=200)
    truth = demo.truth.filter(~pl.col("keys").list.first().str.contains(":"))
    tables = curate(list(records_of(demo)), parse_plan(demo.plan).plan)
    key = pl.col("record_id").str.split("/").list.first()
    quarantine = pl.DataFrame(schema=dict.fromkeys(("source", "file", "line", "reason"), pl.String))
    named = {"records": tables["records"].with_columns(source_key=key), "quarantine": quarantine}
    judged = judge(truth, tables | named)
    assert judged.filter((pl.col("missed") > 0) | (pl.col("wrong") > 0)).to_dicts() == []
    assert judged["planted"].sum() == truth.height
