"""Published sets in the layout of the Hub: each is read by its adapter, and every medium is found and kept."""

import json

import pytest

import warehouse
from tests.flows.here import broken, run
from tests.flows.media.sets.layouts import sets
from tests.loopback.client import connected
from tests.tasks.ingest.published import PUBLISHED

LAID = {f"{key}, {source['hub']['files']}": (key, source, datasets) for key, source, datasets in sets()}


@pytest.mark.parametrize("name", LAID)
def test_every_row_is_read_and_every_medium_found(name, tmp_path, monkeypatch):
    key, source, datasets = LAID[name]
    (tmp_path / "plan.yaml").write_text(
        json.dumps({"name": "one", "sources": [{"name": "one", **source}], "split": {"train": 1.0}})
    )
    with connected(monkeypatch) as hub:
        for repo, files in datasets.items():
            hub.commit(repo, files)
        run(tmp_path / "plan.yaml", tmp_path / "home")
    opened = warehouse.open(tmp_path / "home")
    assert opened.table("quarantine").collect().rows() == []
    assert opened.sql("select adapter from sources").rows() == [(PUBLISHED[key].adapter,)]
    attachments = opened.table("attachments").collect()
    kept = {place.name[:32] for place in (tmp_path / "home/media").glob("*/*")}
    assert attachments.height > 0
    assert set(attachments["media_id"]) == kept
    assert broken(tmp_path / "home") == []
