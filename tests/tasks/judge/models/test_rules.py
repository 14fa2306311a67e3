"""Rules on models decide over what is left, and over nothing else."""

import polars as pl

from schemas.tables import DERIVED
from tasks.judge.models.rules import ModelRules

CHOSEN = pl.LazyFrame(
    {
        "pair_id": ["kept", "lost", "merged", "near", "marked"],
        "shard": ["s", "s", "s", "s", "t"],
        "reason": [None, None, "merged_exact", None, None],
    }
)


def verdicts(**actions):
    known = {"subject_id": [*actions], "action": [*actions.values()]}
    frame = pl.DataFrame(known, schema_overrides={"subject_id": pl.String, "action": pl.String})
    missing = [
        pl.lit(None, dtype).alias(name) for name, dtype in pl.Schema(DERIVED["decisions"]).items() if name not in known
    ]
    told = frame.with_columns(missing).with_columns(reason=pl.lit("dropped_by_rule"), rule=pl.lit("doubted"))
    return told.select(DERIVED["decisions"].names).lazy()


def test_only_what_would_be_kept_is_decided_on():
    fates = pl.LazyFrame({"pair_id": ["near"], "shard": ["s"], "near": ["near_duplicate"]})
    found = ModelRules()(CHOSEN, verdicts(lost="drop", merged="drop", near="drop", marked="flag"), fates)
    assert found["_model_fates"].rows() == [("s", "lost", "dropped_by_rule", "doubted")]
    assert sorted(found["decisions"].select("subject_id", "action").rows()) == [("lost", "drop"), ("marked", "flag")]
    assert found["_model_fate_slices"]["shard"].to_list() == ["s"]


def test_without_a_search_for_near_copies_all_that_was_chosen_counts():
    found = ModelRules()(CHOSEN, verdicts(near="quarantine"))
    assert found["_model_fates"]["pair_id"].to_list() == ["near"]


def test_nothing_doubted_is_nothing_lost():
    found = ModelRules()(CHOSEN, verdicts())
    assert [found[name].height for name in ("decisions", "_model_fates", "_model_fate_slices")] == [0, 0, 0]
