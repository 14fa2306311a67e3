"""A dataset of the Hugging Face Hub made to hold exactly the files of a folder, by one commit or none.

A commit names its parent, so it fails if the branch has moved. Files that are there already are told by their digests
and not sent again; a push whose answer was lost therefore adds nothing when it is repeated.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, get_token
from huggingface_hub.errors import RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import DatasetInfo, RepoFile
from huggingface_hub.utils import disable_progress_bars  # type: ignore[attr-defined]

from schemas.errors import Terminal, Transient
from schemas.plan.push import Push
from warehouse.push.manifest import CARD, MANIFEST
from warehouse.push.refusals import EXPECTED, explain

# The Hub's own file, by which it knows large files.
_HUBS_OWN = ".gitattributes"
_DATA = re.compile(r"data/[^/]+/[^/]+-\d{5}-of-\d{5}\.parquet")


class Pushed(NamedTuple):
    """Where a push ended: the commit that holds it, whether that is a new one, and how many files it changed."""

    url: str
    commit: str
    is_new: bool
    added: int
    deleted: int


def commit_folder(folder: Path, wanted: Push, message: str, description: str) -> Pushed:
    """Make a branch of a dataset hold exactly the files in `folder`; the dataset and the branch are made if absent.

    Raises Terminal if asking again cannot help, Transient if it may; both say what. In either case the branch is as it
    was, or, if only the answer was lost, as it should be.
    """
    if get_token() is None:
        raise Terminal(f"pushing to {wanted.repo} needs a token that may write: set HF_TOKEN")
    if not sys.stderr.isatty():
        disable_progress_bars()
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"), library_name="winnow")
    with _explained(wanted):
        head = _head(api, wanted)
        there = _files(api, wanted, head)
        _refuse_strangers(there, wanted)
        ours = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        new = {name: path for name, path in sorted(ours.items()) if not _is_there(path, there.get(name))}
        gone = sorted(there.keys() - ours.keys() - {_HUBS_OWN})
        url = f"{api.endpoint}/datasets/{wanted.repo}"
        if not new and not gone:
            return Pushed(url, head, is_new=False, added=0, deleted=0)
        made = api.create_commit(
            wanted.repo,
            [
                *[CommitOperationAdd(name, path) for name, path in new.items()],
                *[CommitOperationDelete(name, is_folder=False) for name in gone],
            ],
            commit_message=message,
            commit_description=description,
            repo_type="dataset",
            revision=wanted.branch,
            parent_commit=head,
        )
    return Pushed(url, made.oid, is_new=True, added=len(new), deleted=len(gone))


def _head(api: HfApi, wanted: Push) -> str:
    """Return the commit that the branch is at. Makes the dataset, and the branch, if there is none."""
    try:
        info = api.dataset_info(wanted.repo, revision=wanted.branch)
    except RevisionNotFoundError:
        _refuse_public(api.dataset_info(wanted.repo), wanted)
        api.create_branch(wanted.repo, branch=wanted.branch, repo_type="dataset", exist_ok=True)
        info = api.dataset_info(wanted.repo, revision=wanted.branch)
    except RepositoryNotFoundError:
        api.create_repo(wanted.repo, repo_type="dataset", private=wanted.private, exist_ok=True)
        if wanted.branch != "main":
            api.create_branch(wanted.repo, branch=wanted.branch, repo_type="dataset", exist_ok=True)
        info = api.dataset_info(wanted.repo, revision=wanted.branch)
    _refuse_public(info, wanted)
    if info.sha is None:
        raise Transient(f"the Hub does not say which commit {wanted.repo} is at: push again")
    return info.sha


def _refuse_public(info: DatasetInfo, wanted: Push) -> None:
    if wanted.private and not info.private:
        raise Terminal(
            f"{wanted.repo} is public already, and private was asked for: make it private in its settings on the Hub, "
            "or push to another one"
        )


def _files(api: HfApi, wanted: Push, commit: str) -> dict[str, RepoFile]:
    tree = api.list_repo_tree(wanted.repo, revision=commit, repo_type="dataset", recursive=True)
    return {entry.path: entry for entry in tree if isinstance(entry, RepoFile)}


def _refuse_strangers(there: dict[str, RepoFile], wanted: Push) -> None:
    """Raise Terminal if files would be lost that no push has written."""
    if wanted.replace:
        return
    is_ours = MANIFEST in there
    known = {_HUBS_OWN, *([MANIFEST, CARD] if is_ours else [])}
    strangers = sorted(name for name in there if name not in known and not (is_ours and _DATA.fullmatch(name)))
    if strangers:
        raise Terminal(
            f"{wanted.repo} holds other things than a push ({', '.join(strangers[:3])}): push to another dataset or "
            "branch, or say --replace to delete them"
        )


def _is_there(path: Path, there: RepoFile | None) -> bool:
    if there is None or there.size != path.stat().st_size:
        return False
    if there.lfs is not None:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == there.lfs.sha256
    data = path.read_bytes()
    # How git names a blob.
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == there.blob_id


@contextmanager
def _explained(wanted: Push) -> Iterator[None]:
    """Turn the client's errors into ours."""
    try:
        yield
    except EXPECTED as error:
        raise explain(error, wanted) from error
