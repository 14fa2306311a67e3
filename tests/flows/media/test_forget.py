"""A takedown of media: their bytes leave the home with the last row that has them, and do not come back."""

import json

import pytest

import warehouse
from tests.flows.here import broken, run
from tests.flows.media.test_seen import picture
from warehouse.home import Home
from warehouse.takedown.takedown import preview, take_down
from warehouse.takedown.wish import Wish

PLAN = """
name: pictures
media: {root: media}
sources:
  - path: rows.jsonl
    mapping:
      prompt: {columns: [prompt], media: [picture]}
      responses: [{media: one}, {media: two}]
      winner: {always: a}
"""
NAMES = ("a", "b", "c", "shared")


@pytest.fixture
def world(tmp_path):
    (tmp_path / "media").mkdir()
    for at, name in enumerate(NAMES):
        (tmp_path / f"media/{name}.png").write_bytes(picture(30 + at, 20))
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path, ("first", "a", "b", "shared"), ("second", "c", "shared", "c"))
    curate(tmp_path)
    return tmp_path


def write(root, *rows):
    lines = [dict(zip(("prompt", "picture", "one", "two"), row, strict=True)) for row in rows]
    (root / "rows.jsonl").write_text(
        "".join(
            json.dumps({key: f"{value}.png" if key != "prompt" else value for key, value in line.items()}) + "\n"
            for line in lines
        )
    )


def curate(root):
    run(root / "plan.yaml", root / "home")
    return warehouse.open(root / "home")


def kept(root):
    """The names of the pictures whose bytes the home holds."""
    bytes_of = {(root / f"media/{name}.png").read_bytes(): name for name in NAMES}
    return sorted(bytes_of[place.read_bytes()] for place in (root / "home/media").glob("*/*"))


def forget(root, table, column, where):
    (name,) = (
        warehouse.open(root / "home").sql(f"select {column} from {table} where {where}").get_column(column).unique()
    )
    home = Home.at(root / "home")
    take_down(home, preview(home, Wish(ids=[name])).tombstones, "a test", "tester")


def test_media_go_with_the_last_row_that_has_them(world):
    forget(world, "records", "record_id", "prompt_text = 'first'")
    assert kept(world) == ["c", "shared"]
    opened = curate(world)
    assert kept(world) == ["c", "shared"]
    assert sorted(opened.table("media").collect()["source_path"]) == ["c.png", "shared.png"]
    assert opened.table("attachments").collect()["reference"].sort().to_list() == ["c.png", "c.png", "shared.png"]
    assert broken(world / "home") == []


def test_a_medium_takes_every_row_with_it(world):
    forget(world, "media", "media_id", "source_path = 'shared.png'")
    assert kept(world) == []
    assert curate(world).table("records").collect().is_empty()


def test_what_was_taken_down_does_not_come_back_in_another_row(world):
    forget(world, "records", "record_id", "prompt_text = 'first'")
    write(world, ("second", "c", "shared", "c"), ("third", "a", "c", "shared"))
    opened = curate(world)
    assert kept(world) == ["c", "shared"]
    pairs = dict(opened.table("pairs").select("prompt", "reason").collect().iter_rows())
    assert pairs == {"second": None, "third": "unreadable_media"}
    assert "taken down" in opened.sql("select error from media where source_path = 'a.png'")["error"][0]
    assert broken(world / "home") == []
