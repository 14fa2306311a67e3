"""From rows to items, each of which becomes one record: whichever way the source packs records into rows."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.mapping.mapping import Mapping
from tasks.ingest.items.groups import grouped
from tasks.ingest.items.histories import turns_of_histories
from tasks.ingest.items.kinds import Items
from tasks.ingest.items.parts import parts_of
from tasks.ingest.items.threads import threads_of
from tasks.ingest.items.trees import messages_of_trees
from tasks.ingest.rows.faults import Faults
from tasks.ingest.rows.paths import Doc


def items_of(mapping: Mapping, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn rows into the items that become records, as the mapping says, or each into one. `faults` are by row."""
    if mapping.tree is not None:
        return messages_of_trees(mapping.tree, docs, faults)
    if mapping.history is not None:
        return turns_of_histories(mapping.history, docs, faults)
    if mapping.thread is not None:
        return threads_of(mapping.thread, docs)
    if mapping.parts is not None:
        return parts_of(mapping.parts, docs, faults)
    if mapping.group is not None:
        return grouped(mapping.group, docs, faults)
    return Items(list(docs), list(range(len(docs))), [None] * len(docs))
