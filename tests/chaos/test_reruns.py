"""R7: reruns are free, and equal wherever and by however many they are made."""

from __future__ import annotations

import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

import warehouse
from tests.chaos import scenes
from tests.warehouse.shelf import contents, delta_contents, everything, show
from warehouse.catalog import refresh_catalog_if_moved
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.store import Store

KEYS = [f"k{number}" for number in range(12)]


def below(home):
    return {path.relative_to(home.path): state for path, state in everything(home).items()}


def test_again_and_again_in_a_moved_folder(fresh, tmp_path):
    home = fresh()
    scenes.curate(home.path, "a", "b")
    settled, told = below(home), contents(home)
    moved = Home.at(shutil.move(home.path, tmp_path / "moved"), create=False)
    assert refresh_catalog_if_moved(moved)
    assert warehouse.open(moved).sql("select count(*) from splits").item() == 4
    scenes.curate(moved.path, "a", "b")
    scenes.curate(moved.path, "b", "a")
    assert below(moved) == settled
    assert contents(moved) == delta_contents(moved) == told
    assert [snapshot.snapshot for snapshot in snapshots(moved)] == [1, 2]


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_the_same_tables_by_any_number_of_workers_in_any_order(fresh, workers):
    store = Store(fresh())
    order = random.Random(workers).sample(KEYS * 2, 2 * len(KEYS))
    with ThreadPoolExecutor(workers) as pool:
        receipts = list(pool.map(lambda key: scenes.write(store, key), order))
    show(store, receipts)
    names = sorted(f"{key} {number}" for key in KEYS for number in (1, 2))
    assert contents(store.home) == {"rows": names, "splits": names}
    assert len({file.sha256 for receipt in receipts for file in receipt.files}) == 3 * len(KEYS)
