"""Whole trainings, small: what is planted is learnt, and a training that was broken off comes to the same end."""

import json
import shutil

import polars as pl
import pytest

pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")

from safetensors.numpy import load_file

from tests.training.language.jobs import make_job, right
from training.language.work import work


class Killed(BaseException):
    """Ends a training as a signal would: nothing is tidied up."""


def silent(_):
    pass


def at_step(number):
    def tell(said):
        if said.get("done") == number:
            raise Killed

    return tell


def curve(folder):
    return json.loads(folder.curve.read_text())


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        ("reward", {"margins": True, "regularisation": 0.001}),
        ("reward", {"lora": {"rank": 4}, "learning_rate": 2e-2}),
        ("dpo", {}),
        ("dpo", {"loss": "ipo"}),
        ("dpo", {"loss": "sigmoid_norm", "beta": 2.0}),
        ("dpo", {"loss": "bco"}),
        ("dpo", {"scaling": {}}),
        ("dpo", {"lora": {"rank": 4}, "learning_rate": 2e-2}),
        ("kto", {}),
    ],
    ids=str,
)
def test_what_is_planted_is_learnt(tmp_path, kind, settings):
    folder = make_job(tmp_path, kind, **settings)
    said = []
    work(folder.path, said.append)
    assert right(folder) == 1.0
    steps = 48 * (2 if kind == "kto" else 1) // 4
    assert said[-1] == {"done": steps, "of": steps}
    assert {"device": "cpu"} in said
    points = curve(folder)
    losses = [point["loss"] for point in points if "loss" in point]
    assert losses[-1] < losses[0]
    assert any("held_out_loss" in point for point in points)
    if kind == "reward":
        assert pl.read_parquet(folder.untrained).columns == ["pair_id", "chosen_reward", "rejected_reward"]
        assert not folder.policy.exists()
    else:
        drift = json.loads(folder.policy.read_text())
        assert drift["n"] == 4
        assert drift["kl"] > 0.0
        assert drift["kl_per_token"] <= drift["kl"]
        assert 1.0 <= drift["tokens"] <= 8.0


def test_ties_pull_rewards_together(tmp_path):
    gaps = {}
    for ties in ("leave_out", "squared"):
        place = tmp_path / ties
        place.mkdir()
        folder = make_job(place, "reward", tied=range(0, 48, 2), ties=ties)
        work(folder.path, silent)
        scores = pl.read_parquet(folder.scores)
        gaps[ties] = (scores["chosen_reward"] - scores["rejected_reward"]).mean()
    assert 0.0 < gaps["squared"] < gaps["leave_out"] / 2


@pytest.mark.parametrize("settings", [("dpo", {}), ("dpo", {"loss": "bco"}), ("kto", {})], ids=str)
def test_a_killed_training_goes_on_to_the_same_curve(tmp_path, settings):
    kind, more = settings
    whole = make_job(tmp_path / "whole", kind, **more)
    work(whole.path, silent)
    torn = make_job(tmp_path / "torn", kind, **more)
    with pytest.raises(Killed):
        work(torn.path, at_step(8))
    # A checkpoint that is newer than the newest whole one, as a machine without power would leave it.
    newest = torn.checkpoints / "checkpoint-6"
    shutil.copytree(newest, torn.checkpoints / "checkpoint-9")
    weights = torn.checkpoints / "checkpoint-9" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    said = []
    work(torn.path, said.append)
    assert {"note": "checkpoint-9 is torn and not used"} in said
    assert min(each["done"] for each in said if "done" in each) == 7
    assert curve(torn) == curve(whole)
    ours, theirs = (load_file(each.model / "model.safetensors") for each in (torn, whole))
    assert all((ours[name] == theirs[name]).all() for name in theirs)
    assert pl.read_parquet(torn.scores).equals(pl.read_parquet(whole.scores))


def test_only_the_newest_checkpoints_stay(tmp_path):
    folder = make_job(tmp_path, "dpo", checkpoints={"every": 4, "keep": 2})
    work(folder.path, silent)
    assert sorted(place.name for place in folder.checkpoints.glob("checkpoint-*")) == ["checkpoint-12", "checkpoint-8"]
