"""Where verbs print: a terminal's own width, or enough for a table where there is no terminal."""

from __future__ import annotations

from rich.console import Console

WIDTH_OF_A_FILE = 160


def screen() -> Console:
    """Return a console on standard output."""
    console = Console()
    return console if console.is_terminal else Console(width=WIDTH_OF_A_FILE)
