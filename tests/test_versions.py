"""Nobody changes an operator and forgets its version: stored results of the old code would then pass for new ones.

Each operator is pinned to its version and to a digest of its code: the syntax tree, without docstrings, of its module
and of every module of `tasks` and `schemas` that it uses. After a change of the results raise the operator's `version`;
after any change run `python -m tests.test_versions` and commit the pins.
"""

from __future__ import annotations

import ast
import hashlib
import json
from functools import cache
from pathlib import Path

import pytest

from flows.publish.export import TARGETS
from flows.run.line import STAGES

ROOT = Path(__file__).parents[1]
PINS = Path(__file__).with_name("versions.json")
OPERATORS = (*STAGES, *TARGETS.values())


def _module(name: str) -> Path | None:
    """The file of a module of ours that operators are made of."""
    place = ROOT / Path(*name.split("."))
    found = [each for each in (place.with_suffix(".py"), place / "__init__.py") if each.exists()]
    return found[0] if found and name.split(".", maxsplit=1)[0] in ("tasks", "schemas") else None


@cache
def _tree(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            node.body = body[1:] or [ast.Pass()]
    return tree


def _imports(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *[f"{node.module}.{alias.name}" for alias in node.names]}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def code_of(module: str) -> str:
    """Digest the code that `module` consists of and leans on."""
    seen: dict[str, str] = {}
    open_names = {module}
    while open_names:
        name = open_names.pop()
        path = _module(name)
        if path is not None and str(path) not in seen:
            # Source text, unlike a dump of the tree, reads the same in every version of Python.
            seen[str(path)] = ast.unparse(_tree(path))
            open_names |= _imports(path)
    said = [f"{Path(path).relative_to(ROOT)}\n{dump}" for path, dump in sorted(seen.items())]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def current() -> dict[str, dict[str, object]]:
    """Version and code of every operator of a run or an export."""
    return {stage.__name__: {"version": stage.version, "code": code_of(stage.__module__)} for stage in OPERATORS}


@pytest.mark.parametrize("stage", OPERATORS, ids=lambda stage: stage.__name__)
def test_changed_operators_are_looked_at(stage):
    pinned = json.loads(PINS.read_text()).get(stage.__name__)
    assert pinned == current()[stage.__name__], (
        f"the code of {stage.__name__} has changed: raise its version if its results have, "
        "then run `python -m tests.test_versions`"
    )


def test_a_docstring_is_no_change_and_a_statement_is():
    def dump(text):
        return ast.unparse(_tree.__wrapped__(text))

    class Text:
        def __init__(self, text):
            self.text = text

        def read_text(self):
            return self.text

    one, other, third = (Text(text) for text in ('"""A."""\nx = 1', '"""B."""\nx = 1', '"""A."""\nx = 2'))
    assert dump(one) == dump(other) != dump(third)


if __name__ == "__main__":
    PINS.write_text(json.dumps(current(), indent=2) + "\n")
