"""Reads a shard's rows as the mapping says, and finds out which of them cannot be read that way."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from schemas.mapping.mapping import Mapping
from tasks.ingest.facts.dialogue import Dialogue, read_dialogue
from tasks.ingest.facts.responses import Answers, read_answers
from tasks.ingest.items.items import items_of
from tasks.ingest.items.kinds import Items
from tasks.ingest.judgments.captures import with_captures
from tasks.ingest.judgments.comparisons import read_comparisons
from tasks.ingest.judgments.opinions import read_feedback, read_labels, read_rankings, read_ratings
from tasks.ingest.judgments.reviews import with_reviews
from tasks.ingest.media.attachments import references
from tasks.ingest.rows.faults import Fault, Faults
from tasks.ingest.rows.paths import Doc, optional
from tasks.ingest.rows.pseudonym import Pseudonym


class Reading(NamedTuple):
    """What the items of a shard say. Every frame has the item in column `row`; `faults` are by source row."""

    items: Items
    dialogue: Dialogue
    answers: Answers
    judges: list[str | None]
    comparisons: pl.DataFrame
    rankings: pl.DataFrame
    ratings: pl.DataFrame
    labels: pl.DataFrame
    feedback: pl.DataFrame
    faults: dict[int, Fault]


def read(mapping: Mapping, docs: list[Doc], pseudonym: Pseudonym, gone: Faults, judge: str | None = None) -> Reading:
    """Apply `mapping` to rows in which names are replaced already; those that are `gone` say nothing.

    `judge` is the pseudonym of whoever judged all rows, if the mapping reads no names from them.
    """
    by_row: Faults = {**gone}
    by_item: Faults = {}
    items = items_of(mapping, docs, by_row)
    items = items._replace(docs=with_captures(mapping.captures, items.docs))
    answers = read_answers(mapping, items.docs, by_item)
    dialogue = read_dialogue(mapping, items.docs, answers, by_item)
    judges = _judges(mapping, items.docs, judge)
    voters = {path: pseudonym(path) for path in mapping.annotators} if isinstance(mapping.annotators, list) else {}
    comparisons = read_comparisons(mapping, items.docs, judges, voters, by_item)
    for item, fault in by_item.items():
        dialogue.prompts[item], dialogue.messages[item], dialogue.systems[item] = None, None, None
        dialogue.texts[item] = answers.media[item] = answers.generators[item] = ()
        by_row.setdefault(items.rows[item], fault)
    opinions = {
        "rankings": read_rankings(mapping, items.docs, [len(texts) for texts in dialogue.texts]),
        "ratings": read_ratings(mapping, items.docs),
        "labels": read_labels(mapping, items.docs),
        "feedback": read_feedback(mapping, items.docs),
    }
    opinions = with_reviews(opinions, mapping.reviews, items.docs)
    for first, others in items.members.items():
        if first in by_row:
            by_row.update(dict.fromkeys(others, by_row[first]))
    by_row.update(gone)
    return Reading(items, dialogue, answers, judges, comparisons, **opinions, faults=by_row)


def read_references(mapping: Mapping, docs: list[Doc]) -> list[str]:
    """List the media that rows name without holding them, each once."""
    items = items_of(mapping, docs, {})
    whole = with_captures(mapping.captures, items.docs)
    return references(mapping, whole, read_answers(mapping, whole, {}))


def _judges(mapping: Mapping, docs: list[Doc], judge: str | None) -> list[str | None]:
    """Read the annotator of each row, if the row has one; several of them judged together and get no credit."""
    if mapping.annotators is None:
        return [judge] * len(docs)
    if not isinstance(mapping.annotators, str):
        return [None] * len(docs)
    return [name if isinstance(name, str) else None for name in optional(docs, mapping.annotators)]
