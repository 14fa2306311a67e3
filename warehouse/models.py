"""What was trained: one folder per training, written aside and put in place whole."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse import disk
from warehouse.home import Home


@contextmanager
def model_folder(home: Home, training_id: str) -> Iterator[Path]:
    """Lend an empty folder that becomes `models/<training_id>` at the end, unless an error ends it before.

    Raises Terminal if the disk is full or broken.
    """
    place = home.models / training_id
    try:
        home.models.mkdir(exist_ok=True)
        with disk.aside(home.aside, f"model-{training_id}") as lent:
            fresh = lent / "new"
            fresh.mkdir()
            yield fresh
            for file in fresh.rglob("*"):
                if file.is_file():
                    with file.open("rb") as written:
                        disk.sync(written.fileno())
            disk.sync_folder(fresh)
            if place.exists():
                shutil.rmtree(place)
            disk.rename(fresh, place)
            disk.sync_folder(home.models)
    except OSError as error:
        raise disk.cannot_write(place, error) from error
