"""`winnow try`: the same answer as a run with the rule, without a run."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.trial.histogram import BINS, histogram
from flows.trial.trial import try_rule
from tests.flows.here import run
from tests.flows.test_metrics import TOKENIZER
from tests.flows.test_runs import PLAN, rows, write
from tests.tasks.measure.test_measure import make_tokenizer

ODD = [
    {"prompt": "Who?", "chosen": "I'm sorry, but I can't help with that.", "rejected": "Ask a@example.org, or https://b.org"},
    {"prompt": "Why?", "chosen": "Because because because because because because.", "rejected": "[bold]No[/] idea.\n\nSorry."},
    {"prompt": "Was?", "chosen": "Das ist eine sehr gute Frage, mein Freund.", "rejected": "das ist EINE sehr gute Frage, mein Freund."},
]  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = tmp_path_factory.mktemp("try")
    (place / "plan.yaml").write_text(PLAN)
    (place / "tokenizer.json").write_text(make_tokenizer())
    write(
        place / "one/a.jsonl", [*rows(range(40)), *rows(range(5)), {"prompt": "X", "chosen": "No", "rejected": "Yes."}]
    )
    write(place / "two.jsonl", ODD)
    run(place / "plan.yaml", place / "home")
    return place


@pytest.fixture(scope="module")
def opened(world):
    return warehouse.open(world / "home")


def say(world, *words):
    return CliRunner().invoke(app, ["try", *words, "--home", str(world / "home")])


EXPRESSIONS = [
    # `chosen_chars` is in the snapshot, the others are not
    "chosen_chars > 20 and pii_gap < 0 or rejected_urls = 1",
    "is_same_normalised or chosen_is_refusal or repetition_gap > 0.5",
    "chosen_language <> 'en' and chosen_language_confidence > 0.5 or is_empty or prompt_words = 1",
    "source = 'two' and chosen_prompt_overlap = 0",
    "source = 'two' and n_votes = 1 and vote_share = 1 and not tie and chosen like '%because%' and prompt <> rejected",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_says_what_a_run_with_the_rule_does(world, opened, expression, tmp_path):
    tried = try_rule(opened, expression)
    assert (tried.counted, tried.others) == (43, 6)
    rules = f'[{{name: short, drop: "chosen_chars < 4"}}, {{name: tried, drop: "{expression}"}}]'
    run(world / "plan.yaml", tmp_path / "home", f"rules={rules}")
    judged = warehouse.open(tmp_path / "home").table("pairs").filter(pl.col("rule") == "tried").collect()
    kept = opened.pairs().select("pair_id").collect()["pair_id"].to_list()
    lost = judged.filter(pl.col("pair_id").is_in(kept))
    assert tried.dropped == lost.height > 0
    assert dict(tried.sources.select("source", "would_drop").rows()) == {
        source: lost.filter(pl.col("source") == source).height for source in ("one", "two")
    }
    assert set(tried.examples["id"]) <= set(lost["pair_id"])
    assert tried.examples.height == min(5, tried.dropped)
    for counted in tried.histograms.values():
        assert counted["would_drop"].sum() <= tried.dropped


def test_judgments_are_tried_too(opened):
    tried = try_rule(opened, "outcome = 'a' and annotator_agreement is null", "judgments")
    assert (tried.counted, tried.dropped, tried.others) == (49, 49, 0)
    assert tried.nulls == {"annotator_agreement": 49, "outcome": 0}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["chosen_char < 3"], "did you mean chosen_chars"),
        (["chosen_chars > avg(chosen_chars)"], "depend on other rows"),
        (["chosen_chars <"], "not a scalar SQL expression"),
        (["chosen_tokens > 3"], "models.tokenizer"),
        (["n_votes > 1", "--on", "rows"], "use pairs or judgments"),
        (["chosen_chars > 3", "--on", "judgments"], "unknown metric or column 'chosen_chars'"),
    ],
)
def test_what_cannot_be_a_rule_is_wrong_input(world, words, message):
    told = say(world, *words)
    assert told.exit_code == 2
    assert message in told.output.replace("\n", " ")
    assert "Traceback" not in told.output


def test_a_home_without_a_snapshot_is_wrong_input(tmp_path):
    assert CliRunner().invoke(app, ["try", "tie", "--home", str(tmp_path / "none")]).exit_code == 2


def test_tokens_can_be_tried_where_the_plan_names_a_tokenizer(world, tmp_path):
    run(world / "plan.yaml", tmp_path / "home", "metrics=[chosen_tokens]", TOKENIZER)
    tried = try_rule(warehouse.open(tmp_path / "home"), "rejected_tokens > 6 or chosen_tokens > 6")
    assert tried.dropped == 3


def test_what_is_printed(world):
    told = say(world, "chosen_is_refusal or rejected_lines > 1").output
    assert "would drop 2 of 43 kept pairs (4.7%) of snapshot 1" in told
    assert "6 others are dropped already and not counted" in told
    assert "two         3           2  66.7%" in told
    assert "[bold]No[/] idea. Sorry." in told
    assert "chosen_is_refusal" in told
    assert "\x1b" not in told


def test_nothing_to_drop_is_an_answer(world):
    told = say(world, "chosen_chars > 100000")
    assert (told.exit_code, "would drop 0 of 43" in told.output) == (0, True)


def test_the_answer_as_json(world):
    told = json.loads(say(world, "chosen_is_refusal", "--json").output)
    assert (told["dropped"], told["counted"], told["others"], told["on"]) == (1, 43, 6, "pairs")
    assert told["sources"][0] == {"source": "two", "pairs": 3, "would_drop": 1, "share": 1 / 3}
    assert told["histograms"]["chosen_is_refusal"] == [
        {"label": "false", "rows": 42, "would_drop": 0}, {"label": "true", "rows": 1, "would_drop": 1},
    ]  # fmt: skip


@pytest.mark.parametrize(
    "values",
    [
        list(range(100)),
        [0.0] * 50 + [0.5, 1.0] + [0.1 * at for at in range(11)],
        [1.5 * at for at in range(40)] + [1e9],
        [-5, *range(20), 10**12],
        ["en"] * 5 + ["de"],
        [True, False, None],
        [None],
        [7.5] * 30,
    ],
)
def test_a_histogram_counts_every_value_once(values):
    column = pl.Series(values)
    counted = histogram(column, pl.Series([at % 2 == 0 for at in range(len(values))]))
    assert counted["rows"].sum() == len(values) - column.null_count()
    assert counted.height <= BINS
    assert (counted["would_drop"] <= counted["rows"]).all()


def test_control_c_is_no_broken_promise(world, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.trial.show.try_rule", interrupt)
    assert say(world, "tie").exit_code == 130
