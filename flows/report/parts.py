"""What a page is made of: sections of figures, each with a sentence, a chart, a table, examples or media."""

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
class Said:
    """A text of the data under a title of the report; it is folded."""

    title: str
    text: str


@dataclass(frozen=True)
class Tile:
    """One medium to look at: `pictures` are data URIs, the first the poster, the others a strip below it.

    Without pictures and without a `wave`, `problem` says why. `label` says which side of a group it is, in the colour
    `tone`; `lines` hold facts, never a text of the data. What is veiled is blurred until somebody asks to see it.
    """

    alt: str
    lines: Sequence[str]
    label: str = ""
    tone: str = "muted"
    pictures: Sequence[str] = ()
    wave: Markup | None = None
    badge: str = ""
    problem: str = ""
    texts: Sequence[Said] = ()
    is_veiled: bool = False


@dataclass(frozen=True)
class Group:
    """Media that belong together, side by side; `title` holds numbers and ids, never a text of the data."""

    tiles: Sequence[Tile]
    title: str = ""
    texts: Sequence[Said] = ()


@dataclass(frozen=True)
class Sheet:
    """A contact sheet: groups of media under a heading."""

    groups: Sequence[Group]
    title: str = ""
    says: str = ""

    @property
    def across(self) -> int:
        """How many tiles wide a group is at most; a strip is as wide as another tile."""
        return max((sum(1 + (len(tile.pictures) > 1) for tile in group.tiles) for group in self.groups), default=1)


@dataclass(frozen=True)
class Figure:
    """One thing to look at. `says` is a sentence on what it means, or on why there is nothing to see."""

    title: str
    says: str
    chart: Markup | None = None
    legend: Sequence[tuple[str, str]] = ()
    table: Table | None = None
    examples: Sequence[Example] = ()
    sheets: Sequence[Sheet] = ()
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

    @property
    def has_pictures(self) -> bool:
        """Whether media are shown."""
        return any(figure.sheets for figure in self.figures)
