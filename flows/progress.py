"""What a person sees while a run goes on: one line per stage in a terminal, nothing where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Watch:
    """Show how many of a stage's steps are done. Use it as a context manager."""

    def __init__(self) -> None:
        self._bars = Progress(
            TextColumn("{task.description:<18}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            disable=not sys.stderr.isatty(),
        )
        self._stages: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.stop()

    def begin(self, stage: str, steps: int) -> None:
        """Add `steps` steps to be done to a stage."""
        if stage in self._stages:
            done = self._bars.tasks[self._stages[stage]].total or 0
            self._bars.update(self._stages[stage], total=done + steps)
        else:
            self._stages[stage] = self._bars.add_task(stage, total=steps)

    def advance(self, stage: str) -> None:
        """One more step of a stage is done."""
        self._bars.advance(self._stages[stage])

    def reached(self, stage: str, done: int, steps: int) -> None:
        """So many of a stage's steps are done."""
        if stage not in self._stages:
            self.begin(stage, steps)
        self._bars.update(self._stages[stage], completed=done, total=steps)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show in a terminal that something goes on, and for how long; nothing of it stays."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as line:
        line.add_task(what, total=None)
        yield
