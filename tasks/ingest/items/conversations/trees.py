"""Trees of messages unfold into one item for each message whose replies people ranked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.mapping.mapping import steps
from schemas.mapping.shapes import Tree
from tasks.ingest.facts.messages import ROLES
from tasks.ingest.items.kinds import Items
from tasks.ingest.rows.faults import Faults, absent, mistyped
from tasks.ingest.rows.paths import MISSING, Doc, value


def messages_of_trees(tree: Tree, docs: Sequence[Doc], faults: Faults) -> Items:
    """Turn every row into its items. `faults` are by row."""
    items = Items([], [], [])
    for row, doc in enumerate(docs):
        root = value(doc, steps(tree.root))
        if not isinstance(root, dict):
            is_gone = root is None or root is MISSING
            faults[row] = absent(tree.root, root, doc) if is_gone else mistyped(tree.root, root, "a message")
            continue
        nodes = [path for path in _paths(tree, root) if len(_ranked(tree, path[-1])) > 1]
        for path in nodes or [[root]]:
            replies = _ranked(tree, path[-1]) if nodes else _replies(tree, path[-1])
            items.docs.append(_item(tree, path, replies, doc))
            items.rows.append(row)
            items.keys.append(str(path[-1].get(tree.id, len(items.keys))))
    return items


def _paths(tree: Tree, root: Doc) -> Iterator[list[Doc]]:
    """Walk the tree from the root, giving each message with its ancestors; deep trees cost no recursion."""
    waiting = [[root]]
    while waiting:
        path = waiting.pop()
        yield path
        children = [each for each in path[-1].get(tree.replies) or [] if isinstance(each, dict)]
        waiting.extend([*path, child] for child in reversed(children))


def _replies(tree: Tree, node: Doc) -> list[Doc]:
    replies = [each for each in node.get(tree.replies) or [] if isinstance(each, dict)]
    return [each for each in replies if _role(tree, each) == "assistant" and isinstance(each.get(tree.text), str)]


def _ranked(tree: Tree, node: Doc) -> list[Doc]:
    return [each for each in _replies(tree, node) if each.get(tree.rank) is not None]


def _role(tree: Tree, node: Doc) -> str:
    role = str(node.get(tree.role, ""))
    return ROLES.get(role, role)


def _item(tree: Tree, path: list[Doc], replies: list[Doc], row: Doc) -> dict[str, Any]:
    messages = [{"role": _role(tree, node), "content": node.get(tree.text)} for node in path]
    return {"messages": messages, "replies": replies, "node": path[-1], "row": row}
