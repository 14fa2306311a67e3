"""`winnow train head`: embed what a snapshot keeps, learn a reward head from it, judge it, and publish its numbers."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from flows.train.embedding import embed_contents, prefix, vectors_of
from flows.train.encoder import settle_encoder
from flows.train.publishing import publish_training
from flows.train.record import Told, Trained
from schemas.plan import Plan
from schemas.training import HeadTraining
from tasks.embed.embed import Embed
from training.checkpoint import save_head
from training.data import contents_of, read_text_pairs
from training.head.design import Contents, rows_of
from training.head.hand import hand_features
from training.head.judge import evaluate
from training.head.learn import learn
from training.suspects import find_suspects
from warehouse.database import Warehouse
from warehouse.models import model_folder
from warehouse.store import Store


def train_head(opened: Warehouse, config: HeadTraining, root: Path, tell: Callable[[str, int, int], None]) -> Trained:
    """Train a reward head on the snapshot `opened` and publish its rows of `trainings`, `evaluations` and `suspects`.

    A training of the same snapshot with the same config, encoder and code is not repeated. `root` is what a path of
    the encoder is relative to; `tell` hears how far the work is. Raises Terminal if a split or the encoder is missing.
    """
    home, store = opened.home, Store(opened.home)
    model = settle_encoder(config.encoder, root, home)
    told = Told("head", config, config.seed, model.model, model.revision, model.key())
    training_id = told.training_id(opened)
    keep = Plan.model_validate_json(opened.snapshot.plan).keep
    folder = home.models / training_id
    done = store.keys(f"training-{training_id}")
    is_new = not done or not folder.exists()
    if is_new:
        done = [told.new_key(opened)]
        store.write(done[-1], _train(opened, config, model, told, tell))
    keys = [done[-1], *store.keys(prefix(model))]
    results = [receipt for each in keys if (receipt := store.receipt(each)) is not None]
    return Trained(home, training_id, folder, publish_training(home, results, keep), is_new)


def _train(
    opened: Warehouse, config: HeadTraining, model: Embed, told: Told, tell: Callable[[str, int, int], None]
) -> dict[str, pl.DataFrame]:
    import torch

    started, clock, training_id = datetime.now(UTC), time.monotonic(), told.training_id(opened)
    store = Store(opened.home)
    pairs = read_text_pairs(opened, [config.train, config.held_out, config.test], config.dimension)
    texts = contents_of(pairs)
    keys = embed_contents(store, model, texts, lambda done, all_: tell("embedding texts", done, all_))
    vectors = vectors_of(store, keys, texts["content_id"])
    contents = Contents(vectors, hand_features(texts).to_numpy().astype(np.float32))
    asked = rows_of(pairs, texts["content_id"])
    tell("learning", 0, 1)
    learnt = learn(pairs, asked, contents, config)
    about = {"encoder": model.model_dump(mode="json", exclude={"place", "batch"}), "config": config.model_dump()}
    with model_folder(opened.home, training_id) as fresh:
        save_head(learnt.tuned, fresh, about)
    evaluations = evaluate(pairs, asked, contents, learnt, config)
    tables = {"evaluations": evaluations.insert_column(0, pl.lit(training_id).alias("training_id"))}
    if config.folds:
        tell("searching for wrong labels", 0, 1)
        found = find_suspects(pairs, asked, contents, learnt.strengths, config)
        tables["suspects"] = found.with_columns(model=pl.lit(training_id))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    return tables | {"trainings": told.row(opened, started, time.monotonic() - clock, device, learnt.curve)}
