"""Metrics in whole runs: asked for by the plan, counted with its tokenizer, missed by its rules."""

import hashlib
import json

import pytest
from tokenizers import Tokenizer
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.run.order import read_plan
from flows.run.tokenizer import pin_tokenizer
from flows.verbs.nulls import warn_of_nulls
from schemas.errors import Terminal
from tests.flows.here import run
from tests.flows.media.world import Senses
from tests.flows.test_runs import world  # noqa: F401  (a fixture)
from tests.loopback.hub import Hub
from tests.tasks.measure.test_measure import make_tokenizer
from warehouse.home import Home

TOKENIZER = "models.tokenizer={path: tokenizer.json}"


@pytest.fixture
def home(world):  # noqa: F811
    (world / "tokenizer.json").write_text(make_tokenizer())
    return world / "home"


def metrics(home):
    return warehouse.open(home).table("metrics").collect()


def test_a_plan_can_ask_for_metrics_without_a_rule(world, home):  # noqa: F811
    run(world / "plan.yaml", home, "rules=[]", "metrics=[chosen_language, chars_gap, is_empty]")
    found = metrics(home)
    assert found.columns == ["pair_id", "chars_gap", "chosen_language", "is_empty"]
    assert found.height == 60
    assert set(found["chosen_language"]) == {"en"}
    run(world / "plan.yaml", home, "rules=[]")
    assert metrics(home).is_empty()
    words = ["sql", "select chosen_language from metrics limit 1", "--at", "1", "--home", str(home)]
    assert "en" in CliRunner().invoke(app, words).output


def test_tokens_are_counted_with_the_tokenizer_of_the_plan(world, home):  # noqa: F811
    run(world / "plan.yaml", home, "metrics=[chosen_tokens]", TOKENIZER)
    assert set(metrics(home)["chosen_tokens"]) == {5}
    told = json.loads(warehouse.open(home).snapshot.plan)["models"]["tokenizer"]
    assert told["sha256"] == hashlib.sha256(make_tokenizer().encode()).hexdigest()
    other = Tokenizer.from_str(make_tokenizer())
    other.add_tokens(["answer to"])
    (world / "tokenizer.json").write_text(other.to_str())
    run(world / "plan.yaml", home, "metrics=[chosen_tokens]", TOKENIZER)
    assert set(metrics(home)["chosen_tokens"]) == {4}


def test_nobody_counts_tokens_without_saying_whose(world):  # noqa: F811
    said = read_plan(world / "plan.yaml", ["rules.0.drop=chosen_tokens < 3", "metrics=[tokens_gap, chosen_urls, urls]"])
    assert said.plan is None
    told = [str(mistake) for mistake in said.mistakes]
    assert "chosen_tokens needs to know whose tokens: say under models.tokenizer" in told[0]
    assert "metrics.0: tokens_gap needs to know whose tokens" in told[1]
    assert "metrics.2: unknown metric 'urls' (did you mean urls_gap" in told[2]


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ("{path: none.json}", "cannot be read"),
        ("{path: plan.yaml}", "name a tokenizer.json"),
        ("{path: tokenizer.json, sha256: '" + "0" * 64 + "'}", "has the SHA-256"),
    ],
)
def test_a_wrong_tokenizer_is_told(world, home, told, message):  # noqa: F811
    wish = ["metrics=[chosen_tokens]", f"models.tokenizer={told}"]
    with pytest.raises(Terminal, match=message):
        run(world / "plan.yaml", home, *wish)
    words = ["check", str(world / "plan.yaml"), "--home", str(home), *[f"--set={each}" for each in wish]]
    checked = CliRunner().invoke(app, words)
    assert (checked.exit_code, message in checked.output) == (2, True)


def test_a_tokenizer_comes_from_a_model_on_the_hub(world, home, monkeypatch):  # noqa: F811
    with Hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        commit = hub.commit("team/model", {"tokenizer.json": make_tokenizer().encode()})
        wish = [f"models.tokenizer={{repo: team/model, revision: {commit}}}"]
        plan = read_plan(world / "plan.yaml", wish).plan
        pinned = pin_tokenizer(plan, world, Home.at(home)).models.tokenizer
    assert pinned.sha256 == hashlib.sha256(make_tokenizer().encode()).hexdigest()
    # What was fetched once needs no network.
    assert pin_tokenizer(plan, world, Home.at(home)).models.tokenizer == pinned


def test_rules_that_read_what_is_mostly_null_are_named(world, home):  # noqa: F811
    run(
        world / "plan.yaml", home,
        "rules=[{name: seen, flag: chosen_chars < 3}, {name: lang, drop: \"language = 'x'\"}, "
        "{name: known, flag: language is null}, {name: code, flag: chosen_language = 'de' and rejected_readability < 0}, "
        "{name: who, drop: annotator_agreement < 0.2, on: judgments}]",
    )  # fmt: skip
    assert warn_of_nulls(warehouse.open(home)) == [
        "rule lang: language is null in 100% of the pairs, and there the rule does not fire",
        "rule who: annotator_agreement is null in 100% of the judgments, and there the rule does not fire",
    ]


def test_measures_of_media_are_missed_only_where_there_are_such_media(tmp_path):
    senses = Senses(tmp_path)
    # A video has no sound and an answer of text no sharpness, but a picture that cannot be read could have had one.
    rules = [
        '{name: silent, drop: "chosen_silence_share > 0.9"}',
        '{name: still, drop: "chosen_motion < 0.1"}',
        '{name: blurred, drop: "chosen_sharpness < 0.1"}',
        '{name: short, drop: "chosen_chars < 2"}',
    ]
    home = senses.curate()
    run(tmp_path / "plan.yaml", home, f"rules=[{', '.join(rules)}]")
    assert warn_of_nulls(warehouse.open(home)) == []
    run(tmp_path / "plan.yaml", home, 'rules=[{name: dull, drop: "prompt_sharpness < 0"}]')
    (said,) = warn_of_nulls(warehouse.open(home))
    assert said.startswith("rule dull: prompt_sharpness is null in ")
