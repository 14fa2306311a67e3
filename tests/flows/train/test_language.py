"""From a snapshot to a language model and its rows, in a process of its own."""

import json
import os
import subprocess
import sys

import polars as pl
import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")

from typer.testing import CliRunner

import warehouse
from flows.cli import app
from flows.train.apart import train_apart
from flows.train.language import train_language
from schemas.errors import Terminal
from schemas.plan.train.language import DpoTraining, KtoTraining, RewardTraining
from tests.flows.here import broken, run
from tests.flows.train.test_head import PLAN, rows, table, write
from tests.trainers.tiny import save_model
from tests.training.language.jobs import make_job, right

QUICK = {"model": {"path": "base"}, "learning_rate": 5e-3, "epochs": 1}


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "rows.jsonl", rows(range(80)))
    save_model(tmp_path / "base")
    run(tmp_path / "plan.yaml", tmp_path / "home")
    return tmp_path


def train(world, config, tell=lambda *_: None):
    return train_language(warehouse.open(world / "home"), config, world, tell)


def test_a_policy_is_published_with_all_its_numbers(world):
    config = {**QUICK, "samples": 4, "new_tokens": 8, "loss": "sigmoid", "seed": 3}
    (world / "dpo.yaml").write_text(json.dumps(config))
    words = ["train", "dpo", "--home", str(world / "home"), "--config", str(world / "dpo.yaml")]
    said = CliRunner().invoke(app, [*words, "--json"])
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert (found["snapshot"], found["is_new"]) == (2, True)
    (row,) = table(world, "trainings").rows(named=True)
    assert (row["training_id"], row["kind"], row["model"], row["seed"]) == (found["training_id"], "dpo", "base", 3)
    assert row["device"] == "cpu"
    assert json.loads(row["curve"])[0]["loss"] == pytest.approx(0.6931, abs=1e-3)
    metrics = {(each["metric"], each["source"]): each for each in found["evaluations"] if each["bin"] is None}
    assert metrics["accuracy", None]["value"] >= 0.9
    assert metrics["accuracy", None]["low"] <= metrics["accuracy", None]["value"]
    assert metrics["kl", None]["value"] > 0.0
    assert metrics["response_tokens", None]["baseline"] > 0.0
    folder = world / "home/models" / found["training_id"]
    assert (folder / "model.safetensors").exists()
    assert not list(folder.glob("*.bin"))
    assert not list((world / "home/models/unfinished").iterdir())
    assert broken(world / "home") == []
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 0, again.output
    assert "unchanged, as in snapshot 2" in again.output


def test_a_reward_model_says_what_it_was_before(world):
    told = []
    train(world, RewardTraining(**QUICK), lambda *said: told.append(said))
    found = table(world, "evaluations").filter(pl.col("source").is_null() & pl.col("bin").is_null())
    assert {"accuracy", "accuracy_untrained", "length_correlation", "ece"} <= set(found["metric"])
    assert told[-1][0] == "training"
    assert told[-1][1] == told[-1][2]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (RewardTraining(model={"path": "nowhere"}), "holds no model"),
        (DpoTraining(**QUICK, train="elsewhere"), "no pair of split elsewhere; there are test, train, validation"),
        (DpoTraining(**QUICK, dimension="harm"), "no pair of dimension harm"),
        (DpoTraining(**QUICK, scaling={"gap": "doubt"}), "has no metric doubt"),
        (KtoTraining(**QUICK, batch=1), "batch of 2 or more"),
        (RewardTraining(model={"path": "base", "chat_template": "none.jinja"}), "cannot read the chat template"),
        (DpoTraining(**QUICK, processes=64), "64 GPUs"),
    ],
    ids=lambda each: each if isinstance(each, str) else type(each).__name__,
)
def test_what_is_missing_is_named(world, config, message):
    with pytest.raises(Terminal, match=message):
        train(world, config)
    assert table(world, "trainings").is_empty()


def test_a_model_without_a_template_ends_the_training_with_what_to_do(world):
    (world / "base/chat_template.jinja").unlink()
    with pytest.raises(Terminal, match="no chat template: give one"):
        train(world, DpoTraining(**QUICK))


def test_a_crash_is_told_and_leaves_its_log(tmp_path):
    folder = make_job(tmp_path, "dpo")
    folder.pairs["train"].write_bytes(b"no parquet")
    with pytest.raises(Terminal, match=r"ended with code 1: .*training\.log"):
        train_apart(folder, 1, lambda *_: None)


def test_the_process_ends_with_the_one_that_started_it(tmp_path):
    folder = make_job(tmp_path, "dpo", epochs=1000)
    words = [sys.executable, "-m", "training.language", str(folder.path)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout.readline()
        process.stdin.close()
        assert process.wait(timeout=60) == 3


def test_several_processes_share_the_work(tmp_path):
    folder = make_job(tmp_path, "dpo", loss="bco")
    words = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "-m", "training.language"]
    environment = os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(
        [*words, str(folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        env=environment, text=True,
    ) as process:  # fmt: skip
        said = [json.loads(line) for line in process.stdout if line.startswith('{"done"')]
        assert process.wait() == 0
    assert said[-1] == {"done": 6, "of": 6}
    assert right(folder) == 1.0
