"""Embeddings in whole runs: made once whoever asks, published, and what means the same is found by them."""

import json
import subprocess
import sys

import polars as pl
import pytest

import warehouse
from flows.embed import contents as embedding
from flows.embed import encoder
from flows.embed.step import EmbedStep
from flows.run.execute import execute
from flows.run.order import find_mistakes, read_plan
from flows.train.head import train_head
from schemas.errors import Terminal
from schemas.plan.train.training import HeadTraining, TextModel
from tasks.embed.embed import Embed
from tests.flows.here import broken, perform, run
from tests.training.tiny import WORDS, save_encoder
from training.data import contents_of, read_text_pairs
from warehouse.home import Home
from warehouse.takedown.takedown import preview, take_down
from warehouse.takedown.wish import Wish

PLAN = """
name: world
sources:
  - {name: one, path: one.jsonl}
  - {name: two, path: two.jsonl, optional: true}
models:
  text: {path: encoder}
split: {train: 0.6, validation: 0.2, test: 0.2}
"""
SEMANTIC = "dedupe.semantic={threshold: 0.9999}"
KNOWN = WORDS[4:]


def row(number, unknown, chosen=0):
    """A row of known words and one that the encoder does not know: of two such words it makes the same."""
    first, second = KNOWN[number % 16], KNOWN[number // 16]
    answers = [f"{first} good {second} {unknown} answer", f"poor {second} {first} {unknown}"]
    return {"prompt": f"what {first} {unknown} {second} thing", "chosen": answers[chosen], "rejected": answers[1 - chosen]}  # fmt: skip


def write(place, said):
    place.write_text("".join(json.dumps(each) + "\n" for each in said))


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one.jsonl", [row(number, "zig") for number in range(40)])
    save_encoder(tmp_path / "encoder")
    return tmp_path


def curate(world, *overrides):
    return run(world / "plan.yaml", world / "home", *overrides)


def table(world, name):
    return warehouse.open(world / "home").table(name).collect()


def contents(world):
    opened = warehouse.open(world / "home")
    return set(contents_of(read_text_pairs(opened, ["train", "validation", "test"], None))["content_id"])


@pytest.fixture
def embedded(monkeypatch):
    """Every text that is really embedded, as often as it is."""
    texts, embed = [], Embed.__call__

    def note(self, contents):
        texts.extend(contents.collect()["text"])
        return embed(self, contents)

    monkeypatch.setattr(Embed, "__call__", note)
    return texts


def test_planted_twins_are_found_dropped_and_told(world):
    write(world / "two.jsonl", [*[row(number, "zag") for number in range(5)], row(5, "zag", chosen=1)])
    curate(world, SEMANTIC)
    pairs = table(world, "pairs")
    copies = pairs.filter(reason="semantic_duplicate")
    assert copies["prompt"].sort().to_list() == sorted(row(number, "zag")["prompt"] for number in range(5))
    assert pairs.filter("kept").height == 41
    told = table(world, "decisions").filter(reason="semantic_duplicate")
    partners = told.join(pairs, left_on="partner_id", right_on="pair_id")
    assert partners["prompt"].str.replace("zig", "zag").sort().to_list() == copies["prompt"].sort().to_list()
    assert (told["score"] >= 0.9999).all()
    (opposed,) = table(world, "contradictions").to_dicts()
    assert (opposed["method"], opposed["settled"], opposed["sources"]) == ("semantic", "even", ["one", "two"])
    splits = pairs.filter("kept").filter(pl.col("prompt").str.replace("zag", "zig") == row(5, "zig")["prompt"])["split"]
    assert (len(splits), splits.n_unique()) == (2, 1)
    assert broken(world / "home") == []


def test_each_text_of_the_pairs_is_embedded_once_and_published(world, embedded):
    write(world / "two.jsonl", [row(number, "zig") for number in range(3)])
    curate(world)
    assert len(embedded) == len(set(embedded)) == 120
    found = table(world, "embeddings")
    assert set(found["content_id"]) == contents(world)
    assert found.height == 120
    assert found.select("content", "model", "dim", "is_whole").unique().rows() == [("text", "encoder", 16, True)]
    said = json.loads(warehouse.open(world / "home").snapshot.plan)["models"]["text"]
    assert said["digest"] == said["revision"] == found["revision"][0]
    assert not curate(world).is_new


def test_a_training_finds_done_what_a_run_has_embedded_and_the_other_way_round(world, embedded):
    config = HeadTraining(encoder=TextModel(path="encoder"), blocks=["hand"], folds=0)
    curate(world)
    assert len(embedded) == 120
    train_head(warehouse.open(world / "home"), config, world, lambda *_: None)
    assert len(embedded) == 120
    curate(world, "models.text=null")
    assert table(world, "embeddings").is_empty()
    curate(world, SEMANTIC)
    assert len(embedded) == 120
    assert table(world, "embeddings").height == 120


def test_what_a_training_has_embedded_need_not_be_embedded_in_a_run(world, embedded):
    curate(world, "models.text=null")
    config = HeadTraining(encoder=TextModel(path="encoder"), blocks=["hand"], folds=0)
    train_head(warehouse.open(world / "home"), config, world, lambda *_: None)
    assert len(embedded) == 120
    write(world / "two.jsonl", [row(number, "zag") for number in range(2)])
    curate(world)
    assert len(embedded) == 126
    assert set(table(world, "embeddings")["content_id"]) == contents(world)


def test_a_training_with_another_encoder_leaves_the_embeddings_of_the_plan(world):
    curate(world)
    save_encoder(world / "other", seed=1)
    config = HeadTraining(encoder=TextModel(path="other"), blocks=["hand"], folds=0)
    train_head(warehouse.open(world / "home"), config, world, lambda *_: None)
    counts = dict(table(world, "embeddings").group_by("model").len().rows())
    assert counts == {"encoder": 120, "other": 120}
    write(world / "two.jsonl", [row(number, "zag") for number in range(2)])
    curate(world)
    assert dict(table(world, "embeddings").group_by("model").len().rows()) == {"encoder": 126, "other": 120}


def test_a_run_that_was_cut_off_goes_on_where_it_was(world, embedded, monkeypatch):
    monkeypatch.setattr(embedding, "CHUNK", 25)
    done = []

    def die(steps, store):
        for step in steps:
            if isinstance(step, EmbedStep):
                done.append(step)
                if len(done) == 4:
                    raise KeyboardInterrupt
            perform([step], store)

    with pytest.raises(KeyboardInterrupt):
        execute(world / "plan.yaml", world / "home", [SEMANTIC], die)
    assert len(embedded) == 75
    curate(world, SEMANTIC)
    assert len(embedded) == len(set(embedded)) == 120
    assert table(world, "embeddings").height == 120


def test_how_embeddings_lie_in_files_shows_nowhere(world, monkeypatch):
    write(world / "two.jsonl", [row(number, "zag") for number in range(9)])
    tables = ("pairs", "clusters", "decisions", "splits")
    curate(world, SEMANTIC)
    whole = [table(world, name).sort(pl.all()) for name in tables]
    monkeypatch.setattr(embedding, "CHUNK", 7)
    run(world / "plan.yaml", world / "elsewhere", SEMANTIC)
    other = warehouse.open(world / "elsewhere")
    for name, frame in zip(tables, whole, strict=True):
        assert other.table(name).collect().sort(pl.all()).equals(frame.select(pl.all())), name


def test_a_source_that_leaves_takes_its_embeddings_along(world):
    write(world / "two.jsonl", [row(number, "zag") for number in range(3)])
    curate(world)
    assert table(world, "embeddings").height == 129
    (world / "two.jsonl").unlink()
    curate(world)
    assert set(table(world, "embeddings")["content_id"]) == contents(world)


def test_a_takedown_leaves_the_other_embeddings_where_they_are_found(world, embedded):
    curate(world)
    gone = table(world, "records").filter(prompt_text=row(3, "zig")["prompt"])["record_id"].item()
    home = Home.at(world / "home")
    take_down(home, preview(home, Wish(ids=[gone])).tombstones, "asked", "them")
    curate(world)
    assert len(embedded) == 120
    assert table(world, "embeddings").height == 117
    assert set(table(world, "embeddings")["content_id"]) == contents(world)


def test_nothing_heavy_is_imported_where_nothing_is_embedded(world):
    curate(world)
    write(world / "two.jsonl", [row(3, "zig")])
    said = (
        "import sys; from pathlib import Path; from tests.flows.here import run;"
        f"print(run(Path({str(world / 'plan.yaml')!r}), Path({str(world / 'home')!r})).is_new);"
        "print(sorted({'torch', 'sentence_transformers', 'transformers'} & set(sys.modules)))"
    )
    told = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines() == ["True", "[]"]


def test_comparing_needs_a_model_and_the_plan_says_where(world):
    text = PLAN.replace("models:\n  text: {path: encoder}\n", "dedupe:\n  semantic: {threshold: 0.9}\n")
    (world / "plan.yaml").write_text(text)
    (told,) = read_plan(world / "plan.yaml").mistakes
    assert str(told).startswith("line 7: dedupe.semantic: texts are compared by embeddings: say under models")
    assert read_plan(world / "plan.yaml", ["models.text={}"]).mistakes == []


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("models.text={path: nowhere}", "models.text: .*nowhere holds no model: name a folder with model.safetensors"),
        (f"models.text.digest={'f' * 32}", "models.text: the files of encoder have the digest .*, but the plan says ffff"),
    ],
)  # fmt: skip
def test_a_model_that_is_not_there_is_told_before_anything_is_done(world, override, message):
    with pytest.raises(Terminal, match=message):
        curate(world, override)
    assert not list((world / "home" / "work").rglob("*.parquet"))
    (told,) = find_mistakes(world / "plan.yaml", Home.at(world / "home"), [override])
    assert (told.where, told.line) == ("models.text", 7)


def test_missing_libraries_are_told_before_anything_is_done(world, monkeypatch):
    monkeypatch.setattr(encoder, "find_spec", lambda _: None)
    with pytest.raises(
        Terminal, match=r"models.text: embeddings need more libraries: pip install 'winnow-curation\[train\]'"
    ):
        curate(world)
