"""How the set stages cut their tables changes memory, never a row."""

import polars as pl

import flows.run.line
import warehouse
from flows.demo.show import write_demo
from schemas.tables import TABLES
from tasks.demo.text import generate
from tests.flows.here import broken, run
from warehouse.home import Home

# Whose rows say which run wrote them, where and when.
HOUSEKEEPING = {"snapshots", "files", "runs"}


def tables(home):
    opened = warehouse.open(home)
    found = {name: opened.table(name).collect() for name in sorted(TABLES.keys() - HOUSEKEEPING)}
    return {name: rows.sort(pl.struct(pl.all()).hash()) for name, rows in found.items()}


def test_slices_give_the_rows_of_the_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(Home, "pseudonym_key", lambda _: b"the same in both homes")
    demo = generate(11, 300)
    for name in ("whole", "sliced"):
        run(write_demo(demo, tmp_path / name), tmp_path / name)
        monkeypatch.setattr(flows.run.line, "SLICE_ROWS", 100)
    assert broken(tmp_path / "sliced") == []
    whole, sliced = tables(tmp_path / "whole"), tables(tmp_path / "sliced")
    assert whole["pairs"].height > 300
    for name, rows in whole.items():
        assert rows.equals(sliced[name]), name
