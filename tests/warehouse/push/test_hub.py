"""Publishing to the Hub is all or nothing, whatever fails and whenever; the client is the real one."""

import pytest

from schemas.errors import Terminal, Transient
from schemas.plan.push import Push
from tests.loopback.client import connected
from tests.loopback.hub import Refused
from warehouse.push.hub import commit_folder

REPO = "team/data"
OLD = {
    "README.md": b"old card",
    "winnow.json": b"{}",
    "data/overall/train-00000-of-00002.parquet": b"one",
    "data/overall/train-00001-of-00002.parquet": b"two",
    "data/overall/test-00000-of-00001.parquet": b"stays",
}
NEW = {
    "README.md": b"new card",
    "winnow.json": b'{"new": 1}',
    "data/overall/train-00000-of-00001.parquet": b"three",
    "data/overall/test-00000-of-00001.parquet": b"stays",
    "data/safety/train-00000-of-00001.parquet": b"four",
}


@pytest.fixture
def hub(monkeypatch):
    with connected(monkeypatch) as fake:
        yield fake


def lay(folder, files):
    for name, data in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return folder


@pytest.fixture
def new(tmp_path):
    return lay(tmp_path / "new", NEW)


def commit(folder, **more):
    return commit_folder(folder, Push(repo=REPO, **more), "Snapshot 2", "words")


def seen(hub, branch="main"):
    """What readers of a branch see, without the Hub's own file; nothing if there is no dataset."""
    if REPO not in hub.repos:
        return {}
    return {name: data for name, data in hub.repos[REPO].at(branch)[1].items() if name != ".gitattributes"}


def commits(hub):
    """How many commits hold a card; a new dataset begins with one that does not."""
    repo = hub.repos.get(REPO)
    return sum("README.md" in files for files in repo.commits.values()) if repo else 0


def test_a_dataset_is_made_and_holds_exactly_the_folder(hub, new):
    pushed = commit(new)
    assert seen(hub) == NEW
    assert (pushed.is_new, pushed.added, pushed.deleted) == (True, 5, 0)
    assert pushed.commit == hub.repos[REPO].branches["main"]
    assert not hub.repos[REPO].is_private


def test_the_same_again_adds_no_commit_and_sends_nothing(hub, new):
    first = commit(new)
    hub.requests.clear()
    again = commit(new)
    assert (again.commit, again.is_new, commits(hub)) == (first.commit, False, 1)
    assert {method for method, _ in hub.requests} == {"GET"}


def test_what_is_stale_goes_in_the_same_commit_and_what_is_there_is_not_sent(hub, new):
    hub.commit(REPO, OLD | {".gitattributes": b"*"})
    pushed = commit(new)
    assert seen(hub) == NEW
    assert hub.repos[REPO].at("main")[1][".gitattributes"] == b"*"
    assert (pushed.added, pushed.deleted, commits(hub)) == (4, 2, 2)
    assert sum(method == "PUT" for method, _ in hub.requests) == 2


@pytest.mark.parametrize("how", ["refuse", "drop", "lose"])
@pytest.mark.parametrize("before", [{}, OLD], ids=["absent", "older"])
def test_readers_see_old_or_new_wherever_it_fails_and_a_rerun_adds_one_commit(hub, new, before, how):
    finished = False
    for at in range(40):
        hub.repos.clear()
        hub.objects.clear()
        if before:
            hub.commit(REPO, before)
        hub.break_down(at, how)
        try:
            commit(new)
            finished = True
        except Transient:
            pass
        assert seen(hub) in (before, NEW), at
        hub.break_down(None)
        commit(new)
        assert seen(hub) == NEW
        assert commits(hub) == (2 if before else 1), at
        if finished:
            break
    assert finished
    assert at > (6 if before else 8)


def test_a_branch_that_moved_meanwhile_is_left_alone(hub, new):
    hub.commit(REPO, OLD)
    theirs = OLD | {"README.md": b"their card"}
    hub.meanwhile = lambda: hub.commit(REPO, theirs)
    with pytest.raises(Transient, match=r"main of team/data has moved while .* nothing was changed: push again"):
        commit(new)
    assert seen(hub) == theirs
    commit(new)
    assert (seen(hub), commits(hub)) == (NEW, 3)


def test_another_branch_is_made_and_main_stays(hub, new):
    hub.commit(REPO, OLD)
    commit(new, branch="draft")
    assert (seen(hub), seen(hub, "draft")) == (OLD, NEW)
    del hub.repos[REPO]
    commit(new, branch="draft")
    assert (seen(hub), seen(hub, "draft")) == ({}, NEW)


def test_private_datasets_are_made_private_and_public_ones_refused(hub, new):
    commit(new, private=True)
    assert hub.repos[REPO].is_private
    assert not commit(new, private=True).is_new
    hub.repos[REPO].is_private = False
    with pytest.raises(Terminal, match="team/data is public already, and private was asked for"):
        commit(lay(new, {"README.md": b"secret"}), private=True)
    with pytest.raises(Terminal, match="is public already"):
        commit(new, private=True, branch="draft")
    assert seen(hub) == NEW
    assert "draft" not in hub.repos[REPO].branches


@pytest.mark.parametrize("theirs", [{"notes.txt": b"mine"}, {"README.md": b"mine"}, OLD | {"data/x.parquet": b"mine"}])
def test_files_that_no_push_wrote_are_not_deleted_unless_it_is_said(hub, new, theirs):
    hub.commit(REPO, theirs)
    with pytest.raises(Terminal, match=r"holds other things than a push \((notes.txt|README.md|data/x.parquet)\)"):
        commit(new)
    assert seen(hub) == theirs
    commit(new, replace=True)
    assert seen(hub) == NEW


def test_without_a_token_nobody_is_asked(hub, new, monkeypatch, tmp_path):
    monkeypatch.delenv("HF_TOKEN")
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "none"))
    with pytest.raises(Terminal, match="needs a token that may write: set HF_TOKEN"):
        commit(new)
    assert hub.requests == []


def test_a_wrong_token_is_told(hub, new, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    with pytest.raises(Terminal, match="the Hub does not accept the token: set HF_TOKEN to one that may write"):
        commit(new)
    assert hub.repos == {}


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (403, Terminal, "the token may not write to team/data"),
        (402, Terminal, "asks for payment"),
        (409, Transient, "another commit to team/data is under way"),
        (422, Terminal, "the Hub refuses the push to team/data"),
    ],
)
def test_refusals_say_what_to_do(hub, new, status, kind, message):
    hub.commit(REPO, OLD)

    def refuse():
        raise Refused(status)

    hub.meanwhile = refuse
    with pytest.raises(kind, match=message):
        commit(new)
    assert seen(hub) == OLD


def test_a_hub_without_xet_is_told(hub, new, monkeypatch):
    pytest.importorskip("hf_xet", reason="The client's Xet storage is not installed")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", False)
    with pytest.raises(Terminal, match="has no Xet storage for team/data: set HF_HUB_DISABLE_XET=1"):
        commit(new)
    assert seen(hub) == {}


def test_a_name_that_no_dataset_can_have_is_told(hub, new):
    with pytest.raises(Terminal, match="team/a--b cannot be the name of a dataset"):
        commit_folder(new, Push(repo="team/a--b"), "x", "y")
