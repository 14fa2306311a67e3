from __future__ import annotations

import json
import os
from datetime import timedelta

import duckdb
import polars as pl
import pytest

import warehouse
from schemas.errors import Terminal
from tests.warehouse.shelf import contents, delta_contents, everything, put, show
from warehouse.catalog import build_catalog
from warehouse.delta.log import names_at
from warehouse.delta.publish import expire, expired
from warehouse.delta.snapshots import snapshots
from warehouse.runs import list_runs, start_run
from warehouse.upkeep import upkeep
from warehouse.used import keep_used

PLAN = json.dumps({"keep_snapshots": 2})


def publish(store, *names, used=(), **said):
    """Publish keys of these names in a run of its own that asked for them and for `used`."""
    receipts = [put(store, name, splits=[name]) for name in names]
    run = "run-" + "-".join(names)
    keep_used(store.home, run, [*names, *used])
    return show(store, receipts, run=run, plan=PLAN, keep=said.pop("keep", 100), **said)


def draft(store, key):
    store.write(key, {"_signatures": pl.DataFrame({"key": [key]})})


def keys(store):
    return {place.stem for place in (store.home.work / "receipts").glob("*.json")}


def test_snapshots_that_the_newest_plan_does_not_keep_go(store):
    for name in ("a", "b", "c", "d"):
        publish(store, name)
    build_catalog(store.home)
    assert warehouse.maintain(store.home).snapshots == [1, 2]
    assert [each.snapshot for each in snapshots(store.home)] == [3, 4]
    assert contents(store.home, 3) == delta_contents(store.home, 3) == {"splits": ["c"]}
    with duckdb.connect(str(store.home.catalog), read_only=True) as reader:
        assert reader.execute("select component_id from snapshot_3.splits").fetchall() == [("c",)]
        assert reader.execute("select snapshot from snapshots order by 1").fetchall() == [(3,), (4,)]
    # The files of the snapshot that expired last stay once more, for whoever reads them.
    assert keys(store) == {"b", "c", "d"}
    assert warehouse.maintain(store.home.path).snapshots == []


def test_a_deleted_snapshot_is_told_from_one_that_never_was(store):
    for name in ("a", "b", "c"):
        publish(store, name)
    warehouse.maintain(store.home)
    with pytest.raises(Terminal, match="snapshot 1 was deleted when newer ones came; there are 2, 3"):
        warehouse.open(store.home, at=1)
    with pytest.raises(Terminal, match="never had a snapshot 4; there are 2, 3"):
        warehouse.open(store.home, at=4)


def test_days_count_from_the_publish(store):
    for name in ("a", "b", "c"):
        publish(store, name)
    known = snapshots(store.home)
    aged = [each.model_copy(update={"created_at": each.created_at - timedelta(days=age)})
            for each, age in zip(known, (9, 3, 20), strict=True)]  # fmt: skip
    assert expired(aged, timedelta(days=5)) == {1}
    assert expired(aged, timedelta(days=1)) == {1, 2}, "the newest one stays, however old"
    assert expired(aged, 1) == {1, 2}
    assert expire(store.home, timedelta(days=1)) == []


def test_results_that_no_kept_run_asked_for_go_after_a_day(store):
    for key in ("old", "shared", "fresh", "own"):
        draft(store, key)
    publish(store, "a", used=["old", "shared"])
    publish(store, "b", used=["shared"])
    publish(store, "c", used=["shared", "own"])
    for key in ("old", "shared", "own"):
        place = store.home.work / "receipts" / f"{key}.json"
        os.utime(place, (0, 0))
    assert warehouse.maintain(store.home).results == 1
    assert keys(store) == {"a", "b", "c", "shared", "fresh", "own"}
    assert not (store.home.work / "_signatures" / "old.parquet").exists()
    assert upkeep.maintain(store.home, grace=timedelta(0)).results == 1, "a is of the snapshot that expired last"
    assert keys(store) == {"a", "b", "c", "shared", "own"}
    assert {place.stem for place in (store.home.work / "used").iterdir()} == {"run-b", "run-c"}


def test_without_notes_of_what_was_asked_for_every_result_stays(store):
    draft(store, "old")
    show(store, [put(store, "a", splits=["a"])], plan=PLAN)
    assert upkeep.maintain(store.home, grace=timedelta(0)).results == 0
    assert "old" in keys(store)


def test_old_log_entries_go_once_a_checkpoint_is_there(store):
    for number in range(25):
        publish(store, f"n{number}")
    log = store.home.tables / "splits" / "_delta_log"
    entries = len(list(log.glob("*.json")))
    assert warehouse.maintain(store.home).log_entries == 0
    assert len(list(log.glob("*.json"))) == entries, "readers may be on their way through them"
    assert warehouse.maintain(store.home).log_entries > entries - 10
    assert len(list(log.glob("*.json"))) < 5
    for number in (24, 25):
        assert contents(store.home, number) == delta_contents(store.home, number) == {"splits": [f"n{number - 1}"]}
    with pytest.raises(FileNotFoundError, match="has no version 3"):
        names_at(store.home.tables / "splits", 3)
    publish(store, "more")
    assert delta_contents(store.home) == {"splits": ["more"]}


def test_runs_of_dead_processes_are_over(store):
    started = start_run(store.home, "r1", "plan")
    (store.home.runs / "r1.json").write_text(started.model_copy(update={"born": 1.0}).model_dump_json())
    assert warehouse.maintain(store.home).dead_runs == ["r1"]
    (run,) = list_runs(store.home)
    assert (run.state, run.message) == ("dead", "its process died")
    assert run.ended_at is not None
    assert warehouse.maintain(store.home).dead_runs == []


def test_with_nothing_to_do_nothing_is_changed(store):
    publish(store, "a")
    warehouse.maintain(store.home)
    before = everything(store.home)
    warehouse.maintain(store.home)
    assert everything(store.home) == before
