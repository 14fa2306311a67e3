"""The rows that a rule is tried on: what the snapshot keeps, with the columns that the expression reads."""

from __future__ import annotations

import polars as pl

from flows.run.trained import rewards_of, suspects_of
from schemas.errors import Terminal
from schemas.plan.plan import Plan
from schemas.rules.metrics import (
    ANNOTATOR_COLUMNS,
    JUDGMENT_COLUMNS,
    answer_measures,
    metric_types,
    model_metrics,
    prompt_measures,
)
from schemas.text import normalise
from tasks.judge.models.metrics import with_model_metrics
from tasks.judge.rules.metrics import with_metrics
from tasks.measure.measure import Measure
from warehouse.database import Warehouse
from warehouse.store import Store


def kept_pairs(opened: Warehouse, columns: list[str]) -> tuple[pl.DataFrame, int]:
    """Return the kept pairs with the metrics among `columns`, and the number of the pairs that are not kept.

    What models say of them is what the newest training said, which the snapshot's run may not have known.
    """
    pairs = _with_models(opened, opened.pairs(), columns)
    metrics = [name for name in columns if name in metric_types() and name not in model_metrics(columns)]
    known = opened.table("metrics")
    stored = [name for name in metrics if name in known.collect_schema()]
    if stored:
        pairs = pairs.join(known.select("pair_id", *stored), on="pair_id", how="left")
    missing = [name for name in metrics if name not in stored]
    if missing:
        pairs = _with_missing(opened, pairs, missing)
    found = pairs.with_columns(id="pair_id").collect()
    return found, opened.table("pairs").select(pl.len()).collect().item() - found.height


def _with_models(opened: Warehouse, pairs: pl.LazyFrame, columns: list[str]) -> pl.LazyFrame:
    wanted = model_metrics(columns)
    if not wanted:
        return pairs
    if opened.table("trainings").select(pl.len()).collect().item() == 0:
        raise Terminal(f"no training yet, so nobody knows {wanted[0]}: run `winnow train head` first")
    return with_model_metrics(pairs, suspects_of(opened), rewards_of(opened), wanted)


def kept_judgments(opened: Warehouse, columns: list[str]) -> tuple[pl.DataFrame, int]:
    """Return the usable comparisons that no rule excludes, with what `columns` asks for, and the number of the others.

    Judgments that are made of rankings and ratings are not among them.
    """
    excluded = opened.table("decisions").filter((pl.col("subject") == "comparison") & (pl.col("action") == "drop"))
    facts = opened.table("comparisons")
    said = [name for name in JUDGMENT_COLUMNS if name in columns and name != "record_id"]
    habits = [name for name in ANNOTATOR_COLUMNS if name in columns and name not in ("source", "annotator_id")]
    found = (
        facts.filter(pl.col("outcome") != "invalid")
        .join(excluded, left_on="comparison_id", right_on="subject_id", how="anti")
        .select("record_id", "annotator_id", *said, id="comparison_id")
        .join(opened.table("records").select("record_id", "source", prompt="prompt_text"), on="record_id")
        .join(
            opened.table("annotators").select("annotator_id", "source", *habits),
            on=["annotator_id", "source"],
            how="left",
        )
        .collect()
    )
    return found, facts.select(pl.len()).collect().item() - found.height


def _with_missing(opened: Warehouse, pairs: pl.LazyFrame, names: list[str]) -> pl.LazyFrame:
    """Compute metrics that the snapshot does not hold, as a run would."""
    sides = pairs.with_columns(left="chosen_id", right="rejected_id", is_left_chosen=pl.lit(value=True))
    if "is_same_normalised" in names:
        texts = sides.select("pair_id", "chosen", "rejected").collect()
        is_same = normalise(texts["chosen"]) == normalise(texts["rejected"])
        sides = sides.join(texts.lazy().select("pair_id", is_same_normalised=is_same), on="pair_id", how="left")
    stage = Measure(prompts=prompt_measures(names), answers=answer_measures(names))
    read = pairs.select("record_id").unique()
    records = opened.table("records").join(read, on="record_id", how="semi")
    responses = opened.table("responses").join(read, on="record_id", how="semi")
    counts_tokens = "tokens" in (*stage.prompts, *stage.answers)
    measured = stage(sides, records, responses, _tokenizer(opened) if counts_tokens else None)["_measures"]
    return with_metrics(sides, measured.lazy(), names)


def _tokenizer(opened: Warehouse) -> pl.LazyFrame:
    from flows.run.tokenizer import tokenizer_key

    told = Plan.model_validate_json(opened.snapshot.plan).models.tokenizer
    store = Store(opened.home)
    if told is None or store.receipt(tokenizer_key(told)) is None:
        raise Terminal(
            "tokens are not counted in this snapshot: say under models.tokenizer in the plan whose they are, and "
            "`metrics: [chosen_tokens]`, and run it"
        )
    return store.scan([tokenizer_key(told)], "_tokenizer")
