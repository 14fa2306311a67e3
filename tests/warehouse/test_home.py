from __future__ import annotations

import threading

import pytest

from schemas.errors import Terminal
from warehouse.home import FORMAT, Home


def test_a_home_is_made_once_and_found_again(tmp_path):
    made = Home.at(tmp_path / "new" / "home")
    assert made == Home.at(tmp_path / "new" / "home", create=False)
    assert (made.path / "format").read_text() == f"{FORMAT}\n"
    assert all(folder.is_dir() for folder in (made.tables, made.media, made.work, made.runs, made.prefect, made.hub))


def test_where_there_is_none_and_none_may_be_made(tmp_path):
    with pytest.raises(Terminal, match="no winnow home"):
        Home.at(tmp_path / "home", create=False)
    assert not (tmp_path / "home").exists()


def test_a_newer_format_is_refused(home):
    (home.path / "format").write_text(f"{FORMAT + 1}\n")
    with pytest.raises(Terminal, match=f"format {FORMAT + 1}.*upgrade"):
        Home.at(home.path)


def test_a_damaged_format_is_refused(home):
    (home.path / "format").write_text("one")
    with pytest.raises(Terminal, match="should hold a number"):
        Home.at(home.path)


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(Terminal, match=r"holds other things \(thesis.tex\)"):
        Home.at(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_half_made_home_is_finished(tmp_path):
    (tmp_path / "home" / "tables").mkdir(parents=True)
    assert Home.at(tmp_path / "home").work.is_dir()


@pytest.mark.parametrize("name", ["50%", "back\\slash", "new\nline"])
def test_names_that_delta_cannot_use_are_refused_at_once(tmp_path, name):
    with pytest.raises(Terminal, match="cannot be a home"):
        Home.at(tmp_path / name)


def test_the_pseudonym_key_stays_the_same(home, monkeypatch):
    monkeypatch.delenv("WINNOW_PSEUDONYM_KEY", raising=False)
    first = home.pseudonym_key()
    assert len(first) == 64
    assert Home.at(home.path).pseudonym_key() == first
    assert (home.path / "pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_the_environment_gives_the_pseudonym_key(home, monkeypatch):
    monkeypatch.setenv("WINNOW_PSEUDONYM_KEY", "ours")
    assert home.pseudonym_key() == b"ours"
    assert not (home.path / "pseudonym.key").exists()


def test_all_who_ask_first_get_one_pseudonym_key(home, monkeypatch):
    monkeypatch.delenv("WINNOW_PSEUDONYM_KEY", raising=False)
    keys = []
    threads = [threading.Thread(target=lambda: keys.append(home.pseudonym_key())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
