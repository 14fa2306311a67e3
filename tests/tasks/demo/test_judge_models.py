import polars as pl
import pytest

from tasks.demo.judge_models import judge_models
from tasks.demo.truth import TRUTH

RULE = "wrong_prompt"
KEYS = {
    "wrong_prompt": ["wrong-0", "wrong-1"],
    "drawing_fits": ["fits-0", "fits-1"],
    "spoken_sentence": ["said-0", "said-1", "said-2"],
}


@pytest.fixture
def truth():
    rows = [
        (kind, "some", [key], "mismatched" if kind == RULE else "kept", 1, None)
        for kind, keys in KEYS.items()
        for key in keys
    ]
    return pl.DataFrame(rows, schema=TRUTH, orient="row")


@pytest.fixture
def tables():
    keys = [key for some in KEYS.values() for key in some]
    prompts = {key: f"draw what {key} shows" for key in keys}
    said = [(f"media {key}", f"what {key} shows") for key in keys]
    pairs = {
        "pair_id": [f"pair {key}" for key in keys], "record_id": keys, "kept": [True] * len(keys),
        "prompt": list(prompts.values()), "chosen_media_id": [media for media, _ in said],
    }  # fmt: skip
    flags = {"subject_id": [f"pair {key}" for key in KEYS[RULE]], "action": "flag", "rule": RULE}
    words = pl.DataFrame(said, schema=["media_id", "text"], orient="row")
    return {
        "records": pl.DataFrame({"record_id": keys, "source_key": keys}),
        "pairs": pl.DataFrame(pairs),
        "decisions": pl.DataFrame(flags),
        "captions": words.filter(pl.col("media_id").str.contains("fits")),
        "transcripts": words.filter(pl.col("media_id").str.contains("said")),
    }


def judged(truth, tables):
    return {name: numbers for name, *numbers in judge_models(truth, tables, RULE).rows()}


def test_what_is_all_right_is_found(truth, tables):
    assert judged(truth, tables) == {
        "wrong_prompt": [2, 2, 2, 1.0, 1.0],
        "drawing_fits in captions": [2, 2, None, 1.0, None],
        "spoken_sentence in transcripts": [3, 3, None, 1.0, None],
    }


def test_what_is_flagged_wrongly_costs_precision_and_what_is_not_flagged_recall(truth, tables):
    other = tables["decisions"].with_columns(pl.col("subject_id").str.replace("wrong-0", "fits-0", literal=True))
    assert judged(truth, tables | {"decisions": other})["wrong_prompt"] == [2, 1, 2, 0.5, 0.5]
    assert judged(truth, tables | {"decisions": other.clear()})["wrong_prompt"] == [2, 0, 0, 0.0, None]
    assert judged(truth, tables | {"decisions": other.with_columns(rule=pl.lit("other"))})["wrong_prompt"][1] == 0


def test_words_must_be_the_right_ones_to_the_end(truth, tables):
    said = tables["transcripts"].with_columns(
        text=pl.Series(["what said-0 shows", "hat said-1 shows", "what said-2"]),
    )
    found = judged(truth, tables | {"transcripts": said})
    assert found["spoken_sentence in transcripts"][:2] == [3, 1]
    assert found["drawing_fits in captions"][:2] == [2, 2]


def test_media_of_which_nothing_is_said_and_pairs_that_are_gone_are_not_found(truth, tables):
    gone = tables["pairs"].with_columns(kept=pl.col("record_id") != "fits-0")
    assert judged(truth, tables | {"pairs": gone})["drawing_fits in captions"][:2] == [2, 1]
    silent = tables | {"captions": tables["captions"].clear()}
    assert judged(truth, silent)["drawing_fits in captions"] == [2, 0, None, 0.0, None]
