"""A small fake Hub on the loopback interface: datasets with commits, read and written as `huggingface_hub` does it.

Use it as a context manager and give its `endpoint` to the client:

    with Hub() as hub:
        commit = hub.commit("team/data", {"train.jsonl": b"..."})
        HfApi(endpoint=hub.endpoint)

It can be told to fail from the k-th request on, before it does what it is asked (`refuse`, `drop`) or after (`lose`):

    hub.break_down(3, "lose")

What it answers is a list of routes; a new call is a new line in `ROUTES` and a method on `_Answer`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

ROUTES = [
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)", "info"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)", "info"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?", "tree"),
    ("GET", r"/api/models/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)", "info"),
    ("GET", r"/api/models/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?", "tree"),
    ("HEAD", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("GET", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("HEAD", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("GET", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("POST", r"/api/repos/create", "create"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/branch/(?P<branch>.+)", "branch"),
    ("POST", r"/api/validate-yaml", "validate"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/preupload/(?P<revision>[^/]+)", "preupload"),
    ("POST", r"/datasets/(?P<repo>[^/]+/[^/]+)\.git/info/lfs/objects/batch", "batch"),
    ("PUT", r"/store/(?P<oid>[0-9a-f]{64})", "store"),
    ("POST", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/commit/(?P<revision>[^/]+)", "take_commit"),
]
TOKEN = "hf_loopback"


@dataclass
class Repo:
    """A dataset: its commits by name, and where its branches stand."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    is_gated: bool = False
    is_private: bool = False

    def at(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """Return the name and the files of a commit or branch."""
        commit = self.branches.get(revision, revision)
        return (commit, self.commits[commit]) if commit in self.commits else None


class Refused(Exception):
    """Raised inside an answer: a status, and the code that the client looks for."""

    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(status, code)
        self.status, self.code = status, code


class Hub:
    """The fake. `requests` remembers what was asked; each of `failures` is the status of one coming answer.

    Writers need `TOKEN`. `meanwhile` is called once, before the next commit is taken, which may be refused by it.
    """

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[tuple[str, str]] = []
        self.failures: list[int] = []
        self.objects: dict[str, bytes] = {}
        self.meanwhile: Callable[[], object] | None = None
        self.turn = threading.Lock()
        self._left: int | None = None
        self._how = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Bound", (_Answer,), {"hub": self}))
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def break_down(self, at: int | None, how: str = "refuse") -> None:
        """Fail from the `at`-th coming request on, counted from 0; recover if that is nothing."""
        self._left, self._how = at, how

    def failure(self) -> str:
        """How the request that is here now fails; empty if it does not."""
        with self.turn:
            if self._left is None or self._left > 0:
                self._left = None if self._left is None else self._left - 1
                return ""
            return self._how

    def commit(self, name: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Let a branch of `name` hold exactly `files`; return the commit's name."""
        repo = self.repos.setdefault(name, Repo())
        said = repr((name, len(repo.commits), sorted(files.items())))
        commit = hashlib.sha1(said.encode()).hexdigest()
        repo.commits[commit] = dict(files)
        repo.branches[branch] = commit
        return commit


def blob_name(data: bytes) -> str:
    """How git names a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def _mode(path: str) -> str:
    return "lfs" if path.endswith(".parquet") else "regular"


def _large(path: str, data: bytes) -> dict[str, Any]:
    """What a listing says of large files besides: git itself holds a pointer only."""
    if _mode(path) == "regular":
        return {}
    return {"lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}}


class _Answer(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def do_PUT(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        body = self._body()
        how = self.hub.failure()
        self._is_lost = how == "lose"
        if how == "drop":
            self.close_connection = True
            return
        try:
            self._route(path, body, is_refused=how == "refuse")
        except Refused as refused:
            self._send(refused.status, b"{}", {"X-Error-Code": refused.code} if refused.code else {})

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _route(self, path: str, body: bytes, *, is_refused: bool) -> None:
        if is_refused:
            raise Refused(503)
        if self.hub.failures:
            raise Refused(self.hub.failures.pop(0))
        if self.command == "POST" and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(401)
        for method, pattern, name in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                said = {key: part for key, part in found.groupdict().items() if part}
                if self.command in ("POST", "PUT"):
                    said["body"] = body
                with self.hub.turn:
                    getattr(self, name)(**said)
                return
        raise Refused(404)

    def info(self, repo: str, revision: str = "main") -> None:
        commit, files = self._files(repo, revision)
        readme = files.get("README.md", b"").decode()
        front = readme.split("---")[1] if readme.startswith("---") else "{}"
        siblings = [{"rfilename": name} for name in sorted(files)]
        is_private = self.hub.repos[repo].is_private
        card = yaml.safe_load(front)
        self._json({"id": repo, "sha": commit, "private": is_private, "cardData": card, "siblings": siblings})

    def tree(self, repo: str, revision: str, folder: str = "") -> None:
        _, files = self._files(repo, revision)
        below = {name: data for name, data in files.items() if name.startswith(f"{folder}/" if folder else "")}
        if folder and not below:
            raise Refused(404, "EntryNotFound")
        folders = sorted({name.rpartition("/")[0] for name in below if "/" in name})
        entries: list[dict[str, Any]] = [{"type": "directory", "path": name, "oid": "0" * 40} for name in folders]
        entries += [
            {"type": "file", "path": name, "size": len(data), "oid": blob_name(data), **_large(name, data)}
            for name, data in sorted(below.items())
        ]
        self._json(entries)

    def file(self, repo: str, revision: str, file: str) -> None:
        commit, files = self._files(repo, revision)
        if file not in files:
            raise Refused(404, "EntryNotFound")
        data, headers = files[file], {"ETag": f'"{hashlib.sha1(files[file]).hexdigest()}"', "X-Repo-Commit": commit}
        part = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if part is None:
            self._send(200, data, headers)
            return
        first, last = int(part[1]), int(part[2] or len(data) - 1)
        self._send(206, data[first : last + 1], {**headers, "Content-Range": f"bytes {first}-{last}/{len(data)}"})

    def _files(self, name: str, revision: str) -> tuple[str, dict[str, bytes]]:
        repo = self.hub.repos.get(name)
        if repo is None:
            raise Refused(404, "RepoNotFound")
        if repo.is_gated:
            raise Refused(403, "GatedRepo")
        if repo.is_private and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refused(404, "RepoNotFound")
        found = repo.at(revision)
        if found is None:
            raise Refused(404, "RevisionNotFound")
        return found

    def create(self, body: bytes) -> None:
        asked = json.loads(body)
        name = f"{asked['organization']}/{asked['name']}"
        if name in self.hub.repos:
            raise Refused(409)
        self.hub.commit(name, {".gitattributes": b"*.parquet filter=lfs diff=lfs merge=lfs -text\n"})
        self.hub.repos[name].is_private = asked.get("visibility") == "private"
        self._json({"url": f"{self.hub.endpoint}/datasets/{name}", "id": name, "name": name})

    def branch(self, repo: str, branch: str, body: bytes) -> None:
        commit, _ = self._files(repo, "main")
        self.hub.repos[repo].branches.setdefault(branch, commit)
        self._json({})

    def validate(self, body: bytes) -> None:
        said = json.loads(body)
        assert said["repoType"] == "dataset"
        self._json({"errors": [], "warnings": []})

    def preupload(self, repo: str, revision: str, body: bytes) -> None:
        self._files(repo, revision)
        self._json(
            {
                "files": [
                    {"path": file["path"], "uploadMode": _mode(file["path"]), "shouldIgnore": False}
                    for file in json.loads(body)["files"]
                ]
            }
        )

    def batch(self, repo: str, body: bytes) -> None:
        asked = json.loads(body)["objects"]
        upload = [{"upload": {"href": f"{self.hub.endpoint}/store/{each['oid']}"}} for each in asked]
        self._json(
            {
                "transfer": "basic",
                "objects": [
                    each | ({} if each["oid"] in self.hub.objects else {"actions": action})
                    for each, action in zip(asked, upload, strict=True)
                ],
            }
        )

    def store(self, oid: str, body: bytes) -> None:
        if hashlib.sha256(body).hexdigest() != oid:
            raise Refused(422)
        self.hub.objects[oid] = body
        self._json({})

    def take_commit(self, repo: str, revision: str, body: bytes) -> None:
        if self.hub.meanwhile is not None:
            self.hub.meanwhile()
            self.hub.meanwhile = None
        header, *operations = [json.loads(line) for line in body.splitlines()]
        head, there = self._files(repo, revision)
        if header["value"].get("parentCommit", head) != head:
            raise Refused(412)
        files = dict(there)
        for operation in operations:
            value = operation["value"]
            if operation["key"] == "deletedFile":
                del files[value["path"]]
            elif operation["key"] == "lfsFile":
                if value["oid"] not in self.hub.objects:
                    raise Refused(400)
                files[value["path"]] = self.hub.objects[value["oid"]]
            else:
                files[value["path"]] = base64.b64decode(value["content"])
        commit = self.hub.commit(repo, files, revision)
        self._json(
            {"success": True, "commitOid": commit, "commitUrl": f"{self.hub.endpoint}/datasets/{repo}/commit/{commit}"}
        )

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        if self._is_lost:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
