"""A small fake Hub on the loopback interface: datasets with commits, read as `huggingface_hub` reads them.

Use it as a context manager and give its `endpoint` to the client:

    with Hub() as hub:
        commit = hub.commit("team/data", {"train.jsonl": b"..."})
        HfApi(endpoint=hub.endpoint)

What it answers is a list of routes; a new call is a new line in `ROUTES` and a method on `_Answer`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

ROUTES = [
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)", "info"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/revision/(?P<revision>[^/]+)", "info"),
    ("GET", r"/api/datasets/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(?:/(?P<folder>.+))?", "tree"),
    ("HEAD", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("GET", r"/datasets/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("HEAD", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
    ("GET", r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<file>.+)", "file"),
]


@dataclass
class Repo:
    """A dataset: its commits by name, and where its branches stand."""

    commits: dict[str, dict[str, bytes]] = field(default_factory=dict)
    branches: dict[str, str] = field(default_factory=dict)
    is_gated: bool = False

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
    """The fake. `requests` remembers what was asked; each of `failures` is the status of one coming answer."""

    def __init__(self) -> None:
        self.repos: dict[str, Repo] = {}
        self.requests: list[tuple[str, str]] = []
        self.failures: list[int] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Bound", (_Answer,), {"hub": self}))
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Hub:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def commit(self, name: str, files: dict[str, bytes], branch: str = "main") -> str:
        """Let a branch of `name` hold exactly `files`; return the commit's name."""
        repo = self.repos.setdefault(name, Repo())
        said = repr((name, len(repo.commits), sorted(files.items())))
        commit = hashlib.sha1(said.encode()).hexdigest()
        repo.commits[commit] = dict(files)
        repo.branches[branch] = commit
        return commit


class _Answer(BaseHTTPRequestHandler):
    hub: Hub
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        """Be quiet."""

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.hub.requests.append((self.command, path))
        try:
            self._route(path)
        except Refused as refused:
            self._send(refused.status, b"{}", {"X-Error-Code": refused.code} if refused.code else {})

    def _route(self, path: str) -> None:
        if self.hub.failures:
            raise Refused(self.hub.failures.pop(0))
        for method, pattern, name in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == self.command:
                getattr(self, name)(**{key: part for key, part in found.groupdict().items() if part})
                return
        raise Refused(404)

    def info(self, repo: str, revision: str = "main") -> None:
        commit, files = self._files(repo, revision)
        readme = files.get("README.md", b"").decode()
        front = readme.split("---")[1] if readme.startswith("---") else "{}"
        siblings = [{"rfilename": name} for name in sorted(files)]
        self._json({"id": repo, "sha": commit, "cardData": yaml.safe_load(front), "siblings": siblings})

    def tree(self, repo: str, revision: str, folder: str = "") -> None:
        _, files = self._files(repo, revision)
        below = {name: data for name, data in files.items() if name.startswith(f"{folder}/" if folder else "")}
        if folder and not below:
            raise Refused(404, "EntryNotFound")
        folders = sorted({name.rpartition("/")[0] for name in below if "/" in name})
        entries: list[dict[str, Any]] = [{"type": "directory", "path": name, "oid": "0" * 40} for name in folders]
        entries += [
            {"type": "file", "path": name, "size": len(data), "oid": hashlib.sha1(data).hexdigest()}
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
        found = repo.at(revision)
        if found is None:
            raise Refused(404, "RevisionNotFound")
        return found

    def _json(self, value: Any) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
