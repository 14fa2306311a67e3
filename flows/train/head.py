"""`winnow train head`: embed what a snapshot keeps, learn a reward head from it, judge it, and publish its numbers."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from flows.embed.step import prefix
from flows.train.embedding import embed_contents, vectors_of
from flows.train.encoder import settle_encoder
from flows.train.publishing import publish_training
from schemas.plan import Plan
from schemas.training import HeadTraining
from tasks.embed.embed import Embed
from training.checkpoint import save_head
from training.data import contents_of, read_text_pairs
from training.head.design import Contents, rows_of
from training.head.hand import hand_features
from training.head.judge import evaluate
from training.head.learn import Learnt, learn
from training.suspects import find_suspects
from warehouse.database import Warehouse
from warehouse.delta.snapshots import Snapshot
from warehouse.home import Home
from warehouse.models import model_folder
from warehouse.store import Store


@dataclass(frozen=True)
class Trained:
    """A training: its id, the folder of the head, the snapshot with its rows, and whether it was trained just now."""

    home: Home
    training_id: str
    folder: Path
    snapshot: Snapshot
    is_new: bool


def train_head(opened: Warehouse, config: HeadTraining, root: Path, tell: Callable[[str, int, int], None]) -> Trained:
    """Train a reward head on the snapshot `opened` and publish its rows of `trainings`, `evaluations` and `suspects`.

    A training of the same snapshot with the same config, encoder and code is not repeated. `root` is what a path of
    the encoder is relative to; `tell` hears how far the work is. Raises Terminal if a split or the encoder is missing.
    """
    home, store = opened.home, Store(opened.home)
    model = settle_encoder(config.encoder, root, home)
    key = f"training-{_training_id(opened, config, model)}"
    training_id = key.removeprefix("training-")
    keep = Plan.model_validate_json(opened.snapshot.plan).keep
    folder = home.models / training_id
    is_new = store.receipt(key) is None or not folder.exists()
    if is_new:
        tables = _train(opened, config, model, training_id, tell)
        store.forget(key)
        store.write(key, tables)
    results = [receipt for each in [key, *store.keys(prefix(model))] if (receipt := store.receipt(each)) is not None]
    return Trained(home, training_id, folder, publish_training(home, results, keep), is_new)


def _train(
    opened: Warehouse, config: HeadTraining, model: Embed, training_id: str, tell: Callable[[str, int, int], None]
) -> dict[str, pl.DataFrame]:
    started, clock = datetime.now(UTC), time.monotonic()
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
    row = _row(opened, config, model, training_id, learnt) | {
        "started_at": started,
        "seconds": time.monotonic() - clock,
    }
    return tables | {"trainings": pl.DataFrame([row])}


def _row(opened: Warehouse, config: HeadTraining, model: Embed, training_id: str, learnt: Learnt) -> dict[str, Any]:
    import torch

    return {
        "training_id": training_id,
        "kind": "head",
        "snapshot": opened.snapshot.snapshot,
        "config": config.model_dump_json(),
        "code_version": version("winnow-curation"),
        "model": model.model,
        "revision": model.revision,
        "seed": config.seed,
        "device": "cuda" if torch.cuda.is_available() else "cpu",
        "curve": json.dumps(learnt.curve),
    }


def _training_id(opened: Warehouse, config: HeadTraining, model: Embed) -> str:
    # A snapshot that only adds a training has the same pairs as the one before it.
    pairs = f"{opened.snapshot.run_key}:{opened.snapshot.tables['pairs']}"
    said = [pairs, config.model_dump_json(), model.key(), version("winnow-curation")]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
