"""Rule expressions: scalar SQL over columns, refused unless it is Boolean, row-wise and repeatable.

Polars' SQL accepts aggregates, windows and clocks inside an expression, and their answer would depend on which rows
happen to share a shard, or on the time of day. Nothing of the kind reaches a rule.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import polars as pl

_NOT_ROW_WISE = {"Agg", "Over", "Window", "Explode", "Len", "SubPlan", "Range", "Rolling", "Sort", "SortBy", "Gather",
                 "Filter", "Slice", "Unique", "AnonymousFunction", "Random"}  # fmt: skip
_CLOCK = re.compile(
    r"\b(now|today|current_date|current_time|current_timestamp|localtime|localtimestamp)\b", re.IGNORECASE
)
_STRINGS = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")


class BadExpression(ValueError):
    """Raised when an expression cannot serve as a rule; the message says why and what would do."""


def columns_of(expression: str) -> list[str]:
    """Return the columns that `expression` reads, each once. Raises BadExpression if it is no scalar SQL."""
    return sorted(set(_parse(expression).meta.root_names()))


def compile_rule(expression: str, types: Mapping[str, pl.DataType]) -> pl.Expr:
    """Turn `expression` into a Boolean polars expression over columns of `types`, null where it cannot tell.

    Raises BadExpression for unknown columns, expressions that are not Boolean, and expressions whose answer depends
    on other rows or on the clock.
    """
    parsed = _parse(expression)
    unknown = [name for name in columns_of(expression) if name not in types]
    if unknown:
        raise BadExpression(f"unknown metric or column {with_hints(unknown, types)}")
    if not columns_of(expression):
        raise BadExpression("it reads no column, so it says the same of every row")
    _refuse_what_is_not_row_wise(expression, parsed)
    _refuse_what_is_not_boolean(parsed, types)
    return parsed


def _parse(expression: str) -> pl.Expr:
    try:
        return pl.sql_expr(expression)
    except Exception as error:
        raise BadExpression(f"not a scalar SQL expression: {error}") from error


def with_hints(unknown: list[str], types: Mapping[str, pl.DataType]) -> str:
    """Name what is unknown, with the nearest of the known names beside each."""
    hints = [(name, difflib.get_close_matches(name, types, n=2)) for name in unknown]
    return ", ".join(f"'{name}'" + (f" (did you mean {' or '.join(near)}?)" if near else "") for name, near in hints)


def _refuse_what_is_not_row_wise(expression: str, parsed: pl.Expr) -> None:
    found = set(_nodes(json.loads(parsed.meta.serialize(format="json")))) & _NOT_ROW_WISE
    if found:
        raise BadExpression(
            "its answer for a row would depend on other rows (aggregates, windows, counts, sub-queries)"
        )
    clock = _CLOCK.search(_STRINGS.sub("''", expression))
    if clock:
        raise BadExpression(f"it asks the clock ('{clock.group()}'), so a rerun would answer differently")


def _refuse_what_is_not_boolean(parsed: pl.Expr, types: Mapping[str, pl.DataType]) -> None:
    probe = pl.DataFrame({name: _probe_values(dtype) for name, dtype in types.items()}, schema=dict(types))
    try:
        whole = probe.select(parsed.alias("answer"))
        single = pl.concat([probe[row].select(parsed.alias("answer")) for row in range(probe.height)])
    except Exception as error:
        raise BadExpression(f"it cannot be evaluated: {str(error).splitlines()[0]}") from error
    if whole["answer"].dtype != pl.Boolean:
        raise BadExpression(f"it answers with {whole['answer'].dtype}, not with true or false")
    if whole.height != probe.height or not whole.equals(single):
        raise BadExpression("its answer for a row depends on the rows beside it")


def _probe_values(dtype: pl.DataType) -> list[object]:
    if dtype == pl.String:
        return ["", "text", None]
    if dtype == pl.Boolean:
        return [False, True, None]
    if isinstance(dtype, pl.List):
        return [["a"], ["b", "c"], None]
    if isinstance(dtype, pl.Datetime):
        return [datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC), None]
    return [0, 3, None]


def _nodes(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree
        for value in tree.values():
            yield from _nodes(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _nodes(value)
    elif isinstance(tree, str):
        yield tree
