"""What several people say of a row's responses, each in an element of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import polars as pl

from schemas.mapping.opinions import Reviews
from schemas.mapping.paths import visits
from tasks.ingest.judgments.captures import with_captures
from tasks.ingest.judgments.opinions import read_feedback, read_labels, read_rankings, read_ratings
from tasks.ingest.rows.paths import Doc, column, elements, optional

Frames = dict[str, pl.DataFrame]
_ONE = ["row", "place", "target", "dimension", "annotator_id"]


class _Said(NamedTuple):
    """One review, of response `place` of `row`; without a place its own paths say of which."""

    row: int
    place: int | None
    review: Doc


def with_reviews(opinions: Frames, blocks: Sequence[Reviews], docs: Sequence[Doc]) -> Frames:
    """Add to the opinions of each row what its reviews say, each with the name of who says it."""
    for block in blocks:
        found = _of_block(block, docs)
        opinions = {name: pl.concat([frame, found[name]], how="diagonal") for name, frame in opinions.items()}
    return opinions


def _of_block(block: Reviews, docs: Sequence[Doc]) -> Frames:
    said = _reviews(block, docs)
    reviews = with_captures(block.captures, [each.review for each in said])
    names = [name if isinstance(name, str) else None for name in optional(reviews, block.annotator)]
    owners = pl.DataFrame(
        {"owner": [each.row for each in said], "of": [each.place for each in said], "annotator_id": names},
        schema={"owner": pl.Int64, "of": pl.Int64, "annotator_id": pl.String},
    )
    frames = {
        "rankings": read_rankings(block, reviews, [0] * len(reviews)),
        "ratings": read_ratings(block, reviews),
        "labels": read_labels(block, reviews),
        "feedback": read_feedback(block, reviews),
    }
    owned = {name: _owned(frame, owners) for name, frame in frames.items()}
    return owned | {"ratings": _summed(owned["ratings"], block)}


def _reviews(block: Reviews, docs: Sequence[Doc]) -> list[_Said]:
    found = []
    for row, value in enumerate(column(docs, block.each)):
        lists: list[tuple[int | None, Any]] = [(None, value)]
        if visits(block.each):
            lists = list(enumerate(value)) if isinstance(value, list) else []
        found += [_Said(row, at, each) for at, some in lists for each in _listed(block, some) if isinstance(each, dict)]
    return found


def _listed(block: Reviews, found: Any) -> list[Any]:
    """List the reviews at one place; where the lists of an object run parallel, element n of each makes one."""
    if not block.lists or not isinstance(found, dict):
        return elements(found) or []
    columns = [elements(found.get(name)) or [] for name in block.lists]
    if len({len(each) for each in columns}) != 1:
        return []
    return [dict(zip(block.lists, said, strict=True)) for said in zip(*columns, strict=True)]


def _owned(frame: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """Point what reviews say at the row, and at the response, that they stand beside."""
    own = owners[frame["row"]]
    is_placed = frame["place"].is_not_null() & own["of"].is_not_null()
    return frame.with_columns(
        own["owner"].alias("row"), own["of"].zip_with(is_placed, frame["place"]).alias("place"), own["annotator_id"]
    )


def _summed(ratings: pl.DataFrame, block: Reviews) -> pl.DataFrame:
    """Add up, for each person and response, the grades that are penalties for single errors."""
    added = [rating.dimension or name for name, rating in block.ratings.items() if rating.is_summed]
    if not added:
        return ratings
    is_added = pl.col("dimension").is_in(added)
    raw = pl.format("[{}]", pl.col("value_raw").str.join(","))
    rest = pl.exclude(*_ONE, "value", "value_raw").first()
    sums = ratings.filter(is_added).group_by(_ONE, maintain_order=True).agg(pl.col("value").sum(), raw, rest)
    return pl.concat([ratings.filter(~is_added), sums.select(ratings.columns)])
