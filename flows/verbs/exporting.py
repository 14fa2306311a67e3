"""`winnow export`: write a trainer's files, and say what is in them and what was left out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

import warehouse
from flows.publish.export import export
from schemas.errors import Terminal
from schemas.plan.export import Export
from schemas.reasons import Reason
from warehouse.export.manifest import Manifest
from warehouse.home import Home


def run_export(home_path: Path, at: int | None, out: Path, asked: dict[str, Any]) -> None:
    """Export a snapshot to the folder `out` and print the counts. Raises Terminal for wrong input."""
    try:
        wanted = Export.model_validate({**asked, "out": str(out)})
    except ValidationError as error:
        raise Terminal("\n".join(_told(problem) for problem in error.errors())) from error
    manifest, is_new = export(warehouse.open(Home.at(home_path, create=False), at), wanted, out)
    for line in lines_of(manifest, out, is_new=is_new):
        typer.echo(line)


def lines_of(manifest: Manifest, folder: Path, *, is_new: bool = True) -> list[str]:
    """Say in a few lines what an export holds."""
    splits = ", ".join(f"{split} {counts.rows:,}" for split, counts in manifest.splits.items() if counts.rows)
    licenses = ", ".join(f"{name} {pairs:,}" for name, pairs in manifest.licenses.items())
    lost = [f"left out  {pairs:,} {reason}: {Reason(reason).sentence}" for reason, pairs in manifest.left_out.items()]
    templates = [
        f"template  {name}: {', '.join(f'{split} {rows:,}' for split, rows in rows_of.items())}"
        for name, rows_of in manifest.templates.items()
    ]
    state = "" if is_new else ", unchanged"
    return [
        f"{manifest.target} {manifest.form} of snapshot {manifest.snapshot} in {folder}{state}",
        f"rows      {splits}",
        *templates,
        *lost,
        f"licences  {licenses}; {manifest.commercial_ok:.0%} may be used commercially",
    ]


def _told(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    what = str(problem["msg"]).removeprefix("Value error, ")
    return f"--{where}: {what[0].lower()}{what[1:]}, not {problem['input']!r}" if where else what
