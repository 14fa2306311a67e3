"""Conversations with several answers side by side unfold into one item a turn, messages of a tree into one each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.mapping import Mapping, steps
from schemas.shapes import History, Thread
from tasks.ingest.facts.messages import ROLES, Message
from tasks.ingest.facts.trees import Items, unfold
from tasks.ingest.rows.faults import Faults, absent, mistyped
from tasks.ingest.rows.paths import MISSING, Doc, elements, value


def items_of(mapping: Mapping, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn every row into the items that become its records, as the mapping says. `faults` are by row."""
    if mapping.thread is not None:
        threads = [_in_thread(mapping.thread, doc) for doc in docs]
        return Items(threads, list(range(len(docs))), [str(doc.get(mapping.thread.id)) for doc in docs])
    if mapping.history is None:
        return unfold(mapping.tree, docs, faults)
    items = Items([], [], [])
    for row, doc in enumerate(docs):
        found = value(doc, steps(mapping.history.turns))
        said = None if found is MISSING else elements(found)
        if said is None or not all(isinstance(each, dict) for each in said):
            is_gone = found is None or found is MISSING
            path = mapping.history.turns
            faults[row] = absent(path, found, doc) if is_gone else mistyped(path, found, "a list of messages")
            continue
        for key, item in _turns(mapping.history, said, doc):
            items.docs.append(item)
            items.rows.append(row)
            items.keys.append(key)
    return items


def _turns(history: History, said: list[Doc], row: Doc) -> list[tuple[str, Doc]]:
    """Give each turn with what was said before it; turns without an answer are left out unless there are no others."""
    by_turn: dict[str, list[Doc]] = {}
    for message in said:
        by_turn.setdefault(str(message.get(history.turn)), []).append(message)
    before: list[Message] = []
    items = []
    for key, messages in by_turn.items():
        asked = [message for message in messages if _role(history, message) != "assistant"]
        replies = [message for message in messages if _role(history, message) == "assistant"]
        before = before + [_message(history, message) for message in asked]
        items.append((key, {"messages": before, "replies": replies, "node": asked[-1] if asked else {}, "row": row}))
        before = before + [_message(history, reply) for reply in _kept(history, replies)]
    answered = [each for each in items if each[1]["replies"]]
    return answered or items[:1] or [("", {"messages": [], "replies": [], "node": {}, "row": row})]


def _kept(history: History, replies: list[Doc]) -> list[Doc]:
    """The answer that the conversation goes on with: the first chosen one, or the first if none is."""
    return ([reply for reply in replies if reply.get(history.chosen)] or replies)[:1]


def _in_thread(thread: Thread, row: Doc) -> Doc:
    """Give a message with its ancestors and the ranked answers to it; without its tree it stands alone."""
    found = value(row, steps(thread.messages))
    tree = [each for each in (None if found is MISSING else elements(found)) or [] if isinstance(each, dict)]
    by_key = {each.get(thread.id): each for each in tree}
    path = [row]
    # Each ancestor is taken out, so that messages that answer each other do not go round for ever.
    while (before := by_key.pop(path[0].get(thread.parent), None)) is not None:
        path.insert(0, before)
    replies = [
        each for each in tree if each.get(thread.parent) == row.get(thread.id) and each.get(thread.rank) is not None
    ]
    answers = [each for each in replies if _role(thread, each) == "assistant"]
    return {"messages": [_message(thread, each) for each in path], "replies": answers, "node": row, "row": row}


def _role(history: History | Thread, message: Doc) -> str:
    role = str(message.get(history.role, "")).strip().lower()
    return ROLES.get(role, role)


def _message(history: History | Thread, message: Doc) -> dict[str, Any]:
    return {"role": _role(history, message), "content": message.get(history.text)}
