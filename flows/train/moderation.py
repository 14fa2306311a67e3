"""`winnow train moderation`: embed what has labels, learn which of them apply, judge it, and publish its numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.train.publishing import publish_training
from flows.train.record import Told, Trained
from flows.train.vectors.items import GatheredItems, gather_items
from flows.train.vectors.model import Model, settle_model, vector_keys
from schemas.plan.plan import Plan
from schemas.plan.train.training import ModerationTraining
from training.evaluate.left_out import left_out_rows
from training.evaluate.rewards import EVALUATION, Row
from training.head.design import Contents, Floats
from training.moderation.checkpoint import save_moderator
from training.moderation.judge import beside, evaluate, find_planted_flips, judge_folds
from training.moderation.learn import Learnt, features_of, fit_design, learn
from warehouse.database import Warehouse
from warehouse.store import Store
from warehouse.upkeep.models import model_folder


def train_moderation(
    opened: Warehouse, config: ModerationTraining, root: Path, tell: Callable[[str, int, int], None]
) -> Trained:
    """Train a moderator on the snapshot `opened` and publish what it is worth.

    A training of the same snapshot with the same config, model and code is not repeated. `root` is what a path of the
    model is relative to; `tell` hears how far the work is. Raises Terminal if labels, splits or the model are missing.
    """
    home, store = opened.home, Store(opened.home)
    model = settle_model(config, root, home)
    told = Told("moderation", config, config.seed, model.model, model.revision, model.key())
    training_id = told.training_id(opened)
    keep = Plan.model_validate_json(opened.snapshot.plan).keep
    folder, written = home.models / training_id, store.keys(f"training-{training_id}")
    done = store.receipt(written[-1]) if written else None
    is_new = done is None or not folder.exists()
    if done is None or is_new:
        done = store.write(told.new_key(opened), _train(opened, config, model, told, tell))
    vectors = [receipt for key in vector_keys(store, model) if (receipt := store.receipt(key)) is not None]
    return Trained(home, training_id, folder, publish_training(home, [done, *vectors], keep), is_new)


def _train(
    opened: Warehouse,
    config: ModerationTraining,
    model: Model,
    told: Told,
    tell: Callable[[str, int, int], None],
) -> dict[str, pl.DataFrame]:
    """Learn from the labelled items and judge; return the rows of `trainings` and `evaluations`."""
    import torch

    started, clock, training_id = datetime.now(UTC), time.monotonic(), told.training_id(opened)
    items = gather_items(opened, config, model, tell)
    tell("learning", 0, 1)
    learnt, features = _learn(items, items.contents, config)
    about = {"encoder": model.model_dump(mode="json"), "config": config.model_dump(), **items.meaning}
    with model_folder(opened.home, training_id) as fresh:
        save_moderator(learnt.moderator, fresh, about)
    rows = evaluate(learnt, features, items.truth, items.places, items.components, config.seed)
    rows += left_out_rows(items.left_out) + _check(items, learnt, features, config, tell)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    evaluations = pl.DataFrame(rows, schema=EVALUATION).insert_column(0, pl.lit(training_id).alias("training_id"))
    return {
        "trainings": told.row(opened, started, time.monotonic() - clock, device, learnt.curve),
        "evaluations": evaluations,
    }


def _learn(items: GatheredItems, contents: Contents, config: ModerationTraining) -> tuple[Learnt, Floats]:
    design = fit_design(config, contents, items.places)
    features = features_of(design, contents, items.places)
    return learn(design, features, items.truth, items.places, config), features


def _check(
    items: GatheredItems,
    learnt: Learnt,
    features: Floats,
    config: ModerationTraining,
    tell: Callable[[str, int, int], None],
) -> list[Row]:
    """Give what the numbers are to be held against: texts alone, folds, and labels turned round on purpose."""
    rows: list[Row] = []
    if items.of_texts is not None:
        tell("learning from texts alone", 0, 1)
        alone, counted = _learn(items, items.of_texts, config)
        found = evaluate(alone, counted, items.truth, items.places, items.components, config.seed)
        rows += beside(found, "of_text")
    if config.folds:
        tell("judging by folds", 0, 1)
        rows += judge_folds(learnt, features, items.truth, items.components, config)
    if config.planted_flips:
        tell("finding planted flips", 0, 1)
        rows += find_planted_flips(learnt, features, items.truth, items.places, items.components, config)
    return rows
