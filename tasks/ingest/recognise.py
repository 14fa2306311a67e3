"""Finds the adapter of a source by its columns, and by the form of its first rows where columns coincide."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import yaml
from pydantic import Field

from schemas.errors import Terminal
from schemas.mapping.mapping import Mapping
from schemas.stage import Settings
from tasks.ingest.facts.messages import as_messages
from tasks.ingest.facts.transcripts import turns_of

Form = Literal["text", "transcript", "messages", "list", "object", "number"]


class Columns(Settings):
    """Which columns a row of this kind has, and which would make it another kind."""

    all_of: list[str] = Field(min_length=1)
    any_of: list[str] = Field(default=[], description="At least one of these, if there are any.")
    none_of: list[str] = []

    def are(self, columns: set[str]) -> bool:
        """Tell whether `columns` are of this kind."""
        has_one = not self.any_of or not columns.isdisjoint(self.any_of)
        return columns.issuperset(self.all_of) and has_one and columns.isdisjoint(self.none_of)


class Adapter(Settings):
    """A built-in mapping and how to know the files it is for."""

    name: str = Field(pattern=r"^[a-z0-9-]+$")
    title: str
    license: str | None = Field(default=None, description="The licence of rows that do not say their own.")
    evaluation_only: bool | None = Field(default=None, description="True for a benchmark: nobody trains on it.")
    needs_join: str | None = Field(default=None, description="The `on` of the join without which rows say too little.")
    join_with: str | None = Field(default=None, description="The file of that join, if it is not the same one.")
    columns: Columns
    forms: dict[str, list[Form]] = Field(default={}, description="Column → forms its values may have.")
    mapping: Mapping

    def claims(self, columns: set[str], first_rows: Sequence[dict[str, Any]]) -> bool:
        """Tell whether rows with these columns and of this form are the adapter's."""
        return self.columns.are(columns) and all(
            form_of(row[column]) in forms
            for column, forms in self.forms.items()
            for row in first_rows
            if row.get(column) is not None
        )


def form_of(value: Any) -> Form | None:
    """Say what form a value has; none for what no adapter asks for."""
    if isinstance(value, str):
        if turns_of(value, "dsp") is not None:
            return "transcript"
        return "text" if as_messages(value) is None else "messages"
    if isinstance(value, list):
        return "list" if as_messages(value) is None else "messages"
    if isinstance(value, dict):
        return "object"
    return "number" if isinstance(value, int | float) else None


@cache
def adapters() -> tuple[Adapter, ...]:
    """List the built-in adapters, by name."""
    found = [Adapter.model_validate(yaml.safe_load(text)) for text in _texts(files("tasks.ingest") / "mappings")]
    return tuple(sorted(found, key=lambda adapter: adapter.name))


def _texts(folder: Traversable) -> list[str]:
    texts = []
    for entry in folder.iterdir():
        if entry.is_dir():
            texts += _texts(entry)
        elif entry.name.endswith(".yaml"):
            texts.append(entry.read_text(encoding="utf-8"))
    return texts


def recognise(columns: set[str], first_rows: Sequence[dict[str, Any]]) -> Adapter:
    """Return the one adapter that takes rows with `columns`. Raises `Terminal` if none or several do."""
    claims = [adapter for adapter in adapters() if adapter.claims(columns, first_rows)]
    if len(claims) == 1:
        return claims[0]
    shown = ", ".join(sorted(columns)) or "none"
    if claims:
        names = ", ".join(adapter.name for adapter in claims)
        raise Terminal(f"several adapters take the columns {shown}: say `adapter:` with one of {names}")
    near = sorted(adapters(), key=lambda adapter: -_likeness(adapter, columns))[:3]
    likely = [each.name for each in near if _likeness(each, columns) > 0] or [each.name for each in adapters()]
    raise Terminal(
        f"no adapter takes the columns {shown}: write a `mapping:`, or say `adapter:` if the rows are of a known kind; "
        f"nearest are {', '.join(likely)}"
    )


def _likeness(adapter: Adapter, columns: set[str]) -> float:
    return len(columns & set(adapter.columns.all_of)) / len(adapter.columns.all_of)
