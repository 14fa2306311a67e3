from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.chaos import scenes
from warehouse.home import Home


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("chaos")


@pytest.fixture(scope="session")
def large():
    """Whether the large numbers are asked for."""
    return os.environ.get("WINNOW_CHAOS") == "large"


@pytest.fixture(scope="session")
def before(tmp_path_factory):
    """A home with one snapshot of the key `a`, from which each fault starts."""
    place = tmp_path_factory.mktemp("before") / "home"
    scenes.curate(place, "a", keep=1)
    return Home.at(place)


@pytest.fixture
def fresh(before, tmp_path):
    """Returns a copy of that home at every call."""

    def copy(name="home"):
        place = tmp_path / name
        shutil.rmtree(place, ignore_errors=True)
        return Home.at(shutil.copytree(before.path, place))

    return copy
