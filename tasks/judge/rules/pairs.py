"""Rules on pairs: metrics are put side by side, and each rule says whom it fires for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import polars as pl

from schemas.plan.curation import Rule
from schemas.reasons import Reason
from schemas.rules.expressions import columns_of, compile_rule
from schemas.rules.metrics import metric_types, model_metrics, rule_types
from schemas.stage import Stage
from tasks.judge.evidence import DECISIONS, decide
from tasks.judge.models.metrics import with_model_metrics
from tasks.judge.rules.broken import BROKEN, drop_broken
from tasks.judge.rules.media import MediaTables, with_media
from tasks.judge.rules.metrics import with_metrics

_RECORD_COLUMNS = ("task", "modality", "language", "license", "commercial_ok")
_REASONS = {
    "drop": Reason.dropped_by_rule,
    "quarantine": Reason.quarantined_by_rule,
    "flag": Reason.flagged_by_rule,
}


class PairRules(Stage):
    """Compute the metrics that `rules` name and judge every pair that its votes have not already ruled out.

    The first rule that drops or quarantines a pair decides; flags are noted and change nothing. What rules on model
    metrics say is noted for later, when all else is decided (`tasks.judge.models.rules`). `metrics` are columns that
    are wanted besides.
    """

    version = 3
    reads: ClassVar = (
        "_tallies",
        "_measures",
        "records",
        "responses",
        "_broken",
        "attachments",
        "media",
        "media_metrics",
        "_harms",
        "_scores",
    )
    cut_by: ClassVar = {"_measures": "pair_key", "_suspects": "pair_key", "_rewards": "pair_key"}
    rules: list[Rule]
    metrics: list[str] = []

    def __call__(
        self,
        tallies: pl.LazyFrame,
        measures: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
        suspects: pl.LazyFrame | None = None,
        rewards: pl.LazyFrame | None = None,
        broken: pl.LazyFrame | None = None,
        attachments: pl.LazyFrame | None = None,
        media: pl.LazyFrame | None = None,
        media_metrics: pl.LazyFrame | None = None,
        harms: pl.LazyFrame | None = None,
        scores: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `_judged` (pairs with `reason` and `rule`), `metrics` and `decisions`.

        Pairs with `broken` media (`tasks.judge.rules.broken`) are dropped first; `attachments`, `media`,
        `media_metrics`, `harms` and `scores` are what is known of media. `suspects` and `rewards` are what trainings
        say; if rules read it, their decisions are `_verdicts`.
        """
        named = {column for rule in self.rules for column in columns_of(rule.expression)}
        metrics = [name for name in metric_types() if name in named or name in self.metrics]
        seen = with_media(tallies, MediaTables(attachments, media, media_metrics, harms, scores), metrics)
        seen = with_metrics(seen, measures, metrics) if metrics else seen
        seen = with_model_metrics(seen, suspects, rewards, metrics)
        seen = _with_records(_with_texts(seen, responses, named), records, named)
        spoilt = BROKEN.to_frame() if broken is None else broken.collect()
        pairs, unreadable = drop_broken(seen.collect(), spoilt)
        late = [rule for rule in self.rules if model_metrics(columns_of(rule.expression))]
        fired = _decide(pairs, [rule for rule in self.rules if rule not in late], "rules")
        decisions = pl.concat([unreadable, fired])
        verdicts = {"_verdicts": _decide(pairs, late, "models", beside=["training_id"])} if late else {}
        return verdicts | {
            "_judged": _judge(pairs.select(tallies.collect_schema().names()), decisions),
            "decisions": decisions,
            "metrics": pairs.select("pair_id", *metrics) if metrics else pairs.select("pair_id").clear(),
        }


def _decide(pairs: pl.DataFrame, rules: Sequence[Rule], stage: str, beside: Sequence[str] = ()) -> pl.DataFrame:
    open_pairs = pairs.filter(pl.col("reason").is_null()).with_columns(subject_id="pair_id")
    types = rule_types("pairs")
    verdicts = [
        decide(
            open_pairs,
            rule=rule,
            fires=compile_rule(rule.expression, types),
            subject="pair",
            stage=stage,
            reason=_REASONS[rule.action],
            beside=beside,
        )
        for rule in rules
    ]
    fired = pl.concat([pl.DataFrame(schema=DECISIONS), *verdicts])
    is_flag = pl.col("action") == "flag"
    deciding = fired.filter(~is_flag).unique("subject_id", keep="first", maintain_order=True)
    return pl.concat([deciding, fired.filter(is_flag)])


def _with_texts(pairs: pl.LazyFrame, responses: pl.LazyFrame, named: set[str]) -> pl.LazyFrame:
    texts = responses.select("record_id", "response_id", "text").unique(["record_id", "response_id"])
    for side in ("chosen", "rejected"):
        if side in named:
            pairs = pairs.join(
                texts.rename({"text": side}),
                left_on=["record_id", f"{side}_id"],
                right_on=["record_id", "response_id"],
                how="left",
            )
    return pairs


def _with_records(pairs: pl.LazyFrame, records: pl.LazyFrame, named: set[str]) -> pl.LazyFrame:
    wanted = [pl.col(name) for name in _RECORD_COLUMNS if name in named]
    wanted += [pl.col("prompt_text").alias("prompt")] if "prompt" in named else []
    return pairs.join(records.select("record_id", *wanted), on="record_id", how="left") if wanted else pairs


def _judge(pairs: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """Give each pair the reason and the name of the first rule that dropped or quarantined it."""
    decided = decisions.filter(pl.col("action") != "flag").select(pair_id="subject_id", verdict="reason", rule="rule")
    judged = pairs.join(decided, on="pair_id", how="left")
    return judged.with_columns(reason=pl.coalesce("reason", "verdict")).drop("verdict")
