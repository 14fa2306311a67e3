"""`winnow status`: which snapshots and trainings there are, how runs and takedowns ended, what takes how much room."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl
import typer

from flows.verbs.answers import print_json
from flows.verbs.screen import drawn, screen
from warehouse.answers.sizes import SnapshotSize, size_of_model, sizes_of_parts, sizes_of_snapshots
from warehouse.delta.snapshots import Snapshot, snapshots
from warehouse.home import Home
from warehouse.runs import Run, list_runs
from warehouse.store import Written
from warehouse.takedown.tombstones import Takedown, pending, takedowns
from warehouse.upkeep.models import read_trainings


def show_status(home_path: Path, *, as_json: bool) -> None:
    """Print snapshots, runs, takedowns and sizes. Raises Terminal if there is no home."""
    home = Home.at(home_path, create=False)
    kept, runs, taken = snapshots(home), list_runs(home), takedowns(home)
    sizes, files = sizes_of_snapshots(home, kept)
    parts, unfinished = sizes_of_parts(home), len(pending(home))
    tables = _tables(files[kept[-1].snapshot]) if kept else pl.DataFrame()
    trained = _trainings(home, kept[-1]) if kept else pl.DataFrame()
    if as_json:
        measured = {each.snapshot: each._asdict() for each in sizes}
        print_json(
            {
                "home": str(home.path),
                "snapshots": [each.model_dump(exclude={"plan"}) | measured[each.snapshot] for each in kept],
                "runs": [each.model_dump() for each in runs],
                "takedowns": [each.model_dump() for each in taken],
                "unfinished_takedowns": unfinished,
                "trainings": trained.to_dicts(),
                "tables": tables.to_dicts(),
                "sizes": parts,
            }
        )
        return
    console = screen()
    console.print(f"[bold]{home.path}[/]")
    console.print(drawn(_snapshots(kept, sizes), title="snapshots"))
    console.print(drawn(_runs(runs), title="runs"))
    if taken:
        console.print(drawn(_takedowns(taken), title="takedowns"))
    if trained.height:
        console.print(drawn(_shown(trained), title="trainings"))
    if kept:
        console.print(drawn(tables, title=f"tables of snapshot {kept[-1].snapshot}"))
    room = pl.DataFrame({"what": list(parts), "megabytes": [_megabytes(size) for size in parts.values()]})
    console.print(drawn(room, title="room"))
    for warning in _warnings(runs, unfinished):
        typer.secho(warning, fg="yellow", err=True)


def _warnings(runs: Sequence[Run], unfinished: int) -> list[str]:
    dead = sum(run.state == "dead" for run in runs)
    said = [f"runs that were cut short: {dead}; run the plan again, what they had finished is kept"] if dead else []
    if unfinished:
        said.append(
            f"takedowns that were cut short: {unfinished}; the next `winnow run` or `winnow forget` finishes them"
        )
    return said


def _snapshots(kept: Sequence[Snapshot], sizes: Sequence[SnapshotSize]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "snapshot": each.snapshot,
                "published": f"{each.created_at:%Y-%m-%d %H:%M:%S}",
                "run": each.run_id[:12],
                "megabytes": _megabytes(size.bytes),
                "its own": _megabytes(size.own_bytes),
            }
            for each, size in zip(kept, sizes, strict=True)
        ]
    )


def _runs(runs: Sequence[Run]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "run": each.run_id[:12],
                "started": f"{each.started_at:%Y-%m-%d %H:%M:%S}",
                "state": each.state,
                "snapshot": each.snapshot,
                "message": (each.message or "").split("\n")[0],
            }
            for each in runs
        ]
    )


def _takedowns(taken: Sequence[Takedown]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "at": f"{each.at:%Y-%m-%d %H:%M:%S}",
                "asked by": each.asked_by,
                "rows": each.rows.get("rows", 0),
                "reason": each.reason,
            }
            for each in taken
        ]
    )


def _trainings(home: Home, newest: Snapshot) -> pl.DataFrame:
    known = read_trainings(home, newest)
    sizes = [size_of_model(home, training_id) for training_id in known["training_id"]]
    return known.with_columns(model_bytes=pl.Series(sizes, dtype=pl.Int64))


def _shown(trained: pl.DataFrame) -> pl.DataFrame:
    size = (pl.col("model_bytes") / 1e6).round(3).cast(pl.String)
    return trained.select(
        pl.col("training_id").str.head(12).alias("training"), "kind", "model", pl.col("snapshot").alias("trained on"),
        pl.col("started_at").dt.strftime("%Y-%m-%d %H:%M:%S").alias("started"),
        size.fill_null("deleted").alias("megabytes"),
    )  # fmt: skip


def _tables(files: Sequence[Written]) -> pl.DataFrame:
    listed = pl.DataFrame([{"table": file.table, "rows": file.rows, "bytes": file.bytes} for file in files])
    grouped = listed.group_by("table").agg(
        pl.col("rows").sum(), files=pl.len(), megabytes=(pl.col("bytes").sum() / 1e6).round(3)
    )
    return grouped.sort(-pl.col("megabytes"), "table")


def _megabytes(size: int) -> float:
    return round(size / 1e6, 3)
