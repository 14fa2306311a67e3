"""`winnow report`: write the page and say where it is and what it found."""

from __future__ import annotations

from pathlib import Path

import typer

import warehouse
from flows.progress import waiting
from flows.report.page import make_report
from schemas.errors import Terminal
from warehouse import disk
from warehouse.home import Home


def run_report(home_path: Path, at: int | None, output: Path) -> None:
    """Write the report of a snapshot to `output` and print its findings. Raises Terminal for wrong input."""
    if output.is_dir():
        raise Terminal(f"--output {output} is a folder: name a file in it, such as {output / 'report.html'}")
    opened = warehouse.open(Home.at(home_path, create=False), at)
    with waiting("reading the snapshot"):
        report = make_report(opened)
    target = output.absolute()
    # Aside, but beside its place: a rename from within the home could cross to another disk.
    with disk.aside(target.parent, f".{target.name}.winnow-report") as lent:
        disk.write_file(target, lent, lambda sink: sink.write(report.html.encode()))
    typer.echo(str(output))
    typer.echo(f"snapshot {opened.snapshot.snapshot}: {'; '.join(report.findings)}")
