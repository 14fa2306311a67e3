"""Choose: of each pair's copies that passed the rules, one is kept and carries the votes of all."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.judge.evidence import as_decisions

_PAIR = ["pair_key", "dimension"]
_NO_CARRIER = [pl.lit(None, pl.String).alias(name) for name in ("carrier", "carrier_content", "merged")]


class Choose(Stage):
    """Keep one row of each pair and dimension; merge the others into it.

    `keep` says which: the first (source in the plan's order, then record id), the one whose own record has most votes,
    or the one with the longest answers. A row whose own judgment lost the vote is never chosen.
    """

    reads: ClassVar = ("_judged", "_assigned", "_silent", "responses")
    keep: Literal["first", "most_votes", "longest"] = "first"
    sources: list[str]

    def __call__(
        self,
        judged: pl.LazyFrame,
        assigned: pl.LazyFrame,
        silent: pl.LazyFrame,
        responses: pl.LazyFrame,
    ) -> dict[str, pl.DataFrame]:
        """Return `_final` (every pair with its fate), `_slices` (a digest of each shard's part) and `decisions`."""
        order = pl.DataFrame({"source": self.sources}).with_row_index("rank").lazy()
        away = assigned.select("record_id", "component_id", "split", turned_away="reason", evidence="partner_id")
        pairs = (
            judged.join(away, on="record_id")
            .join(order, on="source")
            .with_columns(turned_away=pl.when(pl.col("reason").is_null()).then("turned_away"))
            .with_columns(reason=pl.coalesce("reason", "turned_away"))
        )
        placed = pairs.collect()
        # Nearly every pair is judged once and has no copy to be set against.
        alone = placed.filter("is_alone").with_columns(
            _NO_CARRIER, sources=pl.concat_list("source"), preference=pl.lit(0.0)
        )
        crowd = _merge(self._by_preference(placed.filter(~pl.col("is_alone")), responses))
        merged = pl.concat([alone.select(crowd.columns), crowd])
        final = _finish(merged)
        return {
            "_final": final,
            "_slices": _digest_slices(final),
            "decisions": pl.concat([*_decisions(merged), _explain(silent.collect())]),
        }

    def _by_preference(self, pairs: pl.DataFrame, responses: pl.LazyFrame) -> pl.DataFrame:
        """Sort the pairs so that the best carrier of each group comes first."""
        if self.keep == "longest":
            size = responses.group_by("record_id").agg(preference=pl.col("text").str.len_chars().sum().cast(pl.Float64))
            pairs = pairs.join(size.collect(), on="record_id", how="left")
        else:
            votes = pl.col("own_votes") if self.keep == "most_votes" else pl.lit(0.0)
            pairs = pairs.with_columns(preference=votes)
        return pairs.sort("is_outvoted", -pl.col("preference"), "rank", "record_id")


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


def _finish(pairs: pl.DataFrame) -> pl.DataFrame:
    kept = pl.col("reason").is_null()
    return pairs.select(
        "pair_id", "pair_key", "dimension", "record_id", "shard", "chosen_id", "rejected_id", "margin", "tie",
        "n_votes", "agreement", "reason", "rule", "component_id", "sources",
        kept=kept,
        split=pl.when(kept).then("split"),
    ).sort("shard")  # fmt: skip


def _digest_slices(final: pl.DataFrame) -> pl.DataFrame:
    """Digest what is said about each shard's pairs: a shard with the digest of an earlier run need not be written.

    Another version of polars hashes otherwise; then the shards are written once more, with the same rows.
    """
    said = final.select("shard", row=pl.struct(pl.exclude("shard")).hash())
    sums = said.group_by("shard").agg(pairs=pl.len(), total=pl.col("row").sum()).sort("shard")
    return sums.select("shard", content=pl.concat_str("pairs", "total", separator="-"))


def _decisions(pairs: pl.DataFrame) -> list[pl.DataFrame]:
    """Say of every pair that is not kept, and that no rule dropped, which stage decided and on what evidence."""
    merged = pairs.filter(pl.col("merged").is_not_null())
    turned = pairs.filter(pl.col("turned_away").is_not_null())
    voted = pairs.filter(
        pl.col("reason").is_not_null()
        & pl.col("merged").is_null()
        & pl.col("turned_away").is_null()
        & pl.col("rule").is_null()
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


def _explain(silent: pl.DataFrame) -> pl.DataFrame:
    """Say of every record without a pair why it has none."""
    return as_decisions(
        silent.select(
            "reason", subject_id="record_id", subject=pl.lit("record"), stage=pl.lit("resolve"), action=pl.lit("drop")
        )
    )
