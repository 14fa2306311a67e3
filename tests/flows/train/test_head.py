"""From a snapshot to a head and its rows, and back: what was trained is published, carried along and not repeated."""

import json

import polars as pl
import pytest
from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.embed import contents as embedding
from flows.train.head import train_head
from schemas.errors import Terminal
from schemas.plan.train.training import HeadTraining, TextModel
from tests.flows.here import broken, run
from tests.training.tiny import save_encoder
from training.checkpoint import load_head
from warehouse.answers.audit import audit
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home

PLAN = """
name: world
sources: [{name: one, path: rows.jsonl}]
split: {train: 0.6, validation: 0.2, test: 0.2}
"""


def rows(numbers):
    """The good answer is twice as long: what counts alone can learn."""
    return [
        {"prompt": f"what is thing {n} of {n * 7}", "chosen": f"this is a good answer to {n} and that", "rejected": f"poor {n}"}
        for n in numbers
    ]  # fmt: skip


def write(place, said):
    place.write_text("".join(json.dumps(each) + "\n" for each in said))


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "rows.jsonl", rows(range(150)))
    save_encoder(tmp_path / "encoder")
    run(tmp_path / "plan.yaml", tmp_path / "home")
    return tmp_path


def train(world, at=None, **settings):
    config = HeadTraining(encoder=TextModel(path="encoder"), **settings)
    told = []
    found = train_head(warehouse.open(world / "home", at), config, world, lambda *said: told.append(said))
    return found, told


def table(world, name, at=None):
    return warehouse.open(world / "home", at).table(name).collect()


def test_a_training_is_published_with_all_its_numbers(world):
    trained, told = train(world)
    assert trained.is_new
    assert trained.snapshot.snapshot == 2
    assert ("embedding texts", 450, 450) in told
    (row,) = table(world, "trainings").rows(named=True)
    assert (row["training_id"], row["kind"], row["snapshot"], row["seed"]) == (trained.training_id, "head", 1, 0)
    assert json.loads(row["config"])["encoder"]["path"] == "encoder"
    accuracy = table(world, "evaluations").filter((pl.col("metric") == "accuracy") & pl.col("source").is_null())
    assert accuracy["value"].max() == 1.0
    assert set(table(world, "suspects")["pair_id"]) == set(table(world, "pairs")["pair_id"])
    assert load_head(trained.folder)[0].weights.keys() == {"overall"}
    assert broken(world / "home") == []


def test_curated_tables_are_as_they_were_and_older_snapshots_know_no_training(world):
    before = table(world, "pairs").sort("pair_id")
    train(world)
    assert table(world, "pairs").sort("pair_id").equals(before)
    assert table(world, "trainings", at=1).is_empty()


def test_the_same_training_is_not_repeated(world):
    first, _ = train(world)
    again, told = train(world)
    assert (again.training_id, again.is_new, told) == (first.training_id, False, [])
    assert len(snapshots(Home.at(world / "home"))) == 2
    assert train(world, at=1)[0].training_id == first.training_id
    other, _ = train(world, at=1, seed=1)
    assert other.training_id != first.training_id
    assert table(world, "trainings").height == 2


def test_a_lost_head_is_trained_again_to_the_same_weights(world):
    first, _ = train(world)
    weights = (first.folder / "head.safetensors").read_bytes()
    for file in first.folder.iterdir():
        file.unlink()
    first.folder.rmdir()
    again, _ = train(world, at=1)
    assert again.is_new
    assert (again.folder / "head.safetensors").read_bytes() == weights


def test_a_training_that_is_done_again_is_one_training_and_older_snapshots_are_whole(world):
    first, _ = train(world)
    for file in first.folder.iterdir():
        file.unlink()
    first.folder.rmdir()
    again, _ = train(world)
    assert (again.training_id, again.snapshot.snapshot) == (first.training_id, 3)
    for number in (2, 3):
        (row,) = table(world, "trainings", at=number).rows(named=True)
        assert row["training_id"] == first.training_id
        assert not table(world, "evaluations", at=number).is_duplicated().any()
        findings = audit(warehouse.open(world / "home", number), deep=True)
        assert [each.promise for each in findings if each.broken] == []
    assert not train(world)[0].is_new


def test_a_training_deletes_models_that_the_plan_does_not_keep(world):
    (world / "plan.yaml").write_text(PLAN + "keep_models: 2\n")
    run(world / "plan.yaml", world / "home")
    trained = [train(world, at=2, seed=seed, blocks=["hand"], folds=0)[0] for seed in range(3)]
    assert [each.folder.exists() for each in trained] == [False, True, True]
    assert table(world, "trainings").height == 3
    told = CliRunner().invoke(app, ["status", "--home", str(world / "home")]).output
    assert [line.split()[-1] for line in told.splitlines() if " head " in line][-1] == "deleted"
    said = CliRunner().invoke(app, ["status", "--json", "--home", str(world / "home")]).output
    sizes = [each["model_bytes"] for each in json.loads(said)["trainings"]]
    assert sizes[2] is None
    assert sum(sizes[:2]) == json.loads(said)["sizes"]["models"] > 0
    back = train(world, at=2, seed=0, blocks=["hand"], folds=0)[0]
    assert (back.is_new, back.folder.exists(), trained[1].folder.exists()) == (True, True, False)


def test_runs_take_trainings_along_and_nothing_new_stays_nothing_new(world):
    trained, _ = train(world)
    assert not run(world / "plan.yaml", world / "home").is_new
    write(world / "rows.jsonl", rows(range(160)))
    assert run(world / "plan.yaml", world / "home").is_new
    assert table(world, "trainings")["training_id"].to_list() == [trained.training_id]
    assert table(world, "suspects").height > 0


def test_only_new_texts_are_embedded(world):
    train(world)
    write(world / "rows.jsonl", rows(range(160)))
    run(world / "plan.yaml", world / "home")
    _, told = train(world)
    assert [said for said in told if said[0] == "embedding texts"] == [("embedding texts", 30, 30)]


def test_embedding_goes_on_where_it_was_cut_off(world, monkeypatch):
    monkeypatch.setattr(embedding, "CHUNK", 100)

    def stop(stage, done, steps):
        if done == 200:
            raise KeyboardInterrupt

    config = HeadTraining(encoder=TextModel(path="encoder"))
    with pytest.raises(KeyboardInterrupt):
        train_head(warehouse.open(world / "home"), config, world, stop)
    _, told = train(world)
    assert told[0] == ("embedding texts", 100, 250)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"dimension": "taste"}, "keeps no pairs of text of dimension taste in"),
        ({"held_out": "later"}, "dimension overall has no pair in the split later"),
        ({"encoder": TextModel(path="nowhere")}, "holds no model: name a folder with model.safetensors"),
    ],
)
def test_what_cannot_be_trained_is_told(world, settings, message):
    config = HeadTraining(**{"encoder": TextModel(path="encoder"), **settings})
    with pytest.raises(Terminal, match=message):
        train_head(warehouse.open(world / "home"), config, world, lambda *_: None)
    assert len(snapshots(Home.at(world / "home"))) == 1


def test_the_verb(world):
    (world / "head.yaml").write_text("encoder: {path: encoder}\nblocks: [hand]\n")
    said = CliRunner().invoke(
        app, ["train", "head", "--home", str(world / "home"), "--config", str(world / "head.yaml"), "--set", "folds=0"]
    )
    assert said.exit_code == 0, said.output
    assert "accuracy" in said.output
    assert "published with snapshot 2" in said.output
    assert table(world, "suspects").is_empty()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["robot"], "cannot train 'robot'; it can train: head"),
        (["head", "--set", "blocks=[nose]"], "blocks.0"),
        (["head", "--set", "strength=[1]"], "unknown key, did you mean 'strengths'?"),
        (["head", "--set", "folds=1"], "one fold would judge pairs by a model that saw them"),
        (["head", "--config", "no.yaml"], "cannot read the settings no.yaml"),
    ],
)
def test_wrong_input_is_one_message(world, arguments, message):
    said = CliRunner().invoke(app, ["train", *arguments, "--home", str(world / "home")])
    assert said.exit_code == 2
    assert message in said.output
    assert "Traceback" not in said.output
