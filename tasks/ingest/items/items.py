"""From rows to items, each of which becomes one record: whichever way the source packs records into rows."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.mapping.mapping import Mapping
from schemas.mapping.shapes import Group, History, Parts, Rounds, Thread, Tree, Wide
from tasks.ingest.items.conversations.histories import turns_of_histories
from tasks.ingest.items.conversations.rounds import rounds_of
from tasks.ingest.items.conversations.threads import threads_of
from tasks.ingest.items.conversations.trees import messages_of_trees
from tasks.ingest.items.groups import grouped
from tasks.ingest.items.kinds import Items
from tasks.ingest.items.parts import parts_of
from tasks.ingest.items.wide import cells_of
from tasks.ingest.rows.faults import Faults
from tasks.ingest.rows.paths import Doc


def items_of(mapping: Mapping, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn rows into the items that become records, as the mapping says, or each into one. `faults` are by row."""
    match mapping.shape:
        case Tree() as tree:
            items = messages_of_trees(tree, docs, faults)
        case History() as history:
            items = turns_of_histories(history, docs, faults)
        case Thread() as thread:
            items = threads_of(thread, docs)
        case Parts() as parts:
            items = parts_of(parts, docs, faults)
        case Group() as group:
            items = grouped(group, docs, faults)
        case Wide() as wide:
            items = cells_of(wide, docs)
        case Rounds() as rounds:
            items = rounds_of(rounds, docs, faults)
        case _:
            items = Items(list(docs), list(range(len(docs))), [None] * len(docs))
    return items
