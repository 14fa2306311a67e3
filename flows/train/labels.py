"""Labels and responses judged by heads that saw nothing of them: done once for the same candidates and settings."""

from __future__ import annotations

import hashlib
from importlib.metadata import version

import polars as pl

from flows.train.vectors.model import Model
from schemas.plan.train.training import HeadTraining
from tasks.embed.embed import Embed
from training.head.design import Asked, Contents
from training.head.folds import judge_out_of_fold
from training.head.learn import Learnt, learn
from training.rewards import rewards_of_responses
from training.suspects import find_suspects
from warehouse.store import Store

# What a head out of fold depends on, besides contents.
_KNOWN_BY = [
    "pair_id", "prompt_id", "chosen_id", "rejected_id", "dimension", "split", "component_id", "margin", "tie",
]  # fmt: skip


def judge_labels(
    store: Store,
    candidates: pl.DataFrame,
    asked: Asked,
    contents: Contents,
    learnt: Learnt,
    config: HeadTraining,
    model: Model,
    training_id: str,
) -> str:
    """Store `suspects` and `rewards` of `candidates`, and return the key they lie under.

    Candidates that rules on models have dropped are judged, and learnt from, exactly as the kept ones. So the answers
    do not depend on what earlier answers have dropped, and curating and training in turns comes to rest instead of
    dropping and taking back. `learnt` is what the kept ones have taught. Rows name the training that judged first.
    """
    key = f"labels-{_digest(candidates, contents, config, model)}"
    if store.receipt(key) is None:
        everything = learnt if candidates["kept"].all() else learn(candidates, asked, contents, config)
        rewards = judge_out_of_fold(candidates, asked, contents, everything.strengths, config)
        suspects = find_suspects(candidates, rewards)
        of_responses = rewards_of_responses(candidates, rewards, config.train, config.good_enough)
        tables = {"suspects": suspects, "rewards": of_responses}
        said_by = pl.lit(training_id).alias("model")
        store.write(key, {table: frame.with_columns(said_by) for table, frame in tables.items()})
    return key


def _digest(candidates: pl.DataFrame, contents: Contents, config: HeadTraining, model: Model) -> str:
    # Another version of polars hashes otherwise; then the same candidates are judged once more.
    whole = hashlib.sha256(candidates.select(_KNOWN_BY).hash_rows().to_numpy().tobytes())
    if not isinstance(model, Embed):
        # Texts are their ids; what was measured in media and written down of them can change.
        whole.update(contents.vectors.tobytes() + contents.hand.tobytes())
    whole.update("\n".join([config.model_dump_json(), model.key(), version("winnow-curation")]).encode())
    return whole.hexdigest()[:32]
