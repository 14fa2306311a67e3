"""`winnow push`: a snapshot is prepared as files, and the Hub takes them in one commit, or a folder does."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

import warehouse
from flows.publish.prepare import prepare
from flows.run.order import valid_plan
from schemas.errors import Terminal
from schemas.plan.push import Push
from schemas.reasons import Reason
from warehouse import disk
from warehouse.database import Warehouse
from warehouse.export.folder import replaced
from warehouse.home import Home
from warehouse.push.hub import Pushed, commit_folder
from warehouse.push.manifest import PushManifest, read_push


def run_push(
    home: Path, at: int | None, asked: Mapping[str, Any], plan: Path | None, into: Path | None, *, dry_run: bool
) -> None:
    """Push a snapshot, or only prepare its files, and say what it holds.

    Raises Terminal for wrong input, BrokenPromise if a licence forbids it, Transient if trying again may help.
    """
    opened = warehouse.open(Home.at(home, create=False), at)
    wanted = _settings(asked, plan, opened)
    if into is not None:
        said = lines_of(prepare_into(opened, wanted, into), wanted, f"prepared  in {into}; nothing was pushed")
    elif dry_run:
        with disk.aside(opened.home.aside) as folder:
            said = lines_of(prepare(opened, wanted, folder), wanted, "dry run   nothing was pushed")
    else:
        manifest, pushed = push(opened, wanted)
        said = lines_of(manifest, wanted, _outcome(pushed))
    for line in said:
        typer.echo(line)


def push(opened: Warehouse, wanted: Push) -> tuple[PushManifest, Pushed]:
    """Make a dataset of the Hub hold a snapshot, by one commit, or by none if it does already.

    Raises what `prepare` and `commit_folder` raise.
    """
    with disk.aside(opened.home.aside) as folder:
        manifest = prepare(opened, wanted, folder)
        message = f"Snapshot {manifest.snapshot} of {manifest.dataset}"
        description = f"{manifest.pushed:,} pairs, curated with winnow {manifest.code_version}"
        return manifest, commit_folder(folder, wanted, message, description)


def prepare_into(opened: Warehouse, wanted: Push, folder: Path) -> PushManifest:
    """Make `folder` hold exactly the files that a push would commit, without a network.

    Raises Terminal if the folder holds anything but an older push, and what `prepare` raises.
    """
    with replaced(folder, read_push) as fresh:
        return prepare(opened, wanted, fresh)


def lines_of(manifest: PushManifest, wanted: Push, outcome: str) -> list[str]:
    """Say in a few lines what a push holds, and how it ended."""
    rows: dict[str, list[str]] = {}
    for file in manifest.files:
        if file.config is not None and file.rows:
            rows.setdefault(file.config, []).append(f"{file.split} {file.rows:,}")
    configs = [f"rows      {name}: {', '.join(said)}" for name, said in rows.items()]
    empty = [f"empty     {table}: the snapshot has no such rows" for table in wanted.tables if table not in rows]
    withheld = [
        f"withheld  {pairs:,} {reason}: {Reason(reason).sentence}" for reason, pairs in manifest.withheld.items()
    ]
    licenses = ", ".join(f"{name} {pairs:,}" for name, pairs in manifest.licenses.items())
    return [
        f"snapshot {manifest.snapshot} of {manifest.dataset} for {wanted.repo}, branch {wanted.branch}",
        f"pairs     {manifest.pushed:,} of {manifest.kept:,} kept",
        *withheld,
        *configs,
        *empty,
        f"licences  {licenses}",
        outcome,
    ]


def _outcome(pushed: Pushed) -> str:
    if not pushed.is_new:
        return f"unchanged {pushed.url} holds this already, at commit {pushed.commit[:8]}"
    return f"pushed    {pushed.url}, commit {pushed.commit[:8]}: {pushed.added} files written, {pushed.deleted} deleted"


def _settings(asked: Mapping[str, Any], plan: Path | None, opened: Warehouse) -> Push:
    """Take the settings of a plan, if one is named, and change what was said on the command line."""
    planned = None if plan is None else valid_plan(plan)
    if planned is not None:
        name = json.loads(opened.snapshot.plan)["name"]
        if planned.name != name:
            raise Terminal(
                f"{plan} is the plan of {planned.name}, and the home holds {name}: give the home of the plan"
            )
        if planned.push is None:
            raise Terminal(f"{plan} does not say `push`: add `push: {{repo: OWNER/NAME}}`")
    base = planned.push.model_dump() if planned is not None and planned.push is not None else {}
    said = base | {key: value for key, value in asked.items() if value}
    if "repo" not in said:
        raise Terminal("say which dataset to push to: winnow push OWNER/NAME, or --plan with a plan that says `push`")
    try:
        return Push.model_validate(said)
    except ValidationError as error:
        raise Terminal("\n".join(_told(problem) for problem in error.errors())) from error


def _told(problem: Any) -> str:
    where = ".".join(str(part) for part in problem["loc"])
    what = str(problem["msg"]).removeprefix("Value error, ")
    return f"{where}: {what[0].lower()}{what[1:]}, not {problem['input']!r}"
