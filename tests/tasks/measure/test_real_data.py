"""Measures of real answers are of the size that real answers have."""

import gzip
import json
from pathlib import Path

import polars as pl
import pytest

from tasks.measure.measure import OF_A_TEXT
from tasks.measure.text import phrases
from tasks.measure.text.language import detect

DIALOGUES = Path(__file__).parents[3] / "../shared/data/hh-rlhf-harmless-test/test.jsonl.gz"


@pytest.mark.skipif(not DIALOGUES.exists(), reason=f"no dialogues of hh-rlhf at {DIALOGUES}")
def test_answers_of_hh_rlhf():
    lines = gzip.decompress(DIALOGUES.read_bytes()).splitlines()[:600]
    texts = [json.loads(line)["chosen"].rsplit("Assistant:", 1)[1].strip() for line in lines]
    frame = pl.DataFrame({"t": texts})
    found = frame.select(measure(pl.col("t")).alias(name) for name, measure in OF_A_TEXT.items())
    language = frame.select(detect(pl.col("t"))).unnest("t")["language"].drop_nulls()
    assert (language == "en").mean() > 0.95
    assert 50 < found["readability"].median() < 100
    assert found["repetition"].mean() < 0.05
    assert 0.0 < found["is_refusal"].mean() < 0.5
    assert found["code_share"].sum() == 0.0
    every = frame["t"].str.head(400).str.to_lowercase().str.contains(phrases._REFUSAL)
    assert every.to_list() == found["is_refusal"].to_list()
