"""The chapter on trainings, on planted rows: what they say is on the page, and what repeats or is missing is not."""

import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from lxml import html

import warehouse
from flows.report.page import make_report
from flows.train.publishing import publish_training
from schemas.tables import TABLES
from tests.flows.here import run
from tests.flows.report.test_report import EVIL, figure, table
from tests.flows.test_runs import write
from tests.warehouse.shelf import frame
from warehouse.home import Home
from warehouse.store import Store

PLAN = "name: taught\nsources: [{name: one, path: one.jsonl}]\nsplit: {train: 0.5, test: 0.5}\n"
HEAD_CURVE = [
    {"dimension": dimension, "strength": strength, "loss": loss}
    for dimension in ("overall", "tone")
    for strength, loss in ((0.001, 0.7), (0.01, 0.5), (0.1, 0.9))
]
STARTED = datetime(2026, 3, 1, tzinfo=UTC)


def row(metric, value, n, *, dimension="overall", source=None, bin_=None, low=None, high=None, baseline=None):
    return {"metric": metric, "source": source, "dimension": dimension, "bin": bin_, "value": value, "low": low,
            "high": high, "baseline": baseline, "n": n}  # fmt: skip


HEAD = [
    row("accuracy", 0.75, 400, low=0.71, high=0.79, baseline=0.60),
    row("accuracy", 0.75, 400, source="one", low=0.71, high=0.79, baseline=0.60),
    row("accuracy", 0.60, 150, bin_="over 4 times", low=0.5, high=0.7, baseline=0.62),
    row("accuracy", 0.84, 250, bin_="equal", low=0.8, high=0.9, baseline=0.59),
    row("accuracy_untuned", 0.7, 400, low=0.66, high=0.74, baseline=0.60),
    row("accuracy", 0.55, 40, dimension="tone", low=0.4, high=0.7, baseline=0.58),
    row("accuracy", 0.5, 30, dimension="tone", source="one", low=0.4, high=0.7, baseline=0.5),
    row("accuracy", 0.7, 10, dimension="tone", source="two", low=0.4, high=0.9, baseline=0.8),
    row("length_correlation", float("nan"), 800),
    *[row(metric, 0.0321, 400) for metric in ("ece", "ace", "mce")],
    *[row("reliability", 0.05 + at / 10, 40, bin_=f"{at / 10:.1f}", baseline=0.05 + at / 10) for at in range(10)],
]
DPO = [
    row("accuracy", 0.66, 300, low=0.61, high=0.7, baseline=0.60),
    row("accuracy_untrained", 0.52, 300, low=0.47, high=0.57, baseline=0.60),
    row("kl", 3.25, 50),
    row("response_tokens", 118.0, 50),
]

SUSPECTS = pl.Schema(TABLES["suspects"])


def teach(home, training_id, kind, evaluations, curve, *, day=0, model="tiny", suspects=()):
    told = {"kind": kind, "snapshot": 1, "seed": 0, "device": "cpu", "seconds": 12.4, "model": model,
            "revision": "0123456789abcdef", "curve": json.dumps(curve), "config": "{}",
            "started_at": STARTED + timedelta(days=day)}  # fmt: skip
    columns = {name: pl.lit(value).cast(pl.Datetime("us", "UTC")) if name == "started_at" else pl.lit(value)
               for name, value in told.items()}  # fmt: skip
    tables = {
        "trainings": frame("trainings", training_id, **columns),
        "evaluations": pl.DataFrame([{"training_id": training_id} | each for each in evaluations]),
    }
    if suspects:
        about = warehouse.open(home).table("pairs").select("pair_id", "pair_key", "dimension", "chosen_id").collect()
        tables["suspects"] = (
            pl.DataFrame(suspects)
            .with_columns(model=pl.lit(training_id), fold=pl.lit(0, pl.Int64))
            .join(about, on="pair_id")
            .select(SUSPECTS.names())
        )
    store = Store(home)
    publish_training(home, [store.write(f"training-{training_id}", tables)], keep=10)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    place = tmp_path_factory.mktemp("taught")
    (place / "plan.yaml").write_text(PLAN)
    said = [{"prompt": f"{EVIL} {n}?", "chosen": f"{EVIL} good {n}", "rejected": f"{EVIL} poor {n}"} for n in range(40)]
    write(place / "one.jsonl", said)
    run(place / "plan.yaml", place / "home")
    return Home.at(place / "home")


@pytest.fixture(scope="module")
def taught(home):
    pairs = warehouse.open(home).pairs().select("pair_id").collect()["pair_id"].sort().to_list()
    # One in ten, twice as many and so on: 4 above 0.9, 8 above 0.7, 16 above 0.5.
    doubts = [0.95] * 4 + [0.8] * 4 + [0.6] * 8 + [0.2] * (len(pairs) - 16)
    suspects = [{"pair_id": pair, "probability": doubt} for pair, doubt in zip(pairs, doubts, strict=True)]
    teach(home, "old", "head", [row("accuracy", 0.11, 9, low=0.1, high=0.2, baseline=0.5)], [])
    teach(home, "new", "head", HEAD, HEAD_CURVE, day=2, suspects=suspects)
    steps = [{"step": step, "loss": 0.7 - step / 2000, "lr": 0.1} for step in range(1000)]
    teach(home, "dpo", "dpo", DPO, steps, day=1, model=EVIL)
    return make_report(warehouse.open(home))


@pytest.fixture
def tree(taught):
    return html.fromstring(taught.html)


def test_before_a_training_there_is_no_chapter(home, taught):
    page = make_report(warehouse.open(home, 1))
    assert 'id="training"' not in page.html
    assert 'id="training"' in taught.html
    assert "Reward head" not in " ".join(page.findings)


def test_the_newest_of_each_kind_is_told(tree):
    told = table(tree, "What was trained")
    assert [line[0] for line in told[1:]] == ["DPO", "Reward head"]
    assert told[2][1:] == ["tiny", "0123456789ab", "2026-03-03 00:00", "cpu", "12", "0", "1"]
    assert "3 trainings in all" in figure(tree, "What was trained").text_content()
    assert "11.0%" not in figure(tree, "Reward head: how often it is right").text_content()


def test_accuracy_stands_beside_length_alone(tree):
    told = table(tree, "Reward head: how often it is right")
    assert told[1:] == [
        ["overall", "400", "75.0%", "71.0% to 79.0%", "60.0%", "70.0%"],
        ["tone", "40", "55.0%", "40.0% to 70.0%", "58.0%", "–"],
    ]
    chart = figure(tree, "Reward head: how often it is right").find(".//svg")
    names = [each.text for each in chart.iter("text") if each.get("text-anchor") == "end"]
    assert names == [
        "overall", "all (400)", "untuned (400)", "equally long (250)", "over 4× as long (150)",
        "tone", "all (40)", "one (30)", "two (10)",
    ]  # fmt: skip
    assert len(chart.xpath(".//line[@class='whisker']")) == 7
    beside = [each.text for each in chart.xpath(".//path/title")]
    assert beside[0] == "all (400): length alone 60.0%"


def test_a_language_model_is_told_beside_itself_untrained(tree):
    (line,) = table(tree, "DPO: how often it is right")[1:]
    assert line == ["overall", "300", "66.0%", "61.0% to 70.0%", "60.0%", "52.0%"]
    assert table(tree, "DPO: further numbers") == [["dimension", "KL", "tokens of answers"], ["overall", "3.25", "118"]]
    fell = figure(tree, "DPO: how the loss fell")
    assert "1,000 losses were noted" in fell.text_content()
    assert "mean of 5" in fell.text_content()
    assert fell.xpath(".//path[@class='curve t-accent']/@d")[0].count("L") == 199


def test_probabilities_and_tuning_are_drawn(tree):
    reliability = figure(tree, "Reward head: what its probabilities mean")
    places = [(float(each.get("cx")), float(each.get("cy"))) for each in reliability.iter("circle")]
    # What is said is what was: the dots lie on the diagonal.
    (diagonal,) = reliability.xpath(".//line[@class='reference']")
    x1, y1, x2, y2 = (float(diagonal.get(name)) for name in ("x1", "y1", "x2", "y2"))
    assert len(places) == 10
    for x, y in places:
        assert (x - x1) / (x2 - x1) == pytest.approx((y - y1) / (y2 - y1), abs=0.01)
    assert table(tree, "Reward head: what its probabilities mean")[1] == ["overall", "0.0321", "0.0321", "0.0321", "–"]
    taken = figure(tree, "Reward head: how it was tuned").xpath(".//circle[@class='t-kept']/title")
    assert [each.text for each in taken] == ["strength 0.01: loss 0.5000"] * 2


def test_doubtful_labels_are_counted_and_shown_folded(tree):
    told = figure(tree, "Labels that may be wrong")
    assert table(tree, "Labels that may be wrong")[1:] == [["one", "40", "16", "8", "4", "40.0%"]]
    titles = [each.text for each in told.iter("summary")]
    assert len(titles) == 10
    assert [title.split(" likely wrong")[0] for title in titles] == ["95.0%"] * 4 + ["80.0%"] * 4 + ["60.0%"] * 2
    assert all(each.get("open") is None for each in told.iter("details"))
    assert EVIL[:20] not in "".join(titles)


def test_texts_and_names_are_escaped(taught, tree):
    assert tree.xpath("//script | //img | //*[@onerror]") == []
    assert "\u202e" not in taught.html


def test_findings_and_facts_say_what_is_more_than_length(taught, tree):
    assert taught.findings[-1] == (
        "DPO right 66%, length alone 60%; Reward head right 55% to 75%, length alone 58% to 60%"
    )
    facts = {each.xpath(".//span[@class='label']")[0].text: each for each in tree.xpath("//li[@href or @class]")
             if each.xpath(".//span[@class='label']")}  # fmt: skip
    assert "good" in facts["DPO"].get("class")
    assert "look" in facts["Reward head"].get("class")
    assert facts["doubtful labels"].xpath(".//span[@class='value']")[0].text == "16"


MODERATION = [
    row("average_precision", 0.84, 90, dimension="hate", low=0.8, high=0.9, baseline=0.2),
    row("average_precision_of_text", 0.31, 90, dimension="hate"),
    *[row(metric, value, 90, dimension="hate") for metric, value in
      (("positives", 18.0), ("precision", 0.7), ("recall", 0.6), ("f1", 0.65))],
    row("too_few_positives", 2.0, 90, dimension="terrorism"),
    row("macro_average_precision", 0.84, 90, dimension=None, low=0.8, high=0.9),
    row("is_safe_accuracy", 0.93, 90, dimension=None, low=0.9, high=0.95, baseline=0.8),
    row("left_out", 7.0, 7, dimension=None, bin_="a medium of it could not be read"),
]  # fmt: skip


def test_labels_stand_beside_chance_and_texts_alone(home):
    teach(home, "labels", "moderation", MODERATION, [])
    tree = html.fromstring(make_report(warehouse.open(home)).html)
    said = {" ".join(" ".join(table.itertext()).split()) for table in tree.iter("table")}
    assert any("hate 18 84.0% 80.0% to 90.0% 31.0% 70.0% 60.0% 65.0%" in each for each in said)
    assert any("safe or not: right 93.0% 90.0% to 95.0%" in each for each in said)
    assert any("a medium of it could not be read 7" in each for each in said)
    text = " ".join(tree.text_content().split())
    assert "1 label with too few positives: terrorism" in text
    assert "Moderation: how often it is right" not in text
    assert "Moderation: further numbers" not in text
