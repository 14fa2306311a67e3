"""What a demo consists of: the files, the plan that curates them, and the truth about what was planted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson
import polars as pl

Row = dict[str, Any]


class Demo(NamedTuple):
    """Files by name, the sections of the plan that curates them, and the truth: one row per `Defect`."""

    files: dict[str, bytes]
    sections: dict[str, str]
    truth: pl.DataFrame

    @property
    def plan(self) -> str:
        """The YAML text of the plan."""
        return "name: demo\n" + "".join(f"{name}:\n{body}" for name, body in self.sections.items())

    def beside(self, other: Demo) -> Demo:
        """Put two demos into one: what both plans have a section of stands there one after the other."""
        sections = {
            name: self.sections.get(name, "") + other.sections.get(name, "")
            for name in [*self.sections, *[name for name in other.sections if name not in self.sections]]
        }
        return Demo(self.files | other.files, sections, pl.concat([self.truth, other.truth]))


class Defect(NamedTuple):
    """One planted thing and what must become of it; clean rows are planted too, with the fate `kept`.

    `keys` are the native ids of the rows that take part, or `file:line` of a line that cannot be read. `fate` is a word
    that `tasks.demo.judge` knows; `votes` is how many votes the surviving pair has, if one survives. `score` is how
    like each other the rows really are, or how much of a benchmark's question a row holds, by plain sets of shingles.
    """

    kind: str
    source: str
    keys: list[str]
    fate: str
    votes: int | None = None
    score: float | None = None


class Planted(NamedTuple):
    """Rows of one source, the truth about them, and the files that they name."""

    rows: list[Row]
    defects: list[Defect]
    files: Mapping[str, bytes] = MappingProxyType({})


TRUTH: dict[str, pl.DataType] = {
    "kind": pl.String(),
    "source": pl.String(),
    "keys": pl.List(pl.String()),
    "fate": pl.String(),
    "votes": pl.Int64(),
    "score": pl.Float64(),
}


def as_truth(defects: Iterable[Defect]) -> pl.DataFrame:
    """Lay the defects out as a frame."""
    return pl.DataFrame(list(defects), schema=TRUTH, orient="row")


def as_lines(rows: Iterable[Row]) -> list[bytes]:
    """Write each row as one line of JSON."""
    return [orjson.dumps(row) for row in rows]
