"""Conversations with several answers side by side unfold into one item a turn."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.mapping.mapping import steps
from schemas.mapping.shapes import History
from tasks.ingest.facts.messages import Message
from tasks.ingest.items.conversations.threads import message_of, role_of
from tasks.ingest.items.kinds import Items
from tasks.ingest.rows.faults import Faults, absent, mistyped
from tasks.ingest.rows.paths import MISSING, Doc, elements, value


def turns_of_histories(history: History, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn every row into one item a turn. `faults` are by row."""
    items = Items([], [], [])
    for row, doc in enumerate(docs):
        found = value(doc, steps(history.turns))
        said = None if found is MISSING else elements(found)
        if said is None or not all(isinstance(each, dict) for each in said):
            is_gone = found is None or found is MISSING
            path = history.turns
            faults[row] = absent(path, found, doc) if is_gone else mistyped(path, found, "a list of messages")
            continue
        for key, item in _turns(history, said, doc):
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
        asked = [message for message in messages if role_of(history, message) != "assistant"]
        replies = [message for message in messages if role_of(history, message) == "assistant"]
        before = before + [message_of(history, message) for message in asked]
        items.append((key, {"messages": before, "replies": replies, "node": asked[-1] if asked else {}, "row": row}))
        before = before + [message_of(history, reply) for reply in _kept(history, replies)]
    answered = [each for each in items if each[1]["replies"]]
    return answered or items[:1] or [("", {"messages": [], "replies": [], "node": {}, "row": row})]


def _kept(history: History, replies: list[Doc]) -> list[Doc]:
    """The answer that the conversation goes on with: the first chosen one, or the first if none is."""
    return ([reply for reply in replies if reply.get(history.chosen)] or replies)[:1]
