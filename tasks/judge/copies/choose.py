"""Choose: of each pair's copies that passed the rules, one is kept and carries the votes of all."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.judge.copies.preference import Keep, by_preference
from tasks.judge.copies.terms import strictest_terms
from tasks.judge.evidence import as_decisions
from tasks.judge.leaks import LEAKS, leave_out, told_of
from tasks.judge.slices import digest_slices
from tasks.slices import rows_of

_PAIR = ["pair_key", "dimension"]
_CHOSEN = [
    "pair_id", "pair_key", "dimension", "record_id", "source", "shard", "chosen_id", "rejected_id", "is_left_chosen",
    "margin", "tie", "n_votes", "own_votes", "agreement", "vote_share", "is_outvoted", "rank", "reason", "rule",
    "component_id", "split", "sources", "license", "commercial_ok",
]  # fmt: skip
_NO_CARRIER = [pl.lit(None, pl.String).alias(name) for name in ("carrier", "carrier_content", "merged")]


class Choose(Stage):
    """Keep one row of each pair and dimension; merge the others into it.

    `keep` says which (see `by_preference`). A row whose own judgment lost the vote is never chosen. Records that the
    split turned away and records that stand in benchmarks are left out first.
    """

    version = 4
    reads: ClassVar = ("_judged", "_assigned", "records", "responses", "_leaks")
    keep: Keep = "first"
    sources: list[str]

    def __call__(
        self,
        judged: pl.LazyFrame,
        assigned: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
        leaks: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `_chosen` (every pair with its fate), `_slices` (a digest of each shard's part) and `decisions`.

        `leaks` (record_id, benchmark, file, line, method, rank, score) names records that stand in benchmarks.
        """
        leaked = pl.DataFrame(schema=LEAKS) if leaks is None else leaks.collect()
        placed = leave_out(self._placed(judged.collect(), assigned), leaked)
        # Nearly every pair is judged once and has no copy to be set against.
        alone = placed.filter("is_alone").with_columns(_NO_CARRIER, sources=pl.concat_list("source"))
        crowd = _merge(by_preference(placed.filter(~pl.col("is_alone")), responses, self.keep))
        merged = pl.concat([alone, crowd.select(alone.columns)])
        # Null where the record's own terms hold.
        chosen = merged.join(strictest_terms(crowd, records), on="pair_id", how="left").select(_CHOSEN)
        return {
            "_chosen": chosen,
            "_slices": digest_slices(chosen),
            "decisions": pl.concat([*_decisions(merged), told_of(merged, leaked)]),
        }

    def _placed(self, judged: pl.DataFrame, assigned: pl.LazyFrame) -> pl.DataFrame:
        """Put every pair beside the component and the split of its record, or the reason why it has none."""
        order = pl.DataFrame({"source": self.sources}).with_row_index("rank")
        places = assigned.select("record_id", "component_id", "split", turned_away="reason", evidence="partner_id")
        return (
            judged.join(rows_of(places, "record_id", judged["record_id"]), on="record_id")
            .join(order, on="source")
            .with_columns(turned_away=pl.when(pl.col("reason").is_null()).then("turned_away"))
            .with_columns(reason=pl.coalesce("reason", "turned_away"))
        )


def _merge(pairs: pl.DataFrame) -> pl.DataFrame:
    """Name each pair's carrier, and the reason of those that are not the carrier themselves."""
    is_open = pl.col("reason").is_null()
    carriers = pairs.filter(is_open & ~pl.col("is_outvoted")).unique(_PAIR, keep="first", maintain_order=True)
    named = pairs.join(carriers.select(*_PAIR, carrier="pair_id", carrier_content="content"), on=_PAIR, how="left")
    is_copy = is_open & (pl.col("pair_id") != pl.col("carrier"))
    fate = (
        pl.when(is_open & pl.col("is_outvoted")).then(pl.lit(Reason.outvoted.value))
        .when(is_copy & (pl.col("content") == pl.col("carrier_content"))).then(pl.lit(Reason.merged_exact.value))
        .when(is_copy).then(pl.lit(Reason.merged_normalised.value))
    )  # fmt: skip
    sources = pl.col("source").unique().sort().over(_PAIR, mapping_strategy="join")
    return named.with_columns(merged=fate, sources=sources).with_columns(reason=pl.coalesce("reason", "merged"))


def _decisions(pairs: pl.DataFrame) -> list[pl.DataFrame]:
    """Say of every pair that is not kept, and that no rule dropped, which stage decided and on what evidence."""
    merged = pairs.filter(pl.col("merged").is_not_null())
    turned = pairs.filter(pl.col("turned_away").is_not_null())
    voted = pairs.filter(
        pl.col("reason").is_not_null()
        & pl.col("merged").is_null()
        & pl.col("turned_away").is_null()
        & pl.col("rule").is_null()
        & ~pl.col("is_leaked")
    )
    vote = pl.struct("n_votes", "agreement", "margin").struct.json_encode()
    told = [
        merged.select("pair_id", "reason", partner_id="carrier", value=vote).with_columns(
            stage=pl.lit("choose"), action=pl.lit("merge"), score=pl.lit(1.0)
        ),
        turned.select("pair_id", "reason", partner_id="evidence").with_columns(
            stage=pl.lit("split"), action=pl.lit("drop")
        ),
        voted.select("pair_id", "reason", value=vote).with_columns(stage=pl.lit("resolve"), action=pl.lit("drop")),
    ]
    return [as_decisions(rows.rename({"pair_id": "subject_id"}).with_columns(subject=pl.lit("pair"))) for rows in told]
