"""The store against a plain dictionary: any order of writing, publishing, crashing, reopening and looking back."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import ClassVar

import duckdb
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from schemas.errors import Terminal
from schemas.tables import TABLES
from tests.chaos.faults import faults
from tests.warehouse.shelf import contents, delta_contents, put, show, strays
from warehouse.catalog import build_catalog, refresh_catalog_if_moved
from warehouse.delta.log import Log
from warehouse.delta.snapshots import head, snapshots
from warehouse.home import Home
from warehouse.store import Store

KEYS = st.sampled_from("abcde")
SETS = st.sets(KEYS, max_size=4)
KEEP = 3


class StoreMachine(RuleBasedStateMachine):
    template: ClassVar[tempfile.TemporaryDirectory[str] | None] = None

    @classmethod
    def empty(cls) -> Path:
        """Return a home whose tables are made already, which takes longer than all the rest."""
        if cls.template is None:
            cls.template = tempfile.TemporaryDirectory()
            for table, schema in TABLES.items():
                Log(Home.at(Path(cls.template.name) / "home").tables / table, schema)
        return Path(cls.template.name) / "home"

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.store = Store(Home.at(shutil.copytree(self.empty(), self.folder / "home-0")))
        self.moves = 0
        # The model: what each complete key holds, and what each snapshot ever published held, by number.
        self.keys: dict[str, list[str]] = {}
        self.shown: list[tuple[set[str], list[str]]] = []

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def write(self, key: str) -> None:
        put(self.store, key, splits=[key], rows=[f"{key}{number}" for number in range(3)])
        self.keys[key] = [key]

    @rule(key=KEYS)
    def write_a_key(self, key: str) -> None:
        self.write(key)

    @rule(key=KEYS, at=st.integers(1, 8), after=st.booleans())
    def fail_to_write(self, key: str, at: int, after: bool) -> None:
        try:
            with faults(at, "full", after=after):
                self.write(key)
        except Terminal:
            pass
        if self.store.receipt(key) is not None:
            self.keys[key] = [key]

    @rule(key=KEYS)
    def find_what_a_dead_writer_left(self, key: str) -> None:
        if key not in self.keys:
            (self.store.home.tables / "splits" / f"{key}.parquet").write_bytes(b"half")
            (self.store.home.aside / f"key-{key}").mkdir(exist_ok=True)
            (self.store.home.aside / f"key-{key}" / "half").write_bytes(b"half")

    def publish(self, keys: set[str]) -> None:
        for key in keys:
            self.write(key)
        expected = sorted(keys)
        is_new = not self.shown or self.shown[-1][1] != expected
        published = show(self.store, [self.store.receipt(key) for key in keys], keep=KEEP)
        assert (published is not None) == is_new
        if is_new:
            self.shown.append((keys, expected))
            assert published.snapshot == len(self.shown)
        assert strays(self.store.home) == set()
        self.forget_what_expired()

    def forget_what_expired(self) -> None:
        """Only expired work may ever be gone."""
        needed = set().union(*[keys for keys, _ in self.shown[-KEEP:]])
        gone = {key for key in self.keys if self.store.receipt(key) is None}
        assert not gone & needed
        for key in gone:
            del self.keys[key]

    @rule(keys=SETS)
    def publish_a_set(self, keys: set[str]) -> None:
        self.publish(keys)

    @rule(keys=SETS, at=st.integers(1, 30), after=st.booleans(), strike=st.sampled_from(["full", "broken"]))
    def fail_to_publish(self, keys: set[str], at: int, after: bool, strike: str) -> None:
        for key in keys:
            self.write(key)
        receipts = [self.store.receipt(key) for key in keys]
        try:
            with faults(at, strike, after=after):
                show(self.store, receipts, keep=KEEP)
        except Terminal:
            pass
        newest = head(self.store.home)
        if newest is not None and newest.snapshot > len(self.shown):
            self.shown.append((keys, sorted(keys)))
        self.forget_what_expired()

    @rule()
    def open_again(self) -> None:
        self.store = Store(Home.at(self.store.home.path, create=False))

    @rule()
    def move(self) -> None:
        self.moves += 1
        self.store = Store(Home.at(os.rename(self.store.home.path, to := self.folder / f"home-{self.moves}") or to))

    @precondition(lambda self: self.shown)
    @rule()
    def read_the_catalog(self) -> None:
        refresh_catalog_if_moved(self.store.home)
        self.check_catalog()

    @rule()
    def build_the_catalog(self) -> None:
        build_catalog(self.store.home)
        self.check_catalog()

    def check_catalog(self) -> None:
        with duckdb.connect(str(self.store.home.catalog), read_only=True) as reader:
            for number, expected in self.kept():
                schema = "main" if number == len(self.shown) else f"snapshot_{number}"
                found = reader.execute(f"select component_id from {schema}.splits order by all").fetchall()
                assert [name for (name,) in found] == expected

    @precondition(lambda self: self.shown)
    @rule()
    def look_back_with_another_reader(self) -> None:
        for number, expected in self.kept():
            assert delta_contents(self.store.home, number).get("splits", []) == expected

    def kept(self) -> list[tuple[int, list[str]]]:
        return [(number, names) for number, (_, names) in enumerate(self.shown, start=1)][-KEEP:]

    @invariant()
    def the_kept_snapshots_are_what_was_published(self) -> None:
        if not hasattr(self, "store"):
            return
        assert [snapshot.snapshot for snapshot in snapshots(self.store.home)] == [number for number, _ in self.kept()]
        for number, expected in self.kept():
            found = contents(self.store.home, number)
            assert found.get("splits", []) == expected
            assert found.get("rows", []) == sorted(f"{key}{row}" for key in expected for row in range(3))


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=100 if os.environ.get("WINNOW_CHAOS") == "large" else 4,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
