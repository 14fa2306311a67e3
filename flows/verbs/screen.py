"""Where verbs print: a terminal's own width, or enough for a table where there is no terminal."""

from __future__ import annotations

from typing import Any

import polars as pl
from rich.console import Console
from rich.table import Table

WIDTH_OF_A_FILE = 160
WIDEST_CELL = 60
MOST_LINES = 40


def screen() -> Console:
    """Return a console on standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_OF_A_FILE)


def drawn(frame: pl.DataFrame, title: str | None = None, most: int = MOST_LINES, widest: int = WIDEST_CELL) -> Table:
    """Draw a frame for a terminal: numbers to the right, long cells cut, as many lines as fit a screen."""
    table = Table(
        box=None, pad_edge=False, header_style="bold", title=title, title_justify="left", title_style="bold cyan"
    )
    for name, dtype in frame.schema.items():
        table.add_column(name, justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in frame.head(most).iter_rows():
        table.add_row(*[cell(value, widest) for value in row])
    return table


def cell(value: Any, widest: int) -> str:
    """Write a value on one line, cut at `widest` characters, as rich would not read it as markup."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = " ".join(str(value).split())
    # A square bracket would be taken for markup.
    return (text if len(text) <= widest else text[: widest - 1] + "…").replace("[", "\\[")
