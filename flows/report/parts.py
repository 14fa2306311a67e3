"""What a page is made of: sections of figures, each with a sentence, a chart, a table or examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from tasks.report.words import Run

MOST_LINES = 40


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `share` from 0 to 1 draws a bar of the colour `tone` beside it, a `note` stands below it."""

    text: str
    share: float | None = None
    tone: str = "accent"
    note: str = ""


Row = Sequence[Cell | str]


@dataclass(frozen=True)
class Table:
    """A table whose first `texts` columns are words and whose others are numbers."""

    head: Sequence[str]
    rows: Sequence[Row]
    texts: int = 1

    @property
    def shown(self) -> Sequence[Row]:
        """The rows that fit a page."""
        return self.rows[:MOST_LINES]

    @property
    def left_out(self) -> int:
        """How many rows do not."""
        return max(len(self.rows) - MOST_LINES, 0)


@dataclass(frozen=True)
class Side:
    """One text of an example, in runs of which some differ from the other side's."""

    title: str
    runs: Sequence[Run]


@dataclass(frozen=True)
class Example:
    """Texts that are shown only to who opens them; `title` holds numbers and ids, never a text of the data."""

    title: str
    sides: Sequence[Side]
    prompt: str | None = None


@dataclass(frozen=True)
class Figure:
    """One thing to look at. `says` is a sentence on what it means, or on why there is nothing to see."""

    title: str
    says: str
    chart: Markup | None = None
    legend: Sequence[tuple[str, str]] = ()
    table: Table | None = None
    examples: Sequence[Example] = ()
    source: str | None = None


@dataclass(frozen=True)
class Fact:
    """A number for the top of the page; `tone` says whether it is good, worth a look, or only a number."""

    label: str
    value: str
    note: str
    tone: str = "plain"


@dataclass(frozen=True)
class Section:
    """A chapter of the page. `facts` go to the top, `finding` to the terminal as well."""

    key: str
    title: str
    lead: str
    figures: Sequence[Figure]
    facts: Sequence[Fact] = field(default=())
    finding: str | None = None
