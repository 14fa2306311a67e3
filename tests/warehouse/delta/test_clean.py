from __future__ import annotations

import logging

import pytest

from tests.warehouse.shelf import contents, delta_contents, put, show, strays
from warehouse import disk
from warehouse.delta.snapshots import snapshots
from warehouse.store import Store


def keys_with_work(home):
    return {receipt.stem for receipt in (home.work / "receipts").glob("*.json")}


def listings(home):
    return {table: len(list((home.tables / table).glob("*.parquet"))) for table in ("files", "runs", "snapshots")}


def test_the_newest_snapshots_are_kept_with_their_files(store):
    for name in ("a", "b", "c", "d", "e"):
        show(store, [put(store, name, splits=[name]), put(store, "always", rows=["r"])], keep=2)
    assert [snapshot.snapshot for snapshot in snapshots(store.home)] == [4, 5]
    for number, name in ((4, "d"), (5, "e")):
        assert contents(store.home, number) == delta_contents(store.home, number) == {"splits": [name], "rows": ["r"]}
    # The third expired with the last publish: readers may still be on it, so that its files go with the next.
    assert keys_with_work(store.home) == {"always", "c", "d", "e"}
    assert {path.stem for path in (store.home.tables / "splits").glob("*.parquet")} == {"c", "d", "e"}
    assert listings(store.home) == {"files": 3, "runs": 3, "snapshots": 2}


def test_a_reader_of_a_snapshot_that_expires_can_finish(store):
    show(store, [put(store, "a", splits=["a"])], keep=1)
    reading = store.scan(["a"], "splits")
    show(store, [put(store, "b", splits=["b"])], keep=1)
    assert reading.collect()["component_id"].to_list() == ["a"]


def test_work_that_was_never_published_is_kept(store):
    put(store, "draft", splits=["draft"])
    for name in ("a", "b", "c"):
        show(store, [put(store, name, splits=[name])], keep=1)
    assert "draft" in keys_with_work(store.home)


def test_expired_work_is_done_again_when_it_is_wanted(store):
    for name in ("a", "b", "c"):
        show(store, [put(store, name, splits=[name])], keep=1)
    assert store.receipt("a") is None
    show(store, [put(store, "a", splits=["a"])], keep=1)
    assert contents(store.home) == {"splits": ["a"]}


def test_what_crashed_writers_left_is_taken_away(store):
    home = store.home
    disk.write_bytes(home.tables / "splits" / "dead.parquet", home.aside, b"no receipt")
    disk.write_bytes(home.tables / "files" / "0000000001-dead.parquet", home.aside, b"x")
    (home.aside / "key-dead").mkdir()
    (home.aside / "key-dead" / "dead.parquet").write_bytes(b"half")
    (home.tables / "files" / "0000000001-dead.parquet").unlink()
    show(store, [put(store, "a", splits=["a"])])
    assert strays(home) == set()


def test_listings_of_publishes_that_lost_are_taken_away(store):
    show(store, [put(store, "a", splits=["a"])])
    (won,) = (store.home.tables / "files").glob("*.parquet")
    lost = won.with_name("0000000001-ffff.parquet")
    lost.write_bytes(won.read_bytes())
    ahead = won.with_name("0000000009-ffff.parquet")
    ahead.write_bytes(won.read_bytes())
    show(store, [put(store, "b", splits=["b"])])
    assert won.exists()
    assert not lost.exists()
    assert ahead.exists(), "of a number that nobody has published: somebody may be at it"
    assert contents(store.home, 1) == {"splits": ["a"]}


@pytest.mark.parametrize("failing", ["remove", "sweep"])
def test_a_publish_stands_even_if_cleaning_up_fails(store, monkeypatch, caplog, failing):
    for name in ("a", "b"):
        show(store, [put(store, name, splits=[name])], keep=1)

    def fail(*_given):
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(disk, failing, fail)
        with caplog.at_level(logging.WARNING):
            assert show(store, [put(store, "c", splits=["c"])], keep=1).snapshot == 3
    assert "what is no longer needed in" in caplog.text
    assert contents(store.home) == {"splits": ["c"]}
    show(Store(store.home), [put(store, "d", splits=["d"])], keep=1)
    assert keys_with_work(store.home) == {"c", "d"}
    assert strays(store.home) == set()
