import re
import socket

import pytest

from schemas.errors import Terminal, Transient
from schemas.plan.sources import Hub as HubPlace
from schemas.plan.sources import Source
from tests.loopback.hub import Hub
from tests.warehouse.intake.reading import rows_of
from warehouse.intake import find
from warehouse.intake.hub import Absent, Listing, choose, fetch

LINES = b'{"chosen":"a","rejected":"b"}\n'


@pytest.fixture
def hub(monkeypatch):
    with Hub() as fake:
        monkeypatch.setenv("HF_ENDPOINT", fake.endpoint)
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        yield fake


def place(**more):
    return HubPlace(repo="team/data", **more)


def test_a_missing_revision_is_resolved_and_named_in_every_row(hub, tmp_path):
    hub.commit("team/data", {"data/train.jsonl": b"{}\n"})
    commit = hub.commit("team/data", {"README.md": b"words", "data/train.jsonl": LINES * 3, "data/test.jsonl": LINES})
    source = Source(name="data", hub=place(split="train"))
    shards = find(source, tmp_path, tmp_path / "home")
    assert [shard.file for shard in shards] == [f"team/data@{commit}/data/train.jsonl"]
    assert len(rows_of(shards[0]).docs) == 3
    assert shards[0].place.startswith(str(tmp_path / "home" / "hub"))


def test_a_commit_that_was_fetched_before_needs_no_network(hub, tmp_path):
    commit = hub.commit("team/data", {"a.csv": b"x\n1\n", "b.parquet": b"?"})
    first = fetch(place(revision=commit), tmp_path)
    hub.requests.clear()
    assert fetch(place(revision=commit), tmp_path) == first
    assert hub.requests == []


def test_branches_and_older_commits_can_be_named(hub, tmp_path):
    old = hub.commit("team/data", {"a.jsonl": b"{}\n"})
    hub.commit("team/data", {"a.jsonl": LINES})
    other = hub.commit("team/data", {"a.jsonl": LINES * 2}, branch="draft")
    assert [name for name, _ in fetch(place(revision=old), tmp_path)] == [f"team/data@{old}/a.jsonl"]
    assert [name for name, _ in fetch(place(revision="draft"), tmp_path)] == [f"team/data@{other}/a.jsonl"]


def test_what_the_hub_does_not_have_is_said(hub, tmp_path):
    with pytest.raises(Absent, match=r"team/data is not on the Hub or is private: correct `repo:` or set HF_TOKEN"):
        fetch(place(), tmp_path)
    hub.commit("team/data", {"a.jsonl": LINES})
    with pytest.raises(Absent, match="has no revision nowhere"):
        fetch(place(revision="nowhere"), tmp_path)
    with pytest.raises(Absent, match=re.escape("no file fits split test; it has a.jsonl")):
        fetch(place(split="test"), tmp_path)
    hub.repos["team/data"].is_gated = True
    with pytest.raises(Terminal, match="asks for consent: accept its terms on the Hub and set HF_TOKEN"):
        fetch(place(revision="main"), tmp_path)


def test_a_name_that_no_dataset_can_have_is_the_users_to_correct(tmp_path):
    with pytest.raises(Terminal, match=r"team/a--b cannot be the name of a dataset \(.*\): correct `repo:`"):
        fetch(HubPlace(repo="team/a--b"), tmp_path)


def test_an_optional_source_may_be_absent(hub, tmp_path):
    assert find(Source(name="data", hub=place(), optional=True), tmp_path, tmp_path) == []


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_failing_hub_is_worth_another_try(hub, tmp_path, status):
    hub.commit("team/data", {"a.jsonl": LINES})
    hub.failures = [status]
    with pytest.raises(Transient, match=r"the Hub failed \(.*\): try again"):
        fetch(place(), tmp_path)
    assert len(fetch(place(), tmp_path)) == 1


def test_a_hub_that_nobody_answers_for_is_worth_another_try(monkeypatch, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(Transient, match="cannot be reached"):
            fetch(place(), tmp_path)


FILES = [
    ".gitattributes",
    "README.md",
    "data/.hidden.jsonl",
    "data/test-00000-of-00001.parquet",
    "data/train-00000-of-00002.parquet",
    "data/train-00001-of-00002.parquet",
    "harmless/dev.jsonl.gz",
    "harmless/train.jsonl.gz",
    "pictures/cat.png",
    "strain.csv",
]


@pytest.mark.parametrize(
    ("wish", "chosen"),
    [
        ({"split": "test"}, ["data/test-00000-of-00001.parquet"]),
        ({"split": "train"}, [*FILES[4:6], "harmless/train.jsonl.gz"]),
        ({"config": "harmless"}, ["harmless/dev.jsonl.gz", "harmless/train.jsonl.gz"]),
        ({"config": "harmless", "split": "validation"}, ["harmless/dev.jsonl.gz"]),
        ({"files": "data/*-00000-*"}, [FILES[3], FILES[4]]),
        ({"files": "**/*.gz"}, FILES[6:8]),
        ({}, [*FILES[3:8], "strain.csv"]),
    ],
)
def test_files_are_chosen_by_glob_or_by_the_names_of_config_and_split(wish, chosen):
    assert choose(Listing("c0ffee", FILES, []), place(**wish)) == chosen


CONFIGS = [
    {
        "config_name": "default",
        "data_files": [{"split": "train", "path": ["data/train-*"]}, {"split": "test", "path": "data/test-*"}],
    },
    {"config_name": "safe", "data_dir": "harmless", "data_files": "*.gz"},
    {"config_name": "all", "data_dir": "harmless"},
]


@pytest.mark.parametrize(
    ("wish", "chosen"),
    [
        ({}, FILES[3:6]),
        ({"split": "train"}, FILES[4:6]),
        ({"config": "safe"}, FILES[6:8]),
        ({"config": "all", "split": "train"}, FILES[7:8]),
    ],
)
def test_a_card_that_declares_configurations_is_followed(wish, chosen):
    assert choose(Listing("c0ffee", FILES, CONFIGS), place(**wish)) == chosen


def test_a_configuration_that_the_card_does_not_declare_is_refused():
    with pytest.raises(Absent, match="choose one of its configurations with `config:`: default, safe, all"):
        choose(Listing("c0ffee", FILES, CONFIGS), place(config="unsafe"))


def test_the_card_comes_over_the_wire(hub, tmp_path):
    card = b"---\nconfigs:\n- config_name: default\n  data_files:\n  - {split: train, path: x.jsonl}\n---\nwords"
    hub.commit("team/data", {"README.md": card, "x.jsonl": LINES, "y.jsonl": LINES})
    assert [name.rpartition("/")[2] for name, _ in fetch(place(), tmp_path)] == ["x.jsonl"]
