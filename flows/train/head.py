"""`winnow train head`: embed what a snapshot keeps, learn a reward head from it, judge it, and publish its numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.train.labels import judge_labels
from flows.train.publishing import publish_training
from flows.train.record import Told, Trained
from flows.train.vectors.model import Model, settle_model, vector_keys
from flows.train.vectors.pairs import Gathered, gather_pairs
from schemas.plan.plan import Plan
from schemas.plan.train.training import HeadTraining
from training.checkpoint import save_head
from training.evaluate.left_out import left_out_rows
from training.evaluate.rewards import EVALUATION, Row
from training.head.checks import find_planted_flips, judge_out_of_folds, judge_split_by_row
from training.head.judge import evaluate
from training.head.learn import learn, take
from warehouse.database import Warehouse
from warehouse.store import Store
from warehouse.upkeep.models import model_folder


def train_head(opened: Warehouse, config: HeadTraining, root: Path, tell: Callable[[str, int, int], None]) -> Trained:
    """Train a reward head on the snapshot `opened` and publish what it says and what it is worth.

    A training of the same snapshot with the same config, encoder and code is not repeated. `root` is what a path of
    the encoder is relative to; `tell` hears how far the work is. Raises Terminal if a split or the encoder is missing.
    """
    home, store = opened.home, Store(opened.home)
    model = settle_model(config, root, home)
    told = Told("head", config, config.seed, model.model, model.revision, model.key())
    training_id = told.training_id(opened)
    keep = Plan.model_validate_json(opened.snapshot.plan).keep
    folder = home.models / training_id
    written = store.keys(f"training-{training_id}")
    done = store.receipt(written[-1]) if written else None
    is_new = done is None or not folder.exists() or any(store.receipt(each) is None for each in done.notes["labels"])
    if done is None or is_new:
        tables, labels = _train(opened, config, model, told, tell)
        done = store.write(told.new_key(opened), tables, {"labels": labels})
    besides = [*done.notes["labels"], *vector_keys(store, model)]
    results = [done, *[receipt for each in besides if (receipt := store.receipt(each)) is not None]]
    return Trained(home, training_id, folder, publish_training(home, results, keep), is_new)


def _train(
    opened: Warehouse, config: HeadTraining, model: Model, told: Told, tell: Callable[[str, int, int], None]
) -> tuple[dict[str, pl.DataFrame], list[str]]:
    """Learn from the kept pairs and judge all candidates; return tables, and the key of what is said of labels."""
    import torch

    started, clock, training_id = datetime.now(UTC), time.monotonic(), told.training_id(opened)
    store = Store(opened.home)
    gathered = gather_pairs(opened, config, model, tell)
    candidates, asked, contents = gathered.pairs, gathered.asked, gathered.contents
    tell("learning", 0, 1)
    kept = candidates["kept"]
    learnt = learn(candidates.filter(kept), take(asked, kept.to_numpy()), contents, config)
    about = {"encoder": model.model_dump(mode="json"), "config": config.model_dump(), **gathered.meaning}
    with model_folder(opened.home, training_id) as fresh:
        save_head(learnt.tuned, fresh, about)
    # On all candidates: a model looks better if it may drop what it would get wrong.
    evaluations = evaluate(candidates, asked, contents, learnt, config)
    checks = [*left_out_rows(gathered.left_out), *_check(gathered, config, tell)]
    labels = []
    if config.folds:
        tell("searching for wrong labels", 0, 1)
        labels = [judge_labels(store, candidates, asked, contents, learnt, config, model, training_id)]
        checks += judge_out_of_folds(candidates, store.scan(labels, "suspects").collect(), config)
    evaluations = pl.concat([evaluations, pl.DataFrame(checks, schema=EVALUATION)])
    tables = {"evaluations": evaluations.insert_column(0, pl.lit(training_id).alias("training_id"))}
    device = "cuda" if torch.cuda.is_available() else "cpu"
    trainings = told.row(opened, started, time.monotonic() - clock, device, learnt.curve)
    return tables | {"trainings": trainings}, labels


def _check(gathered: Gathered, config: HeadTraining, tell: Callable[[str, int, int], None]) -> list[Row]:
    rows: list[Row] = []
    if config.planted_flips:
        tell("finding planted flips", 0, 1)
        rows += find_planted_flips(gathered.pairs, gathered.asked, gathered.contents, config)
    if config.by_row:
        tell("splitting by row", 0, 1)
        rows += judge_split_by_row(gathered.pairs, gathered.asked, gathered.contents, config)
    return rows
