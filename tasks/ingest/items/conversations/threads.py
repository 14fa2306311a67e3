"""Single messages of trees, each with all messages of its tree beside it, become one item each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from schemas.mapping.mapping import steps
from schemas.mapping.shapes import History, Thread
from tasks.ingest.facts.messages import ROLES
from tasks.ingest.items.kinds import Items
from tasks.ingest.rows.paths import MISSING, Doc, elements, value


def threads_of(thread: Thread, docs: Sequence[Doc]) -> Items:
    """Turn every message into an item with what came before it and the answers to it."""
    threads = [_in_thread(thread, doc) for doc in docs]
    return Items(threads, list(range(len(docs))), [str(doc.get(thread.id)) for doc in docs])


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
    answers = [each for each in replies if role_of(thread, each) == "assistant"]
    return {"messages": [message_of(thread, each) for each in path], "replies": answers, "node": row, "row": row}


def role_of(history: History | Thread, message: Doc) -> str:
    """Name who wrote a message, in the usual words."""
    role = str(message.get(history.role, "")).strip().lower()
    return ROLES.get(role, role)


def message_of(history: History | Thread, message: Doc) -> dict[str, Any]:
    """Give a message as role and content."""
    return {"role": role_of(history, message), "content": message.get(history.text)}
