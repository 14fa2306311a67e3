"""`winnow train reward`, `dpo`, `kto`: a language model trained on what a snapshot keeps, in its own process."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from flows.embed.encoder import digest_of
from flows.train.apart import train_apart
from flows.train.publishing import publish_training
from flows.train.record import Told, Trained
from schemas.errors import Terminal
from schemas.plan.plan import Plan
from schemas.plan.train.language import DpoTraining, KtoTraining, LanguageModel, LanguageTraining, RewardTraining
from training.data import read_text_pairs
from training.evaluate.rewards import EVALUATION, Row, judge_gaps, judge_rewards
from training.language.data import formed, messages_of
from training.language.job import CONFIGS, Folder, Job
from warehouse.database import Warehouse
from warehouse.export.pairs import choose, read_batches
from warehouse.home import Home
from warehouse.store import Store
from warehouse.upkeep.models import model_folder, unfinished_folder

Tell = Callable[[str, int, int], None]


def train_language(
    opened: Warehouse, config: RewardTraining | DpoTraining | KtoTraining, root: Path, tell: Tell
) -> Trained:
    """Train a language model on the snapshot `opened` and publish its rows of `trainings` and `evaluations`.

    A training that was done is not repeated; one that was broken off goes on from its newest checkpoint. `root` is what
    paths in `config` are relative to; `tell` hears how far the work is. Raises Terminal if something that is named is
    not there, or with what the training ended with.
    """
    if find_spec("trl") is None:
        raise Terminal("training needs more libraries: pip install 'winnow-curation[train]'")
    home, store = opened.home, Store(opened.home)
    kind = next(kind for kind, made in CONFIGS.items() if isinstance(config, made))
    place, revision = _find(config.model, root, home)
    digest = digest_of(place)
    told = Told(kind, config, config.seed, config.model.name, revision or digest, digest)
    training_id = told.training_id(opened)
    final, done = home.models / training_id, store.keys(f"training-{training_id}")
    is_new = not done or not final.exists()
    if is_new:
        started, clock = datetime.now(UTC), time.monotonic()
        folder = Folder(unfinished_folder(home, training_id))
        _prepare(folder, opened, Job(kind=kind, place=place, chat_template=_template(config, root), config=config))
        device = train_apart(folder, config.processes, tell)
        curve = json.loads(folder.curve.read_text(encoding="utf-8"))
        tables = {
            "trainings": told.row(opened, started, time.monotonic() - clock, device, curve),
            "evaluations": _evaluate(opened, config, folder).insert_column(0, pl.lit(training_id).alias("training_id")),
        }
        with model_folder(home, training_id) as fresh:
            for file in folder.model.iterdir():
                # What transformers pickles beside its weights is said in `trainings` already.
                if file.suffix != ".bin":
                    shutil.move(file, fresh)
        done = [told.new_key(opened)]
        store.write(done[-1], tables)
        shutil.rmtree(folder.path)
    receipt = store.receipt(done[-1])
    keep = Plan.model_validate_json(opened.snapshot.plan).keep
    snapshot = publish_training(home, [receipt] if receipt else [], keep)
    return Trained(home, training_id, final, snapshot, is_new)


def _find(told: LanguageModel, root: Path, home: Home) -> tuple[Path, str | None]:
    if told.repo is not None:
        from warehouse.intake.hub import fetch_model  # its client takes a second to import

        place = fetch_model(told.repo, told.revision, home.path)
        return place, place.name
    return (root / (told.path or "")).absolute(), told.revision


def _template(config: LanguageTraining, root: Path) -> str | None:
    if config.model.chat_template is None:
        return None
    place = root / config.model.chat_template
    try:
        return place.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Terminal(f"cannot read the chat template {place}: {error}") from error


def _prepare(folder: Folder, opened: Warehouse, job: Job) -> None:
    """Write the pairs and the job, unless an earlier attempt did; the job comes last."""
    if folder.job.exists():
        return
    config = job.config
    parts = {"train": config.train, "held_out": config.held_out, "test": config.test}
    choice = choose(opened, sorted({*parts.values()}), config.dimension, mixed=False)
    rows = pl.concat([messages_of(batch) for batch in read_batches(opened, choice)])
    if isinstance(config, DpoTraining) and config.scaling is not None:
        rows = rows.join(_gaps(opened, config.scaling.gap), on="pair_id", how="left", maintain_order="left")
    folder.path.mkdir(parents=True, exist_ok=True)
    for part, split in parts.items():
        found = rows.filter(pl.col("split") == split)
        shaped = found.filter(~pl.col("tie")) if part == "test" else formed(config, found)
        if part != "held_out" and shaped.is_empty():
            raise Terminal(f"the split {split} has no pair that can be trained on or judged: name another split")
        shaped.write_parquet(folder.pairs[part])
    aside = folder.job.with_suffix(".new")
    aside.write_text(job.model_dump_json(indent=1), encoding="utf-8")
    aside.rename(folder.job)


def _gaps(opened: Warehouse, name: str) -> pl.DataFrame:
    table = "pairs" if name == "margin" else "metrics"
    found = opened.table(table)
    if name not in found.collect_schema():
        raise Terminal(f"snapshot {opened.snapshot.snapshot} has no metric {name}: name it under `metrics` in the plan")
    return found.select("pair_id", gap=pl.col(name).cast(pl.Float64)).collect()


def _evaluate(opened: Warehouse, config: LanguageTraining, folder: Folder) -> pl.DataFrame:
    pairs = read_text_pairs(opened, sorted({config.train, config.test}), config.dimension)
    train = pairs.filter(pl.col("split") == config.train)
    judged = pairs.join(pl.read_parquet(folder.scores), on="pair_id", maintain_order="left")
    rows: list[Row] = judge_rewards(judged, train, config.seed)
    if folder.untrained.exists():
        before = pairs.join(pl.read_parquet(folder.untrained), on="pair_id", maintain_order="left")
        gaps = before.with_columns(gap=pl.col("chosen_reward") - pl.col("rejected_reward"))
        rows += judge_gaps(gaps, train, "accuracy_untrained", config.seed, parts=())
    if folder.policy.exists():
        rows += _of_policy(json.loads(folder.policy.read_text(encoding="utf-8")))
    named = [{"dimension": judged["dimension"].first(), **row} for row in rows]
    return pl.DataFrame(named, schema=EVALUATION)


def _of_policy(drift: dict[str, Any]) -> list[Row]:
    """Say how far a policy went; the baseline of its length is the reference's."""
    n = drift["n"]
    return [
        {"metric": "kl", "value": drift["kl"], "n": n},
        {"metric": "kl_per_token", "value": drift["kl_per_token"], "n": n},
        {"metric": "response_tokens", "value": drift["tokens"], "baseline": drift["reference_tokens"], "n": n},
    ]
