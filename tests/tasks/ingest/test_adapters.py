"""Every built-in adapter: it takes its own rows and no others, loses nothing, and says what the rows say."""

import polars as pl
import pytest

from schemas.errors import Terminal
from tasks.ingest.recognise import Columns, adapters, recognise
from tests.tasks.ingest.samples import HUMAN, LONG, SAMPLES
from tests.tasks.ingest.shards import PSEUDONYM, assert_nothing_is_lost, facts_of, recognised

NAMES = sorted(SAMPLES)


def facts_by_adapter(name, at=None):
    docs = SAMPLES[name] if at is None else [SAMPLES[name][at]]
    return facts_of(recognised(SAMPLES[name]), docs)


def judged(facts):
    texts = dict(facts["responses"].select("response_id", "text").iter_rows())
    return [
        (row["dimension"], row["outcome"], row["strength"], texts[row["a"]], texts[row["b"]])
        for row in facts["comparisons"].iter_rows(named=True)
    ]


def test_every_adapter_has_samples():
    assert [adapter.name for adapter in adapters()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_rows_are_recognised_one_by_one_and_together(name):
    for rows in (SAMPLES[name], *([row] for row in SAMPLES[name])):
        assert recognise({column for row in rows for column in row}, rows).name == name


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(name):
    ingest = recognised(SAMPLES[name])
    facts = facts_of(ingest, SAMPLES[name])
    assert facts["quarantine"].height == 0
    assert_nothing_is_lost(ingest, facts, SAMPLES[name])
    assert set(facts["rows"]["row_id"]) == set(facts["records"]["row_ids"].explode())
    kept = "".join(facts["records"]["extras"].drop_nulls())
    # A tree also has texts outside its records, a debate has its own markup of them, and a judge's prompt quotes them.
    assert (LONG[:40] in kept) is (name in ("oasst-trees", "ukp-convarg1", "mt-bench-pair", "mt-bench-single"))


@pytest.mark.parametrize("name", NAMES)
def test_judgments_point_at_what_exists(name):
    facts = facts_by_adapter(name)
    responses, records = set(facts["responses"]["response_id"]), set(facts["records"]["record_id"])
    assert set(facts["comparisons"]["a"]) | set(facts["comparisons"]["b"]) <= responses
    assert set(facts["rankings"]["response_id"]) <= responses
    assert set(facts["ratings"]["target_id"]) | set(facts["labels"]["target_id"]) <= responses | records
    for table in ("responses", "comparisons", "rankings", "ratings", "labels", "feedback"):
        assert set(facts[table]["record_id"]) <= records, table


def test_hh_transcripts():
    facts = facts_by_adapter("hh-rlhf", 0)
    assert judged(facts) == [("overall", "a", 1.0, LONG, "Somewhere.")]
    assert facts["records"]["prompt_text"].to_list() == [
        "user: Where is the lamp?\n\nassistant: Which one?\n\nuser: The old one."
    ]


def test_the_folder_names_the_dimension_of_hh_and_the_file_its_split():
    ingest = recognised(SAMPLES["hh-rlhf"])
    facts = facts_of(ingest, SAMPLES["hh-rlhf"], file="hh/harmless-base/test.jsonl.gz")
    assert set(facts["comparisons"]["dimension"]) == {"harmless"}
    assert facts["records"].select("source_split", "evaluation_only").row(0) == ("test", True)


def test_trl_scores_are_ratings_and_margins_are_kept():
    facts = facts_by_adapter("trl-preference")
    assert [said[1] for said in judged(facts)] == ["a", "a", "a"]
    assert facts["ratings"].select("dimension", "value").rows() == [
        ("overall", 9.0), ("overall", 1.5), ("overall", -1.0), ("margin", 2.5),
    ]  # fmt: skip


def test_unpaired_rows_are_labels():
    facts = facts_by_adapter("trl-unpaired-preference")
    assert facts["labels"].select("label", "value").rows() == [("desirable", True), ("desirable", False)]
    assert facts["comparisons"].height == 0


def test_dsp_scores_may_tie():
    assert [said[1:3] for said in judged(facts_by_adapter("dsp"))] == [("a", 1.0), ("tie", 0.0)]


def test_debates_have_a_vote_a_worker():
    facts = facts_by_adapter("ukp-convarg1")
    assert facts["comparisons"].select("dimension", "outcome", "annotator_id").rows() == [
        ("convincingness", "a", PSEUDONYM("A1LOVELACE")), ("convincingness", "tie", PSEUDONYM("A2TURING")),
    ]  # fmt: skip
    assert facts["records"].select("prompt_text", "source_key", "license").row(0) == (
        "Should lamps stand on the left?\n\nYes", "arg1_arg2", "CC-BY-4.0",
    )  # fmt: skip
    assert not any("shelley" in text.lower() for text in facts["rows"]["raw_json"])


@pytest.mark.parametrize(
    ("preference", "outcome", "strength"),
    [(1, "a", 1.0), (2.0, "b", -1.0), (1.5, "tie", 0.0), (0, "tie", 0.0), (1.9, "b", -0.8), (None, "invalid", None)],
)
def test_alpaca_eval_prefers_by_number(preference, outcome, strength):
    row = SAMPLES["alpaca-eval"][0] | {"preference": preference}
    ((_, said, how, _, _),) = judged(facts_of(recognised([row]), [row]))
    assert (said, how) == (outcome, pytest.approx(strength) if strength else strength)


def test_safe_rlhf_judges_help_and_safety_apart():
    facts = facts_by_adapter("pku-saferlhf-gen2")
    assert [said[:2] for said in judged(facts)] == [("helpfulness", "a"), ("safety", "b")]
    safe = facts["labels"].filter(pl.col("taxonomy") == "pku-safe")
    assert safe.select("label", "value", "severity").rows() == [("safe", True, 0), ("safe", False, 3)]
    harms = facts["labels"].filter(pl.col("taxonomy") == "pku-19")
    assert harms.height == 6
    assert set(harms.filter("value")["label"]) == {"White-Collar Crime"}
    assert facts["responses"]["generator"].to_list() == ["model-0", "model-1"]


def test_ultrafeedback_rates_in_aspects_and_skips_what_is_not_rated():
    facts = facts_by_adapter("ultrafeedback")
    assert facts["responses"].height == 2
    first, second = facts["responses"]["response_id"]
    of_first = facts["ratings"].filter(pl.col("target_id") == first)
    assert dict(of_first.select("dimension", "value").iter_rows()) == {
        "overall": 7.5, "fine_grained": 4.25, "instruction_following": 4.0, "honesty": 4.0, "truthfulness": 4.0,
        "helpfulness": 4.0,
    }  # fmt: skip
    assert of_first.filter(pl.col("dimension") == "helpfulness")["rationale"][0].endswith("reader 0 again.")
    assert set(facts["ratings"].filter(pl.col("target_id") == second)["dimension"]) == {"overall", "fine_grained"}
    assert facts["feedback"]["target_ids"].to_list() == [[first], [second]]


def test_every_message_with_ranked_replies_is_a_record_of_the_tree():
    facts = facts_by_adapter("oasst-trees")
    counts = facts["records"].select(
        "conversation_id", "response_count", pl.col("prompt_messages").list.len().alias("turns")
    )
    assert counts.rows() == [("t1", 2, 1), ("t1", 2, 3), ("t2", 1, 1), ("t3", 0, 1)]
    assert facts["records"]["record_id"].n_unique() == 4
    roles = [[turn["role"] for turn in turns] for turns in facts["records"]["prompt_messages"]]
    assert roles[1] == ["user", "assistant", "user"]
    assert facts["rankings"]["rank"].to_list() == [0.0, 1.0, 1.0, 0.0]
    assert facts["records"]["extras"].is_null().to_list() == [False, True, False, False]
    assert not any("Lovelace" in frame.write_ndjson() for frame in facts.values())


def test_a_tree_without_a_root_is_set_aside():
    ingest = recognised(SAMPLES["oasst-trees"])
    facts = facts_of(ingest, [SAMPLES["oasst-trees"][0] | {"prompt": None}, SAMPLES["oasst-trees"][1]])
    assert facts["quarantine"].select("line", "reason").rows() == [(1, "missing_column")]
    assert facts["records"].height == 1


def test_an_adapter_may_ask_for_one_of_several_columns():
    rows = [{"instruction": "Where?", "chosen": LONG, "rejected": "No."}]
    assert recognise({"instruction", "chosen", "rejected"}, rows).name == "string-preference"
    assert recognise({"question", "chosen", "rejected"}, []).name == "string-preference"
    assert Columns(all_of=["a"], any_of=["b", "c"]).are({"a", "c"})
    assert not Columns(all_of=["a"], any_of=["b", "c"]).are({"a"})


def test_no_adapter_or_several_are_errors_that_say_what_to_write():
    with pytest.raises(Terminal, match=r"no adapter takes the columns a, chosen.*`mapping:`.*nearest are (?!.*ukp)"):
        recognise({"a", "chosen"}, [])
    with pytest.raises(Terminal, match=r"several adapters.*`adapter:` with one of hh-rlhf, trl-preference-implicit"):
        recognise({"chosen", "rejected"}, [])
    with pytest.raises(Terminal, match="no adapter takes the columns chosen, rejected"):
        recognise({"chosen", "rejected"}, [{"chosen": HUMAN, "rejected": "plain"}])


def least_columns(columns):
    return [{*columns.all_of, name} for name in columns.any_of] or [set(columns.all_of)]


@pytest.mark.parametrize("name", NAMES)
def test_the_columns_of_an_adapter_are_no_other_adapters(name):
    # Where the form of values tells two of them apart, they may share columns.
    own = next(adapter for adapter in adapters() if adapter.name == name)
    others = [adapter for adapter in adapters() if adapter.name != name and not adapter.forms]
    if not own.forms:
        claimed = {each.name for columns in least_columns(own.columns) for each in others if each.columns.are(columns)}
        assert claimed == set()
