from __future__ import annotations

import shutil

import pytest

from schemas.tables import TABLES
from warehouse.delta.log import Log
from warehouse.home import Home
from warehouse.store import Store


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory):
    """A home whose tables exist and have nothing in them: making them takes longer than most tests."""
    home = Home.at(tmp_path_factory.mktemp("empty") / "home")
    for table, schema in TABLES.items():
        Log(home.tables / table, schema)
    return home


@pytest.fixture
def home(empty_home, tmp_path):
    return Home.at(shutil.copytree(empty_home.path, tmp_path / "home"))


@pytest.fixture
def store(home):
    return Store(home)
