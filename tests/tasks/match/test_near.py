"""Near matching against the plain way: everything at or above the threshold is found, and nothing below it."""

import numpy as np
import polars as pl
import pytest

from schemas.text import normalise, written
from tasks.match import near as near_module
from tests.tasks.shingles import plain
from tests.tasks.small_world import curate, plan, record

ENGLISH = [f"word{number}" for number in range(400)]
CHINESE = [chr(0x4E00 + number) for number in range(400)]


def edited(rng, words, share):
    """Change a share of the words, each for one that is nowhere else."""
    changed = list(words)
    for at in rng.choice(len(words), max(1, int(len(words) * share)), replace=False):
        changed[at] = f"new{rng.integers(1 << 40)}" if words[at].isascii() else chr(0x6000 + int(rng.integers(8000)))
    return changed


def world(rng, count, vocabulary, joint):
    """Records of which each has a copy with more or fewer words changed."""
    made = []
    for number in range(count):
        texts = [rng.choice(vocabulary, 30 + 10 * place).tolist() for place in range(3)]
        share = 0.08 * number / count
        for copy, words in (("x", texts), ("y", [edited(rng, each, share) for each in texts])):
            prompt, left, right = (joint.join(each) for each in words)
            made.append(record(f"{number}{copy}", prompt, [left, right], ("a", None)))
    return made


def plain_near(texts, threshold):
    sets = {key: plain.shingles(normalise(pl.Series([text]))[0], 5) for key, text in texts.items()}
    keys = sorted(sets)
    scores = {(a, b): plain.jaccard(sets[a], sets[b]) for at, a in enumerate(keys) for b in keys[at + 1 :]}
    return {pair: score for pair, score in scores.items() if score >= threshold}


@pytest.mark.parametrize(("vocabulary", "joint"), [(ENGLISH, " "), (CHINESE, "")])
def test_everything_near_is_found_and_nothing_else(vocabulary, joint):
    records = world(np.random.default_rng(3), 60, vocabulary, joint)
    tables = curate(records)
    told = tables["clusters"].filter(pl.col("method") == "near", pl.col("partner_id").is_not_null())
    for key, texts in (
        ("prompt", {each["id"]: each["prompt"] for each in records}),
        ("response", {f"<{text}>": text for each in records for text in each["answers"]}),
    ):
        wanted = plain_near(texts, 0.8)
        rows = told.filter(pl.col("key") == key)
        found = {tuple(sorted(ids)): score for *ids, score in rows.select("subject_id", "partner_id", "score").rows()}
        assert found == pytest.approx(wanted)
        assert wanted


def test_a_pair_is_near_if_all_of_it_and_its_answers_are():
    records = world(np.random.default_rng(4), 60, ENGLISH, " ")
    near = curate(records)["_near"]
    sets = {each["id"]: [plain.shingles(text, 5) for text in (*each["answers"], each["prompt"])] for each in records}
    wanted = []
    for number in range(60):
        x, y = sets[f"{number}x"], sets[f"{number}y"]
        scores = [plain.jaccard(set().union(*x[:parts]), set().union(*y[:parts])) for parts in (2, 3)]
        wanted += [min(scores)] if min(scores) >= 0.8 else []
    assert sorted(near["score"]) == pytest.approx(sorted(wanted))


LONG = " ".join(ENGLISH[:60])
OTHER = " ".join(ENGLISH[60:120])
QUESTION = " ".join(ENGLISH[200:230])


def test_opposite_answers_to_nearly_the_same_pair_contradict_each_other():
    tables = curate([
        record("x", QUESTION, [LONG, OTHER], ("a", None)),
        record("y", QUESTION + " indeed", [OTHER + " yes", LONG], ("a", None)),
    ])  # fmt: skip
    told = tables["contradictions"].row(0, named=True)
    assert (told["method"], told["settled"], told["votes_a"], told["votes_b"]) == ("near", "even", 1.0, 1.0)
    assert tables["pairs"]["reason"].to_list() == ["contradictory", "contradictory"]


def test_a_near_contradiction_is_settled_by_all_near_copies():
    tables = curate([
        record("x", QUESTION, [LONG, OTHER], ("a", "p")),
        record("y", QUESTION + " yes", [LONG, OTHER], ("a", "q")),
        record("z", QUESTION + " indeed", [LONG, OTHER], ("b", "r")),
    ])  # fmt: skip
    told = tables["contradictions"].select("votes_a", "votes_b", "settled")
    assert told.rows() == [(2.0, 1.0, "a")] * 2
    reasons = dict(tables["pairs"].select("record_id", "reason").rows())
    assert reasons == {"x": None, "y": "near_duplicate", "z": "outvoted"}
    ids = dict(tables["pairs"].select("record_id", "pair_id").rows())
    assert tables["contradictions"]["ids"].to_list() == [[ids["x"], ids["z"]], [ids["y"], ids["z"]]]


@pytest.mark.parametrize(("policy", "reasons"), [
    ("majority", {"x": None, "y": "outvoted"}),
    ("drop", {"x": "contradictory", "y": "contradictory"}),
    ("keep", {"x": None, "y": None}),
])  # fmt: skip
def test_near_contradictions_are_settled_as_the_plan_says(policy, reasons):
    records = [
        record("x", QUESTION, [LONG, OTHER], ("a", "p"), ("a", "q")),
        record("y", QUESTION, [LONG + " yes", OTHER], ("b", None)),
    ]
    tables = curate(records, plan(dedupe={"contradictions": policy}))
    assert dict(tables["pairs"].select("record_id", "reason").rows()) == reasons


def test_a_near_copy_is_dropped_for_its_partner_and_they_share_a_component():
    tables = curate([
        record("x", QUESTION, [LONG, OTHER], ("a", None)),
        record("y", QUESTION, [OTHER, LONG + " yes"], ("b", None)),
    ])  # fmt: skip
    told = tables["decisions"].filter(pl.col("stage") == "near").row(0, named=True)
    pairs = {row["record_id"]: row for row in tables["pairs"].iter_rows(named=True)}
    assert (told["subject_id"], told["partner_id"]) == (pairs["y"]["pair_id"], pairs["x"]["pair_id"])
    assert told["score"] == pytest.approx(0.8, abs=0.2)
    assert (pairs["y"]["reason"], pairs["x"]["reason"]) == ("near_duplicate", None)
    assert pairs["x"]["component_id"] == pairs["y"]["component_id"]


def test_a_prompt_that_nearly_repeats_an_earlier_question_is_tied_to_the_conversation():
    talk = [{"role": "user", "content": QUESTION}, {"role": "assistant", "content": LONG},
            {"role": "user", "content": "Because."}]  # fmt: skip
    whole = pl.DataFrame({"talk": [talk]}).select(written(pl.col("talk"))).item()
    tables = curate([
        record("x", whole, ["yes", "no"], ("a", None), messages=talk),
        record("y", QUESTION + " indeed", ["perhaps", "never"], ("a", None)),
    ])  # fmt: skip
    told = tables["clusters"].filter(pl.col("key") == "conversation", pl.col("partner_id").is_null())
    assert told["subject_id"].to_list() == ["x"]
    assert tables["pairs"]["component_id"].n_unique() == 1


def test_two_turns_of_a_long_conversation_are_different_pairs():
    first = [{"role": "user", "content": f"{QUESTION} {LONG} {OTHER}"}]
    second = [*first, {"role": "assistant", "content": "ok"}, {"role": "user", "content": "go on"}]
    prompts = pl.DataFrame({"talk": [first, second]}).select(written(pl.col("talk"))).to_series().to_list()
    tables = curate([
        record("x", prompts[0], ["first answer", "second answer"], ("a", None), messages=first),
        record("y", prompts[1], ["third reply here", "fourth reply here"], ("a", None), messages=second),
    ])  # fmt: skip
    assert tables["pairs"]["kept"].all()
    assert tables["_near"].is_empty()


def test_answers_without_a_word_are_not_compared():
    tables = curate([
        record("x", QUESTION, [LONG, "!!"], ("a", None)),
        record("y", QUESTION + " indeed", [LONG, "??"], ("a", None)),
    ])  # fmt: skip
    assert tables["_near"].is_empty()


def test_a_training_pair_near_evaluation_data_is_contaminated():
    tables = curate([
        record("x", QUESTION, ["one", "two"], ("a", None)),
        record("e", QUESTION + " indeed", ["three", "four"], ("a", None), evaluation_only=True),
    ])  # fmt: skip
    assert dict(tables["pairs"].select("record_id", "reason").rows()) == {"x": "contaminated", "e": None}


def test_near_off_finds_nothing():
    records = [record(name, QUESTION, [LONG + name, OTHER], ("a", None)) for name in "xy"]
    tables = curate(records, plan(dedupe={"near": None}))
    assert tables["pairs"]["kept"].all()
    assert tables["clusters"].filter(pl.col("method") == "near").is_empty()


def test_batches_do_not_show(monkeypatch):
    records = world(np.random.default_rng(6), 80, ENGLISH, " ")
    whole = curate(records)
    monkeypatch.setattr(near_module, "_PAIRS", 2)
    batched = curate(records)
    assert whole["_near"].height > 2
    for name in ("_near", "_near_links", "clusters"):
        assert batched[name].equals(whole[name]), name
