from __future__ import annotations

import json
import shutil

import polars as pl
import pytest
from deltalake import DeltaTable

from schemas.errors import Terminal, Transient
from schemas.tables import TABLES
from tests.warehouse.shelf import PUBLIC, contents, delta_contents, everything, frame, put, show
from warehouse.delta import publish as publishing
from warehouse.delta.log import Log, Moved
from warehouse.delta.publish import publish
from warehouse.delta.snapshots import files_of, head, snapshot_at, snapshots
from warehouse.home import Home
from warehouse.runs import end_run, list_runs, start_run
from warehouse.store import Store, Written


def newest(home, table):
    return DeltaTable(home.tables / table).version()


def test_before_the_first_publish_there_is_nothing(home):
    assert head(home) is None
    assert snapshots(home) == []
    with pytest.raises(Terminal, match="no snapshot yet"):
        snapshot_at(home)


def test_a_snapshot_shows_exactly_what_was_published(store):
    first = put(store, "k1", splits=["a", "b"], rows=["r"])
    put(store, "k2", splits=["unpublished"])
    published = show(store, [first], run="run 1", plan='{"name": "x"}')
    assert published == head(store.home)
    assert (published.snapshot, published.run_id, published.run_key) == (1, "run 1", "k1")
    assert (published.plan, published.code_version) == ('{"name": "x"}', "test")
    assert contents(store.home) == delta_contents(store.home) == {"splits": ["a", "b"], "rows": ["r"]}


def test_all_public_tables_exist_with_their_schema_from_the_start(tmp_path):
    store = Store(Home.at(tmp_path / "new"))
    published = show(store, [put(store, "k1", splits=["a"])])
    assert set(published.tables) == set(TABLES) - {"snapshots"}
    for table in PUBLIC:
        log = DeltaTable(store.home.tables / table)
        assert pl.scan_delta(log).collect_schema() == frame(table).schema
        assert log.metadata().configuration["delta.enableExpiredLogCleanup"] == "false"


def test_a_home_from_before_a_table_was_added_gets_it_with_the_next_snapshot(store, monkeypatch):
    fewer = [table for table in publishing.PUBLISHED if table != "rewards"]
    with monkeypatch.context() as before:
        before.setattr(publishing, "PUBLISHED", fewer)
        old = show(store, [put(store, "k1", splits=["a"])])
    assert "rewards" not in old.tables
    assert "rewards" in show(store, [put(store, "k2", splits=["b"])]).tables
    assert contents(store.home) == delta_contents(store.home) == {"splits": ["b"]}


def test_internal_tables_stay_internal(store):
    receipt = store.write("k1", {"_x": pl.DataFrame({"a": [1]}), "splits": frame("splits", "a")})
    show(store, [receipt])
    assert {file.table for file in files_of(store.home, head(store.home))} == {"splits", "runs"}


def test_sets_grow_shrink_and_come_back(store):
    a, b, c = (put(store, key, splits=[key]) for key in ("a", "b", "c"))
    for number, receipts in enumerate([[a], [a, b, c], [c], [], [a, b]], start=1):
        assert show(store, receipts, run_key=str(number)).snapshot == number
    for number, names in enumerate([["a"], ["a", "b", "c"], ["c"], [], ["a", "b"]], start=1):
        assert contents(store.home, number).get("splits", []) == names
        assert delta_contents(store.home, number).get("splits", []) == names


def test_only_changed_tables_get_a_commit_and_only_one(store):
    a, b = put(store, "a", splits=["a"], rows=["r"]), put(store, "b", splits=["b", "c"])
    show(store, [a])
    before = {table: newest(store.home, table) for table in TABLES}
    show(store, [a, b])
    changed = {table: newest(store.home, table) - before[table] for table in TABLES}
    assert {table: count for table, count in changed.items() if count} == {
        "splits": 1,
        "files": 1,
        "runs": 1,
        "snapshots": 1,
    }


def test_nothing_new_is_no_commit_and_no_change(store):
    receipts = [put(store, "a", splits=["a"]), put(store, "b", rows=["r"])]
    show(store, receipts)
    before = everything(store.home)
    start_run(store.home, "r2", "plan")
    assert show(store, reversed(receipts), run="r2") is None
    assert everything(store.home) == before


def test_the_same_files_by_another_plan_are_another_snapshot(store):
    receipts = [put(store, "a", splits=["a"])]
    show(store, receipts, run_key="one")
    assert show(store, receipts, run_key="two").snapshot == 2
    assert show(store, receipts, run_key="two") is None


def test_the_same_receipt_twice_counts_once(store):
    a = put(store, "a", splits=["a"])
    show(store, [a, a])
    assert contents(store.home) == {"splits": ["a"]}


def test_files_are_listed_with_their_digests(store):
    receipts = [put(store, "a", splits=["a"], rows=["r", "s"]), put(store, "b", rows=["t"])]
    start_run(store.home, "r0", "plan")
    published = show(store, receipts)
    listed = {file.path: file for file in files_of(store.home, published)}
    assert {path for path in listed if not path.startswith("tables/runs/")} == {
        file.path for receipt in receipts for file in receipt.files
    }
    for receipt in receipts:
        for file in receipt.files:
            assert listed[file.path] == file
    assert all(store.is_whole(file) for file in listed.values())


def test_runs_are_published_with_what_is_known_then(store):
    start_run(store.home, "r1", "plan")
    end_run(store.home, "r1", "failed", message="no disk")
    start_run(store.home, "r2", "plan")
    published = show(store, [put(store, "a", splits=["a"])], run="r2")
    (file,) = [file for file in files_of(store.home, published) if file.table == "runs"]
    rows = pl.read_parquet(store.home.path / file.path)
    assert rows.select("run_id", "state", "message").rows() == [("r1", "failed", "no disk"), ("r2", "running", None)]
    assert rows["started_at"].to_list() == [run.started_at for run in list_runs(store.home)]


def test_metrics_take_the_columns_of_the_plan_and_old_snapshots_keep_theirs(store):
    one = store.write("a", {"metrics": frame("metrics", "p", clip=pl.lit(0.5), words=pl.lit(3))})
    two = store.write("b", {"metrics": frame("metrics", "p", clip=pl.lit(1), ascii=pl.lit(value=True))})
    show(store, [one])
    show(store, [two])
    show(store, [put(store, "c", splits=["s"])])
    show(store, [one])
    versions = [snapshot.tables["metrics"] for snapshot in snapshots(store.home)]
    found = [pl.scan_delta(str(store.home.tables / "metrics"), version=version).collect() for version in versions]
    assert found[0].to_dicts() == found[3].to_dicts() == [{"pair_id": "p", "clip": 0.5, "words": 3}]
    assert found[1].to_dicts() == [{"pair_id": "p", "ascii": True, "clip": 1}]
    assert found[2].is_empty()


def test_metrics_that_disagree_about_a_type_are_refused_before_anything_is_committed(store):
    receipts = [
        store.write("a", {"metrics": frame("metrics", "p", clip=pl.lit(0.5))}),
        store.write("b", {"metrics": frame("metrics", "q", clip=pl.lit(1))}),
    ]
    with pytest.raises(Terminal, match="metrics: column clip is double in one file and int64 in another"):
        show(store, receipts)
    assert head(store.home) is None


def test_what_is_no_longer_there_cannot_be_published(store):
    a = put(store, "a", splits=["a"])
    (store.home.path / a.files[0].path).unlink()
    with pytest.raises(Terminal, match=r"a.parquet is missing or damaged: run the plan again"):
        show(store, [a])
    assert head(store.home) is None


def test_a_file_made_anew_is_published_anew(store):
    """The work of a key was lost and made again by other versions of the libraries: same rows, other bytes."""
    a = put(store, "a", splits=["a"])
    show(store, [a])
    store.forget("a")
    again = put(store, "a", splits=["a", "b"])
    assert show(store, [again]).snapshot == 2
    (listed,) = [file for file in files_of(store.home, head(store.home)) if file.table == "splits"]
    assert listed == again.files[0]
    actions = DeltaTable(store.home.tables / "splits").get_add_actions()
    assert pl.DataFrame(actions)["size_bytes"].to_list() == [again.files[0].bytes]


def test_what_a_crashed_publish_committed_is_neither_seen_nor_kept(store):
    a, b, c = (put(store, key, splits=[key]) for key in ("a", "b", "c"))
    show(store, [a])
    # A publish of b died after the commit to `splits`: the table is ahead of every snapshot.
    Log(store.home.tables / "splits", TABLES["splits"]).settle(b.files)
    assert contents(store.home) == delta_contents(store.home) == {"splits": ["a"]}
    show(store, [a, c])
    assert contents(store.home) == delta_contents(store.home) == {"splits": ["a", "c"]}
    assert delta_contents(store.home, 1) == {"splits": ["a"]}


def test_a_moved_table_is_settled_again(store, monkeypatch):
    a, b = put(store, "a", splits=["a"]), put(store, "b", splits=["b"])
    show(store, [a])
    settle = publishing.settle
    others = [lambda: show(store, [a, b], run_key="theirs")]

    def overtaken(*given):
        if others:
            others.pop()()
        return settle(*given)

    monkeypatch.setattr(publishing, "settle", overtaken)
    ours = show(store, [b], run_key="ours")
    assert [snapshot.run_key for snapshot in snapshots(store.home)] == ["a", "theirs", "ours"]
    assert ours.snapshot == 3
    assert [contents(store.home, number)["splits"] for number in (1, 2, 3)] == [["a"], ["a", "b"], ["b"]]


def test_a_twin_that_was_overtaken_commits_nothing(store, monkeypatch):
    a = put(store, "a", splits=["a"])
    settle = publishing.settle
    others = [lambda: show(store, [a])]

    def overtaken(*given):
        if others:
            others.pop()()
        return settle(*given)

    monkeypatch.setattr(publishing, "settle", overtaken)
    assert show(store, [a]) is None
    assert [snapshot.snapshot for snapshot in snapshots(store.home)] == [1]


def test_one_who_is_always_overtaken_gives_up(store, monkeypatch):
    def overtaken(*_given):
        raise Moved("again")

    monkeypatch.setattr(publishing, "settle", overtaken)
    with pytest.raises(Transient, match="others keep publishing"):
        publish(store, [], run_id="r", run_key="k", plan="{}", code_version="v", keep=1)


def test_a_commit_from_a_stale_handle_is_refused(store):
    a, b = put(store, "a", splits=["a"]), put(store, "b", splits=["b"])
    folder = store.home.tables / "splits"
    one, other = Log(folder, TABLES["splits"]), Log(folder, TABLES["splits"])
    assert one.settle(a.files) == 1
    with pytest.raises(Moved, match="somebody else has published to splits"):
        other.settle(b.files)
    assert Log(folder, TABLES["splits"]).files().keys() == {"a.parquet"}


def test_settling_what_is_settled_is_no_commit(store):
    a = put(store, "a", splits=["a"])
    folder = store.home.tables / "splits"
    assert Log(folder, TABLES["splits"]).settle(a.files) == 1
    assert Log(folder, TABLES["splits"]).settle(a.files) == 1


def test_a_table_that_gains_a_column_keeps_its_old_versions(store):
    narrow = frame("splits").select("component_id").to_arrow().schema
    old = Written(table="splits", path="tables/splits/old.parquet", rows=1, bytes=1, sha256="")
    folder = store.home.tables / "splits"
    shutil.rmtree(folder)
    assert Log(folder, narrow).settle([old]) == 1
    Log(folder, TABLES["splits"]).settle([old])
    assert DeltaTable(folder, version=1).schema().to_arrow().names == ["component_id"]
    assert DeltaTable(folder).schema().to_arrow().names == ["component_id", "split"]
    assert Log(folder, TABLES["splits"]).files() == {"old.parquet": 1}


def test_the_row_of_a_snapshot_names_every_version(store):
    show(store, [put(store, "a", splits=["a"])])
    row = pl.scan_delta(str(store.home.tables / "snapshots")).collect().row(0, named=True)
    assert json.loads(row["tables"]) == head(store.home).tables
    assert row["created_at"].utcoffset().total_seconds() == 0


def test_old_versions_can_be_read_after_a_checkpoint(store):
    """delta-rs checkpoints now and then, and would drop what came before if it were allowed to."""
    keys = [put(store, f"k{number}", splits=[f"k{number}"]) for number in range(2)]
    folder = store.home.tables / "splits"
    DeltaTable(folder).alter.set_table_properties({"delta.checkpointInterval": "5"})
    first = Log(folder, TABLES["splits"]).settle(keys[0].files)
    for number in range(1, 8):
        Log(folder, TABLES["splits"]).settle(keys[number % 2].files)
    assert list((folder / "_delta_log").glob("*.checkpoint.parquet"))
    assert pl.scan_delta(str(folder), version=first).collect()["component_id"].to_list() == ["k0"]
    assert show(Store(store.home), keys).snapshot == 1
    assert delta_contents(store.home) == {"splits": ["k0", "k1"]}
