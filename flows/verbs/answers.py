"""What the reading verbs print: queries, stories, audits, differences, adapters. Nothing here changes a home."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import typer

import warehouse
from flows.verbs.screen import MOST_LINES, screen
from flows.verbs.screen import cell as _cell
from flows.verbs.screen import drawn as _drawn
from schemas.errors import BrokenPromise, Terminal
from schemas.plan.plan import Plan
from schemas.tables import TABLES
from warehouse.database import Warehouse
from warehouse.home import Home

if TYPE_CHECKING:
    from warehouse.answers.audit import Finding


def show_query(query: str, home: Path, at: int | None, form: str) -> None:
    """Print the answer to a query as a table, CSV, JSON or Parquet. Raises Terminal for a bad query or format."""
    answer = _open(home, at).sql(query)
    if form == "csv":
        sys.stdout.write(answer.write_csv())
    elif form == "json":
        sys.stdout.write(answer.write_json() + "\n")
    elif form == "parquet":
        answer.write_parquet(sys.stdout.buffer)
    elif form == "table":
        screen().print(_drawn(answer))
        if answer.height > MOST_LINES:
            typer.echo(f"… {answer.height - MOST_LINES:,} more rows (of {answer.height:,}); --format csv shows all")
    else:
        raise Terminal(f"--format {form} is not known: use table, csv, json or parquet")


def show_story(start: str, home: Path, at: int | None, *, as_json: bool) -> None:
    """Print the story of an id."""
    from warehouse.answers.explain import explain

    story = explain(_open(home, at), start)
    if as_json:
        print_json(story._asdict())
        return
    typer.secho(f"{story.kind} {story.id}", bold=True)
    for sentence in story.sentences:
        typer.echo(f"  {sentence}")


def show_audit(home: Path, *, deep: bool, as_json: bool) -> None:
    """Print how each law stands; raise BrokenPromise if one is broken."""
    opened = _open(home)
    findings = check_laws(opened, deep=deep)
    broken = [finding for finding in findings if finding.broken]
    if as_json:
        print_json([finding._asdict() for finding in findings])
    else:
        for finding in findings:
            sign = typer.style("broken", fg="red") if finding.broken else typer.style("holds ", fg="green")
            typer.echo(f"{sign}  ({finding.law}) {finding.promise}")
            for example in finding.examples:
                typer.echo(f"          {json.dumps(example, default=str)}")
    if broken:
        rows = sum(finding.broken for finding in broken)
        raise BrokenPromise(f"snapshot {opened.snapshot.snapshot}: {len(broken)} promises are broken by {rows:,} rows")
    if not as_json:
        typer.echo(f"snapshot {opened.snapshot.snapshot}: all {len(findings)} promises hold")


def check_laws(opened: Warehouse, *, deep: bool) -> list[Finding]:
    """Say how each law of a snapshot stands; `deep` also compares every file with its digest."""
    from warehouse.answers.audit import audit

    return [*audit(opened, deep=deep), *_near_prompts(opened)]


def _near_prompts(opened: Warehouse) -> Iterator[Finding]:
    """Search the kept prompts once more for near copies in different splits, as the snapshot's plan defines them."""
    from tasks.match.torn import torn_prompts
    from warehouse.answers.audit import finding

    near = Plan.model_validate_json(opened.snapshot.plan).dedupe.near
    if near is not None:
        # Beside a medium the words alone are no prompt.
        seen = opened.table("attachments").filter(pl.col("target") == "prompt").select("record_id")
        kept = opened.table("pairs").filter(pl.col("split").is_not_null()).join(seen, on="record_id", how="anti")
        kept = kept.select("pair_id", "prompt", "split")
        yield finding(6, "no near prompt in two splits", torn_prompts(kept.collect(), near.ngram, near.threshold))


def show_difference(before: int, after: int, home: Path, *, as_json: bool) -> None:
    """Print what changed between two snapshots."""
    from warehouse.answers.diff import diff

    found = diff(_open(home, before), _open(home, after))
    if as_json:
        print_json({"tables": found.tables.to_dicts(), "pairs": found.pairs.to_dicts(), "plan": found.plans})
        return
    console = screen()
    console.print(_drawn(found.tables, title="rows of tables"))
    console.print(_drawn(found.pairs, title="pairs whose fate changed"))
    typer.echo(f"plan: {', '.join(found.plans) + ' changed' if found.plans else 'unchanged'}")


def show_adapters() -> None:
    """Print every adapter with what it reads."""
    from tasks.ingest.recognise import adapters

    about = [{"adapter": each.name, "reads": each.title, "license": each.license} for each in adapters()]
    screen().print(_drawn(pl.DataFrame(about), most=len(about), widest=200))


def show_file(file: Path, home_path: Path) -> None:
    """Print which adapter takes a file, and its first record as the tables would hold it."""
    from flows.run.order import resolve_ingest
    from schemas.plan.sources import Source
    from tasks.ingest.parse import parse
    from tasks.ingest.rows.pseudonym import Pseudonym
    from warehouse.intake import find, read

    source = Source(name="sample", path=file.name)
    shards = find(source, file.absolute().parent, home_path)
    ingest = resolve_ingest(source, shards)
    rows = next(iter(parse(read(shards[0], limit=1))))
    tables = ingest(rows, shards[0].file, Pseudonym(b"sample"))
    typer.secho(f"{file} is read by the adapter {ingest.adapter}", bold=True)
    for name in TABLES:
        frame = tables.get(name)
        if frame is not None and frame.height and name != "rows":
            typer.secho(f"{name}:", bold=True)
            for row in frame.head(4).to_dicts():
                typer.echo(f"  {_cell({key: value for key, value in row.items() if value not in (None, [])}, 400)}")


def _open(home_path: Path, at: int | None = None) -> Warehouse:
    """Open a snapshot, and let `winnow.duckdb` follow its home if that has moved."""
    from warehouse.catalog import refresh_catalog_if_moved

    home = Home.at(home_path, create=False)
    opened = warehouse.open(home, at)
    try:
        refresh_catalog_if_moved(home)
    except Terminal as error:
        # Reading goes on: the snapshot itself does not need the catalog.
        typer.secho(f"winnow.duckdb is not up to date: {error}", fg="yellow", err=True)
    return opened


def print_json(value: Any) -> None:
    """Write a value as JSON on standard output."""
    json.dump(value, sys.stdout, indent=2, default=str)
    sys.stdout.write("\n")
