"""Assign: records that share a prompt, a near prompt, a conversation or a medium go to one split and stay there."""

from __future__ import annotations

from typing import ClassVar, Final, NamedTuple

import polars as pl

from schemas.identity import digest
from schemas.reasons import Reason
from schemas.stage import Stage
from tasks.split.components import components
from tasks.split.links import Records, key_links

EVALUATION = "test"
# The digest that an id is cut from takes several times the memory of the id.
_AT_ONCE: Final = 100_000
_AWAY = pl.Schema({"record": pl.UInt32, "partner": pl.UInt32})


class Placed(NamedTuple):
    """Members of components (record, component_id, split), and each component once (component_id, split)."""

    members: pl.DataFrame
    splits: pl.DataFrame


class Assign(Stage):
    """Give every record a component and a split.

    A component with members that already have a split keeps it; a component of new records gets the split of a hash of
    its smallest member, so shares hold in expectation and nobody's split depends on anybody else's. Records for
    evaluation only form components of their own in the split `test`; records that share a key with one of them are
    `contaminated`. New records that would tie together different splits are turned away (`bridges_splits`).
    """

    version = 3
    reads: ClassVar = ("_prompts", "_prior", "attachments", "_near_links")
    shares: dict[str, float]
    salt: str

    def __call__(
        self,
        prompts: pl.LazyFrame,
        prior: pl.LazyFrame,
        attachments: pl.LazyFrame | None = None,
        near_links: pl.LazyFrame | None = None,
    ) -> dict[str, pl.DataFrame]:
        """Return `_assigned` (record_id, component_id, split, reason, partner_id) and `splits`.

        Records with one medium in `attachments` belong to each other, in prompt or response. `near_links` ties further
        records together: those with one key in it belong to each other.
        """
        records = Records.of(prompts)
        links = key_links(prompts, attachments, near_links, records)
        evaluated = prompts.select("record_id", "evaluation_only")
        tested = records.numbered(evaluated, where=pl.col("evaluation_only"))
        contaminated = _contaminated(links, tested)
        is_known = pl.col("split").is_in([*self.shares])
        known = records.numbered(prior, "component_id", "split", where=is_known)
        before = _without(known, tested)
        trained = _without(_without(links, tested), contaminated)
        bridges = _bridges(trained, before)
        placed = self._place(_without(trained, bridges), before, records.ids)
        apart = self._place(links.join(tested, on="record", how="semi"), before, records.ids, EVALUATION)
        return {
            "_assigned": pl.concat(
                [
                    _named(placed.members, records.ids),
                    _named(apart.members, records.ids),
                    _turned_away(contaminated, Reason.contaminated, records.ids),
                    _turned_away(bridges, Reason.bridges_splits, records.ids),
                ],
                how="diagonal",
            ),
            "splits": _once(pl.concat([placed.splits, apart.splits]), before).sort("component_id"),
        }

    def _place(self, links: pl.DataFrame, before: pl.DataFrame, ids: pl.Series, split: str | None = None) -> Placed:
        """Give each component its old split and id, or new ones made from its smallest member; or this `split`."""
        members = links.select(pl.col("record").unique().sort())
        tied = members.join(components(links), on="record", how="left", maintain_order="left")
        rooted = tied.with_columns(root=pl.coalesce("root", "record"))
        known = rooted.join(before, on="record", maintain_order="left")
        old = known.group_by("root").agg(pl.col("split").first(), pl.col("component_id").min())
        roots = rooted.select(pl.col("root").unique().sort()).join(old, on="root", how="left", maintain_order="left")
        named = pl.concat([self._name(part, ids, split) for part in roots.iter_slices(_AT_ONCE)] or [roots])
        placed = rooted.join(named, on="root", maintain_order="left").select("record", "component_id", "split")
        return Placed(placed, named.select("component_id", "split"))

    def _name(self, roots: pl.DataFrame, ids: pl.Series, split: str | None) -> pl.DataFrame:
        first = roots.with_columns(first=ids.gather(roots["root"]))
        return first.select(
            "root",
            pl.coalesce("split", self._draw(pl.col("first"))) if split is None else pl.lit(split).alias("split"),
            component_id=pl.coalesce("component_id", digest(pl.lit("component"), "first")),
        )

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


def _once(splits: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Leave out repetitions; only components that have fallen apart since they were named have one id."""
    return splits.unique("component_id") if before.height else splits


def _named(members: pl.DataFrame, ids: pl.Series) -> pl.DataFrame:
    return members.select(ids.gather(members["record"]).alias("record_id"), "component_id", "split")


def _turned_away(found: pl.DataFrame, reason: Reason, ids: pl.Series) -> pl.DataFrame:
    return found.select(
        ids.gather(found["record"]).alias("record_id"),
        pl.lit(reason.value).alias("reason"),
        ids.gather(found["partner"]).alias("partner_id"),
    )


def _contaminated(links: pl.DataFrame, tested: pl.DataFrame) -> pl.DataFrame:
    """Find the records that share a key with a record for evaluation, and name one such record as evidence."""
    if tested.is_empty():
        return _AWAY.to_frame()
    keys = links.join(tested, on="record", how="semi").group_by("key").agg(partner=pl.col("record").min())
    hit = _without(links, tested).join(keys, on="key")
    return hit.group_by("record").agg(pl.col("partner").min())


def _bridges(links: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Find the new records that would tie together records of different splits, and name one record as evidence."""
    turned_away = _AWAY.to_frame()
    if before.is_empty():
        return turned_away
    for only_neighbours in (True, False):
        rest = _without(links, turned_away)
        torn = _torn(rest, before)
        if torn.is_empty():
            break
        found = _between(rest, torn, before) if only_neighbours else torn.filter(pl.col("split").is_null())
        evidence = torn.filter(pl.col("split").is_not_null()).group_by("root").agg(partner=pl.col("record").min())
        turned_away = pl.concat([turned_away, found.join(evidence, on="root").select("record", "partner")])
    return turned_away


def _torn(links: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the members of components whose old members disagree about the split."""
    # A record without ties cannot disagree with itself.
    grouped = components(links).join(before.select("record", "split"), on="record", how="left")
    return grouped.filter(pl.col("split").n_unique().over("root") - pl.col("split").is_null().any().over("root") > 1)


def _between(links: pl.DataFrame, torn: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return the new members of torn components that share keys with old records of two splits or more."""
    old = links.join(before.select("record", "split"), on="record").select("key", "split").unique()
    new = torn.filter(pl.col("split").is_null()).select("record", "root")
    touched = (
        links.join(new, on="record").join(old, on="key").group_by("record", "root").agg(pl.col("split").n_unique())
    )
    return touched.filter(pl.col("split") > 1).select("record", "root")


def _without(rows: pl.DataFrame, records: pl.DataFrame) -> pl.DataFrame:
    """Leave out the rows of `records`; usually there are none of them."""
    return rows.join(records, on="record", how="anti") if records.height else rows
