"""`winnow forget`: show what a takedown would take, and carry it out if somebody says yes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import typer

from flows.verbs.answers import print_json
from flows.verbs.screen import drawn, screen
from tasks.ingest.rows.pseudonym import PREFIX, Pseudonym
from warehouse.home import Home
from warehouse.runs import Lock
from warehouse.takedown.takedown import Preview, finish_takedowns, preview, take_down
from warehouse.takedown.wish import Wish, split_off_forgotten


def run_forget(home_path: Path, wish: Wish, reason: str, asked_by: str, *, is_meant: bool, as_json: bool) -> None:
    """Print what `wish` takes, and take it down if it `is_meant`. Raises Terminal if nothing is meant by it."""
    home = Home.at(home_path, create=False)
    with Lock(home):
        for done in finish_takedowns(home):
            typer.secho(f"finished the takedown of {done.at:%Y-%m-%d %H:%M:%S}, which was cut short", err=True)
        named = wish.model_copy(update={"annotators": _pseudonyms(home, wish.annotators)})
        left, done_before = split_off_forgotten(home, named)
        for name in done_before:
            typer.echo(f"{name} is forgotten already", err=True)
        if left.is_empty and done_before:
            return
        found = preview(home, left)
        if is_meant:
            take_down(home, found.tombstones, reason, asked_by)
    if as_json:
        print_json({"is_done": is_meant, **found._asdict(), "tombstones": found.tombstones.height})
        return
    screen().print(drawn(_tables(found)))
    for line in _lines(found, is_meant=is_meant):
        typer.echo(line)


def _pseudonyms(home: Home, names: list[str]) -> list[str]:
    """A name is looked up by its pseudonym, which is all that the home knows."""
    pseudonym = Pseudonym(home.pseudonym_key())
    return [name if name.startswith(PREFIX) else pseudonym(name) for name in names]


def _tables(found: Preview) -> pl.DataFrame:
    tables = sorted(found.newest.keys() | found.older.keys())
    counts = [
        {"table": name, "newest": found.newest.get(name, 0), "older": found.older.get(name, 0)} for name in tables
    ]
    return pl.DataFrame(counts, schema={"table": pl.String, "newest": pl.Int64, "older": pl.Int64})


def _lines(found: Preview, *, is_meant: bool) -> list[str]:
    said = []
    if found.returning:
        said.append(
            f"up to {_rows(found.returning)} of these can come back with the next run, without the votes that go"
        )
    if found.copies:
        said.append(f"pairs that go also stand in {_rows(len(found.copies))} that stay: --copies takes them too")
    if is_meant:
        said.append(f"{_rows(found.rows)} forgotten; run the plan again, so that votes and splits are counted anew")
        said.append("files that were exported or pushed before, and the sources themselves, still hold them")
    else:
        rows = _rows(found.rows)
        said.append(f"would forget {rows}, in all snapshots and for good; nothing is changed yet: add --yes")
    return said


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
