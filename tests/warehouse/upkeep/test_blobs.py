"""Bytes of media go when nothing names them any more, and not before."""

from datetime import timedelta

import polars as pl
import pytest

from warehouse.home import Home
from warehouse.media.shelf import BlobShelf
from warehouse.store import Store
from warehouse.upkeep.blobs import delete_unused_blobs

AT_ONCE, LATER = timedelta(0), timedelta(days=1)


@pytest.fixture
def home(tmp_path):
    return Home.at(tmp_path / "home")


def kept(home):
    return {place.read_bytes() for place in home.media.glob("*/*")}


def test_what_no_result_names_goes_after_a_while(home):
    shelf = BlobShelf(home)
    named, found, unused = (shelf.put(data) for data in (b"named", b"found", b"unused"))
    store = Store(home)
    store.write("rows", {"_blobs": pl.DataFrame({"media_id": [named[:32], "x"], "sha256": [named, None]})})
    store.write("found-1", {"_found": pl.DataFrame({"reference": ["cat.png"], "sha256": [found]})})
    assert delete_unused_blobs(home, LATER) == 0
    assert kept(home) == {b"named", b"found", b"unused"}
    assert delete_unused_blobs(home, AT_ONCE) == 1
    assert kept(home) == {b"named", b"found"}
    assert not shelf.has(unused)
    store.forget("rows")
    assert delete_unused_blobs(home, AT_ONCE) == 1
    assert kept(home) == {b"found"}


def test_a_home_without_results_keeps_nothing(home):
    BlobShelf(home).put(b"unused")
    assert delete_unused_blobs(home, AT_ONCE) == 1
    assert delete_unused_blobs(home, AT_ONCE) == 0
