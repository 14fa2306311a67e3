"""Paths of the mapping language, taken apart into steps; `schemas.mapping` says what they mean."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Final, NamedTuple, TypeAlias

from pydantic import AfterValidator

HOLE: Final = re.compile(r"\{([^{}]+)\}")  # a path in a template
EACH: Final = "[]"
VALUES: Final = "*"
DEEP: Final = "**"


class Key(str):
    """A step into an object; a plain string would be confused with `EACH`, `VALUES` and `DEEP`."""

    __slots__ = ()


class Either(NamedTuple):
    """The only step of a path with bars: the first of several ways that leads to a value."""

    ways: tuple[Way, ...]


Step: TypeAlias = "Key | int | str | Either"
Way: TypeAlias = "tuple[Step, ...]"
_STEP = re.compile(r'"(?P<quoted>[^"]+)"|(?P<plain>[^.\[\]{}"]+)|\[(?P<index>-?\d*)\]')
_BAR = re.compile(r'\|(?=(?:[^"]*"[^"]*")*[^"]*$)')


@cache
def steps(path: str) -> Way:
    """Take `path` apart. Raises `ValueError` if it is none."""
    branches = _BAR.split(path)
    if len(branches) > 1:
        return (Either(tuple(steps(branch) for branch in branches)),)
    found: list[Step] = []
    at = 0
    while at < len(path):
        if found and path[at] == ".":
            at += 1
        match = _STEP.match(path, at)
        if match is None or (found and path[at] != "[" and path[at - 1] != "."):
            raise ValueError(f"'{path}' is no path: write a.b, a[0], a[].b, and names with dots or brackets in quotes")
        found.append(_step(match))
        at = match.end()
    if not found or path.endswith(".") or found[-1] == DEEP:
        raise ValueError(f"'{path}' is no path: it needs a name at its end")
    return tuple(found)


def _step(match: re.Match[str]) -> Step:
    if match["index"] is not None:
        return int(match["index"]) if match["index"] else EACH
    if match["plain"] in (DEEP, VALUES):
        return str(match["plain"])
    return Key(match["quoted"] or match["plain"])


def visits(path: str) -> bool:
    """Tell whether `path` visits the elements of a list or the values of an object, so that it leads to several."""
    return any(step in (EACH, VALUES) and not isinstance(step, Key) for way in branches_of(steps(path)) for step in way)


def branches_of(way: Way) -> list[Way]:
    """List the ways without bars that `way` stands for, in their order."""
    branches: list[Way] = [()]
    for step in way:
        ends = [each for inner in step.ways for each in branches_of(inner)] if isinstance(step, Either) else [(step,)]
        branches = [(*before, *end) for before in branches for end in ends]
    return branches


def _checked(path: str) -> str:
    steps(path)
    return path


Path = Annotated[str, AfterValidator(_checked)]
