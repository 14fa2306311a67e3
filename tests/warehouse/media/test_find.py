"""References lead to bytes below their roots, and nowhere else."""

import io
import os
import tarfile
import zipfile

import pytest

from warehouse.home import Home
from warehouse.media.fetch import Guards, Unfetched
from warehouse.media.find import Sight, find_media
from warehouse.media.roots import find_roots
from warehouse.media.shelf import BlobShelf, blob_place

CAT = b"\x89PNG\r\n\x1a\ncat"
SECRET = b"\x89PNG\r\n\x1a\nsecret"
MOST = 1_000


@pytest.fixture
def home(tmp_path):
    return Home.at(tmp_path / "home")


@pytest.fixture
def root(tmp_path):
    """A root with one picture, beside it a file that must never be read."""
    (tmp_path / "root/deep").mkdir(parents=True)
    (tmp_path / "root/deep/cat.png").write_bytes(CAT)
    (tmp_path / "secret.png").write_bytes(SECRET)
    return tmp_path / "root"


def search(home, said, *references, known=lambda sight: None, most=MOST, guards=None):
    roots = find_roots([str(said)] if not isinstance(said, list) else said, home.path.parent)
    return find_media(references, roots, BlobShelf(home), most, known, guards)


def kept(home):
    return {place.read_bytes() for place in home.media.glob("*/*")}


def test_a_picture_below_the_root_is_kept(home, root):
    seen = search(home, root, "deep/cat.png", "./deep/cat.png", "deep/./cat.png")
    assert len({each.found for each in seen.values()}) == 1
    (found,) = {each.found for each in seen.values()}
    assert (found.bytes, found.modality, found.error) == (len(CAT), "image", None)
    assert blob_place(home, found.sha256).read_bytes() == CAT


HOSTILE = [
    "../secret.png", "deep/../../secret.png", "./../secret.png", "deep/cat.png/../../../secret.png", "..", "../", "....//secret.png/..",
    "/etc/passwd", "//etc/passwd", "/dev/zero", "\\\\server\\share\\cat.png", "..\\secret.png", "C:\\secret.png", "deep\\cat.png",
    "file:///etc/passwd", "file://deep/cat.png", "http://169.254.169.254/latest", "https://example.org/cat.png", "ftp://x/y",
    "deep/cat.png\0.jpg", "\0", "deep/\0/cat.png", "／etc／passwd", "．．／secret.png", "․․/secret.png", "%2e%2e/secret.png",
    "deep", "deep/", ".", "", " ", "~/secret.png", "$HOME/secret.png", "link.png", "links/secret.png", "chain.png", "pipe", "socket",
    "a" * 300, "a/" * 3_000 + "b", "deep/cat.png/x", "\udcff.png", "con", "nul",
]  # fmt: skip


@pytest.mark.parametrize("reference", HOSTILE)
def test_nothing_outside_the_root_is_read(home, root, reference):
    (root / "link.png").symlink_to(root.parent / "secret.png")
    (root / "links").symlink_to(root.parent)
    (root / "chain.png").symlink_to(root / "link.png")
    os.mkfifo(root / "pipe")
    seen = search(home, root, reference)
    assert seen[reference].found.sha256 is None
    assert seen[reference].found.error
    assert kept(home) == set()


def test_a_link_that_stays_below_the_root_is_followed(home, root):
    (root / "same.png").symlink_to(root / "deep/cat.png")
    assert search(home, root, "same.png")["same.png"].found.error is None


def test_what_is_too_large_is_named_and_not_kept(home, root):
    (root / "large.png").write_bytes(CAT + bytes(MOST))
    error = search(home, root, "large.png")["large.png"].found.error
    assert "too large" in error
    assert f"{MOST:,}" in error
    assert kept(home) == set()


def test_roots_are_tried_in_their_order(home, root):
    (root.parent / "other/deep").mkdir(parents=True)
    (root.parent / "other/deep/cat.png").write_bytes(SECRET)
    (root.parent / "other/dog.png").write_bytes(b"\xff\xd8\xffdog")
    seen = search(home, [str(root), str(root.parent / "other")], "deep/cat.png", "dog.png", "bird.png")
    assert blob_place(home, seen["deep/cat.png"].found.sha256).read_bytes() == CAT
    assert seen["dog.png"].found.modality == "image"
    assert "not found" in seen["bird.png"].found.error


def test_what_looks_as_before_is_not_read_again(home, root):
    first = search(home, root, "deep/cat.png")["deep/cat.png"]
    (root / "deep/cat.png").write_bytes(CAT[::-1])  # nobody will see it
    sights = []

    def known(sight):
        sights.append(sight)
        return first.found

    assert search(home, root, "deep/cat.png", known=known)["deep/cat.png"].found == first.found
    assert isinstance(sights[0], Sight)


def pack(place, members, kind="tar"):
    if kind == "zip":
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in members.items():
                archive.writestr(name, data)
        return
    with tarfile.open(place, "w:gz" if place.name.endswith("gz") else "w") as archive:
        for name, data in members.items():
            about = tarfile.TarInfo(name)
            if isinstance(data, bytes):
                about.size = len(data)
                archive.addfile(about, io.BytesIO(data))
            else:
                about.type, about.linkname = data
                archive.addfile(about)


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_members_of_an_archive_are_found_by_their_names(home, tmp_path, name):
    pack(tmp_path / name, {"./deep/cat.png": CAT, "other.png": SECRET}, name.rpartition(".")[2])
    seen = search(home, tmp_path / name, "deep/cat.png", "./deep/cat.png", "dog.png")
    assert seen["deep/cat.png"].found == seen["./deep/cat.png"].found
    assert kept(home) == {CAT}
    assert "not found" in seen["dog.png"].found.error


def test_links_and_devices_in_an_archive_lead_nowhere(home, tmp_path, root):
    members = {
        "link.png": (tarfile.SYMTYPE, "/etc/passwd"), "hard.png": (tarfile.LNKTYPE, "../secret.png"),
        "device.png": (tarfile.CHRTYPE, ""), "pipe.png": (tarfile.FIFOTYPE, ""), "../secret.png": SECRET,
    }  # fmt: skip
    pack(tmp_path / "a.tar", members)
    seen = search(home, tmp_path / "a.tar", *members)
    assert all(each.found.error for each in seen.values())
    assert kept(home) == set()


@pytest.mark.parametrize("name", ["a.tar.gz", "a.zip"])
def test_a_member_that_grows_beyond_the_limit_is_not_kept(home, tmp_path, name):
    pack(tmp_path / name, {"bomb.png": bytes(50 << 20), "cat.png": CAT}, name.rpartition(".")[2])
    seen = search(home, tmp_path / name, "bomb.png", "cat.png")
    assert "too large" in seen["bomb.png"].found.error
    assert seen["cat.png"].found.error is None
    assert kept(home) == {CAT}


@pytest.mark.parametrize("name", ["a.tar", "a.tar.gz", "a.zip"])
def test_a_torn_archive_costs_what_comes_after_the_tear(home, tmp_path, name):
    first, last = b"\x89PNG\r\n\x1a\n" + os.urandom(500), os.urandom(900)
    pack(tmp_path / name, {"first.png": first, "last.png": last}, name.rpartition(".")[2])
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: 1024 if name == "a.tar" else len(whole) * 3 // 4])
    seen = search(home, tmp_path / name, "first.png", "last.png")
    assert seen["last.png"].found.error
    assert kept(home) <= {first}


def test_addresses_are_fetched_only_if_that_is_allowed_and_only_once(home, root, monkeypatch):
    asked = []

    def fetch(url, guards):
        asked.append(url)
        if "bad" in url:
            raise Unfetched("the server answers 404")
        return CAT

    monkeypatch.setattr("warehouse.media.find.fetch", fetch)
    urls = ["https://example.org/cat.png", "http://example.org/bad.png", "ftp://example.org/cat.png"]
    assert all("sha256" not in each.found.error for each in search(home, root, *urls).values())
    assert asked == []
    seen = search(home, root, *urls, guards=Guards(MOST))
    assert sorted(asked) == sorted(urls[:2])
    assert blob_place(home, seen[urls[0]].found.sha256).read_bytes() == CAT
    assert "404" in seen[urls[1]].found.error
    assert seen[urls[2]].found.sha256 is None
    known = {seen[urls[0]].sight: seen[urls[0]].found}
    again = search(home, root, urls[0], known=known.get, guards=Guards(MOST))
    assert again[urls[0]] == seen[urls[0]]
    assert len(asked) == 2
