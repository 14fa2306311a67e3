"""Jobs of a tiny language model whose pairs any model learns: the good answer says good."""

import polars as pl
import torch

from schemas.plan.train.language import DpoTraining, KtoTraining, RewardTraining
from tests.trainers.tiny import save_model
from training.language.data import formed
from training.language.job import Folder, Job

CONFIGS = {"reward": RewardTraining, "dpo": DpoTraining, "kto": KtoTraining}


def messages(role, said):
    return [{"role": role, "content": said}]


def pairs(numbers, ties=()):
    rows = [
        {
            "split": "any",
            "pair_id": f"p{n}",
            "prompt": messages("user", f"What is {n}?"),
            "chosen": messages("assistant", f"It is good {n % 7}."),
            "rejected": messages("assistant", f"Perhaps bad {n % 5}?"),
            "margin": (n % 4) / 4,
            "tie": n in ties,
            "gap": float(n % 3),
        }
        for n in numbers
    ]
    return pl.DataFrame(rows, schema_overrides={"margin": pl.Float64, "tie": pl.Boolean, "gap": pl.Float64})


def make_job(place, kind, tied=(), **more):
    """Write a job of 12 steps over 48 pairs into `place` and return its folder."""
    if not (place / "base").exists():
        torch.manual_seed(0)
        save_model(place / "base")
    settings = {"learning_rate": 5e-3, "batch": 4, "epochs": 1.0, "checkpoints": {"every": 3}} | more
    if kind != "reward":
        settings = {"samples": 4, "new_tokens": 8} | settings
    config = CONFIGS[kind](model={"path": "base"}, **settings)
    folder = Folder(place / "job")
    folder.path.mkdir()
    formed(config, pairs(range(48), tied)).write_parquet(folder.pairs["train"])
    formed(config, pairs(range(48, 56))).write_parquet(folder.pairs["held_out"])
    pairs(range(56, 75)).write_parquet(folder.pairs["test"])
    job = Job(kind=kind, place=place / "base", chat_template=None, config=config)
    folder.job.write_text(job.model_dump_json())
    return folder


def right(folder):
    """Return the share of test pairs in which the chosen answer has the higher reward."""
    scores = pl.read_parquet(folder.scores)
    assert scores.height == 19
    return (scores["chosen_reward"] > scores["rejected_reward"]).mean()
