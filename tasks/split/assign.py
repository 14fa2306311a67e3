"""Assign: records that share a prompt, a near prompt, a conversation or a medium go to one split and stay there."""

from __future__ import annotations

from typing import ClassVar

import polars as pl

from schemas.identity import digest
from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.split.components import components

EVALUATION = "test"
_UNPLACED = [pl.lit(None, pl.String).alias(name) for name in ("component_id", "split")]
_NOT_AWAY = [pl.lit(None, pl.String).alias(name) for name in ("reason", "partner_id")]


class Assign(Stage):
    """Give every record a component and a split.

    A component with members that already have a split keeps it; a component of new records gets the split of a hash of
    its smallest member, so shares hold in expectation and nobody's split depends on anybody else's. Records for
    evaluation only form components of their own in the split `test`; records that share a key with one of them are
    `contaminated`. New records that would tie together different splits are turned away (`bridges_splits`).
    """

    version = 2
    reads: ClassVar = ("_prompts", "_prior", "_near_links")
    shares: dict[str, float]
    salt: str

    def __call__(
        self, prompts: pl.LazyFrame, prior: pl.LazyFrame, near_links: pl.LazyFrame | None = None
    ) -> dict[str, pl.DataFrame]:
        """Return `_assigned` (record_id, component_id, split, reason, partner_id) and `splits`.

        `near_links` ties further records together: those with one key in it belong to each other.
        """
        records = prompts.select("record_id", "evaluation_only").collect()
        links = _links(prompts)
        if near_links is not None:
            links = pl.concat([links, near_links.select("record_id", "key").collect()])
        tested = records.filter("evaluation_only").select("record_id")
        contaminated = _contaminated(links, tested)
        before = _without(prior.collect(), tested).filter(pl.col("split").is_in([*self.shares]))
        trained = _without(_without(links, tested), contaminated)
        bridges = _bridges(trained, before)
        assigned = pl.concat(
            [
                self._place(_without(trained, bridges), before),
                self._place(links.join(tested, on="record_id", how="semi"), before).with_columns(
                    split=pl.lit(EVALUATION)
                ),
            ]
        )
        away = pl.concat(
            [
                contaminated.with_columns(reason=pl.lit(Reason.contaminated.value)),
                bridges.with_columns(reason=pl.lit(Reason.bridges_splits.value)),
            ]
        )
        return {
            "_assigned": pl.concat([assigned, away], how="diagonal"),
            "splits": assigned.select("component_id", "split").unique("component_id").sort("component_id"),
        }

    def _place(self, links: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
        """Give each component its old split and id, or new ones made from its smallest member."""
        members = links.select(pl.col("record_id").unique()).join(components(links), on="record_id", how="left")
        known = members.join(before, on="record_id", how="left") if before.height else members.with_columns(_UNPLACED)
        alone = known.filter(pl.col("root").is_null()).with_columns(root="record_id")
        tied = known.filter(pl.col("root").is_not_null())
        settled = tied.group_by("root").agg(
            pl.col("split").drop_nulls().first(), component_id=pl.col("component_id").min()
        )
        together = tied.select("record_id", "root").join(settled, on="root")
        named = pl.concat([alone.select(together.columns), together]).with_columns(
            component_id=pl.coalesce("component_id", digest(pl.lit("component"), "root")),
            split=pl.coalesce("split", self._draw(pl.col("root"))),
        )
        return named.select("record_id", "component_id", "split", *_NOT_AWAY)

    def _draw(self, member: pl.Expr) -> pl.Expr:
        """Draw a split by hash: 48 bits of the digest of salt and member, as a share of all."""
        hexadecimal = digest(pl.lit("split"), pl.lit(self.salt), member).str.slice(0, 12)
        drawn = hexadecimal.str.to_integer(base=16, dtype=pl.Int64) / float(16**12)
        choice = pl.lit(list(self.shares)[-1])
        edge = 1.0 - self.shares[list(self.shares)[-1]]
        for name in reversed(list(self.shares)[:-1]):
            choice = pl.when(drawn < edge).then(pl.lit(name)).otherwise(choice)
            edge -= self.shares[name]
        return choice


def _links(prompts: pl.LazyFrame) -> pl.DataFrame:
    """List the keys by which records hang together: their prompt, the prompts they continue, their conversation.

    Records with a blank prompt hang together by their responses.
    """
    keyed = prompts.select("record_id", "prompt_key", "prefix_keys", "answer_keys", "conversation_id").collect()
    own = keyed.select("record_id", key="prompt_key")
    continued = (
        keyed.select("record_id", key="prefix_keys")
        .explode("key", empty_as_null=False, keep_nulls=False)
        .join(own.select("key").unique(), on="key", how="semi")
    )
    talks = keyed.filter(pl.col("conversation_id").is_not_null()).select("record_id", key="conversation_id")
    answers = keyed.select("record_id", key="answer_keys").explode("key", empty_as_null=False, keep_nulls=False)
    return pl.concat([own, continued, answers, talks])


def _contaminated(links: pl.DataFrame, tested: pl.DataFrame) -> pl.DataFrame:
    """Find the records that share a key with a record for evaluation, and name one such record as evidence."""
    if tested.is_empty():
        return tested.with_columns(partner_id=pl.lit(None, pl.String))
    keys = links.join(tested, on="record_id", how="semi").group_by("key").agg(partner_id=pl.col("record_id").min())
    hit = _without(links, tested).join(keys, on="key")
    return hit.group_by("record_id").agg(pl.col("partner_id").min())


def _bridges(links: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Find the new records that would tie together records of different splits, and name one record as evidence."""
    turned_away = pl.DataFrame(schema={"record_id": pl.String, "partner_id": pl.String})
    if before.is_empty():
        return turned_away
    for only_neighbours in (True, False):
        rest = _without(links, turned_away)
        torn = _torn(rest, before)
        if torn.is_empty():
            break
        found = _between(rest, torn, before) if only_neighbours else torn.filter(pl.col("split").is_null())
        evidence = torn.filter(pl.col("split").is_not_null()).group_by("root").agg(partner_id=pl.col("record_id").min())
        turned_away = pl.concat([turned_away, found.join(evidence, on="root").select("record_id", "partner_id")])
    return turned_away


def _torn(links: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the members of components whose old members disagree about the split."""
    # A record without ties cannot disagree with itself.
    grouped = components(links).join(before.select("record_id", "split"), on="record_id", how="left")
    return grouped.filter(pl.col("split").n_unique().over("root") - pl.col("split").is_null().any().over("root") > 1)


def _between(links: pl.DataFrame, torn: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the new members of torn components that share keys with old records of two splits or more."""
    old = links.join(before.select("record_id", "split"), on="record_id").select("key", "split").unique()
    new = torn.filter(pl.col("split").is_null()).select("record_id", "root")
    touched = (
        links.join(new, on="record_id")
        .join(old, on="key")
        .group_by("record_id", "root")
        .agg(pl.col("split").n_unique())
    )
    return touched.filter(pl.col("split") > 1).select("record_id", "root")


def _without(rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows of `records`; usually there are none of them."""
    return rows.join(records, on="record_id", how="anti") if records.height else rows
