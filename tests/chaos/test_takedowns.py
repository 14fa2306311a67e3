"""A takedown that is killed at a disk operation is finished by whoever comes next; until then readers see all or nothing."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

import warehouse
from tests.chaos import child
from tests.chaos.faults import faults
from tests.flows.here import broken, run
from tests.flows.test_forget import holding
from tests.flows.test_runs import PLAN, logical, rows, write
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.runs import Lock
from warehouse.takedown.takedown import finish_takedowns, preview, take_down
from warehouse.takedown.tombstones import pending, takedowns
from warehouse.takedown.wish import Wish

SECRET = "Question 3?"
FORGET = "tests.chaos.test_takedowns:forget"


def forget(place: str) -> None:
    """Take the secret down, or finish doing so."""
    home = Home.at(place)
    with Lock(home):
        if not finish_takedowns(home) and not takedowns(home):
            found = preview(home, Wish(queries=[f"select record_id from records where prompt_text = '{SECRET}'"]))
            take_down(home, found.tombstones, "", "")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Two snapshots, an expired third whose files readers may still hold, and work that was never published."""
    place = tmp_path_factory.mktemp("world")
    (place / "plan.yaml").write_text(PLAN)
    for number in range(3):
        write(place / f"one/{number}.jsonl", [*rows(range(10 * number, 10 * number + 8)), *rows([3])])
        run(place / "plan.yaml", place / "home", "keep_snapshots=2")
    return place


@pytest.fixture(scope="module")
def expected(world, tmp_path_factory):
    """What an undisturbed takedown leaves, as tables of the newest snapshot."""
    place = Path(shutil.copytree(world, tmp_path_factory.mktemp("expected") / "world"))
    before = logical(place)
    with faults() as counted:
        forget(str(place / "home"))
    return before, logical(place), counted.count


def seen(place):
    """How many rows hold the secret in each snapshot, by every way of reading."""
    home = Home.at(place / "home")
    query = f"select count(*) from records where prompt_text = '{SECRET}'"
    return {each.snapshot: warehouse.open(home, each.snapshot).sql(query).item() for each in snapshots(home)}


@pytest.mark.parametrize("strike", ["kill", "full", "broken"])
def test_a_takedown_is_all_or_nothing_and_always_ends(world, expected, large, strike, tmp_path_factory):
    before, after, count = expected
    assert count > 60
    spread = random.Random(strike).sample(range(1, count + 1), 4)
    places = tmp_path_factory.mktemp(strike)
    for at in range(1, count + 1) if large else sorted({1, count, *spread}):
        place = Path(shutil.copytree(world, places / str(at)))
        code, said = child.run(FORGET, place / "home", at=at, strike=strike)
        assert strike != "kill" or code == -9, said
        assert logical(place) in (before, after)
        assert seen(place) in ({2: 3, 3: 4}, {2: 0, 3: 0})
        forget(str(place / "home"))
        assert logical(place) == after
        assert holding(place, SECRET) == []
        assert pending(Home.at(place / "home")) == {}
        assert broken(place / "home") == []


def test_the_next_run_finishes_it(world, expected, tmp_path):
    place = Path(shutil.copytree(world, tmp_path / "world"))
    code, _ = child.run(FORGET, place / "home", at=expected[2] // 2)
    assert code == -9
    home = Home.at(place / "home")
    assert len(pending(home)) == 1
    run(place / "plan.yaml", place / "home", "keep_snapshots=2")
    assert pending(home) == {}
    assert len(takedowns(home)) == 1
    assert holding(place, SECRET) == []
    assert broken(place / "home") == []
