"""Models of old trainings go, their rows stay; the newest of each kind stays, and so does what is still being made."""

import json
import os
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

import warehouse
from tests.warehouse.shelf import frame, show
from warehouse.delta.snapshots import head
from warehouse.upkeep.models import model_folder, prune_models, read_trainings, unfinished_folder
from warehouse.upkeep.upkeep import GRACE

START = datetime(2026, 3, 1, tzinfo=UTC)


def started(day):
    return pl.lit(START + timedelta(days=day)).cast(pl.Datetime("us", "UTC"))


def teach(store, *trained, plan=None):
    """Publish trainings (id, kind, day), each with a folder that was written on its day."""
    rows = [frame("trainings", name, kind=pl.lit(kind), started_at=started(day)) for name, kind, day in trained]
    for name, _, day in trained:
        write(store.home, name, day)
    receipt = store.write("trained", {"trainings": pl.concat(rows)})
    show(store, [receipt], plan=json.dumps({} if plan is None else plan))


def write(home, name, day):
    with model_folder(home, name) as fresh:
        (fresh / "head.json").write_text(name)
    when = (START + timedelta(days=day, minutes=1)).timestamp()
    os.utime(home.models / name, (when, when))


def names(home):
    return {place.name for place in home.models.iterdir()}


def test_so_many_of_each_kind_stay_as_the_plan_says(store):
    teach(store, *[(f"h{day}", "head", day) for day in range(4)], ("d0", "dpo", 0), plan={"keep_models": 2})
    assert sorted(warehouse.maintain(store.home).models) == ["h0", "h1"]
    assert names(store.home) == {"h2", "h3", "d0"}
    assert read_trainings(store.home, head(store.home))["training_id"].to_list() == ["h3", "h2", "h1", "h0", "d0"]
    assert warehouse.maintain(store.home).models == []
    assert list(store.home.aside.iterdir()) == []


def test_five_stay_if_the_plan_says_nothing_and_the_newest_always(store):
    teach(store, *[(f"h{day}", "head", day) for day in range(7)])
    warehouse.maintain(store.home)
    assert names(store.home) == {"h2", "h3", "h4", "h5", "h6"}
    assert prune_models(store.home, head(store.home).model_copy(update={"plan": '{"keep_models": 1}'}), GRACE) == [
        "h2", "h3", "h4", "h5",
    ]  # fmt: skip
    assert names(store.home) == {"h6"}


def test_a_model_that_is_made_anew_waits_for_its_row(store):
    teach(store, ("old", "head", 0), ("new", "head", 5), plan={"keep_models": 1})
    write(store.home, "old", 6)
    assert warehouse.maintain(store.home).models == []
    assert names(store.home) == {"old", "new"}


@pytest.mark.parametrize(("age", "stays"), [(timedelta(hours=1), True), (2 * GRACE, False)])
def test_a_folder_without_a_row_is_left_for_a_day(store, age, stays):
    teach(store, ("new", "head", 0))
    write(store.home, "unknown", 0)
    when = (datetime.now(UTC) - age).timestamp()
    os.utime(store.home.models / "unknown", (when, when))
    assert warehouse.maintain(store.home).models == ([] if stays else ["unknown"])
    assert ("unknown" in names(store.home)) is stays


@pytest.mark.parametrize(("age", "stays"), [(timedelta(hours=1), True), (GRACE + timedelta(hours=1), False)])
def test_an_unfinished_training_stays_while_something_is_written(store, age, stays):
    teach(store, ("h0", "head", 0))
    place = unfinished_folder(store.home, "d0")
    place.mkdir(parents=True)
    (place / "training.log").write_text("step 1")
    then = (datetime.now(UTC) - age).timestamp()
    for each in (place / "training.log", place, place.parent):
        os.utime(each, (then, then))
    assert warehouse.maintain(store.home).models == ([] if stays else ["d0"])
    assert place.exists() == stays
    assert (store.home.models / "h0").exists()
