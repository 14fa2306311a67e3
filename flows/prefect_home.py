"""Where Prefect keeps its things when nobody runs a server: inside the home, quietly, and gone with the run.

Nothing here imports Prefect: its settings are read once, at its first import.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from schemas.errors import Terminal

_SERVER = "prefect.server.api.server:create_app"


def settle(home: Path) -> None:
    """Point Prefect at the home's own folder, unless `PREFECT_API_URL` names a server, and keep its log short."""
    # What goes wrong is said once, by the command line; Prefect would add a traceback of its own.
    os.environ.setdefault("PREFECT_LOGGING_LEVEL", "CRITICAL")
    if os.environ.get("PREFECT_API_URL"):
        return
    os.environ.update(
        {
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_PROFILES_PATH": str(home / "prefect" / "profiles.toml"),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            # A busy machine takes longer than the 20 s that Prefect grants its own server.
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "180",
            "DO_NOT_TRACK": "1",
        }
    )


@contextmanager
def reaching_the_server() -> Iterator[None]:
    """Raise Terminal instead of Prefect's RuntimeError if no server answers where `PREFECT_API_URL` says."""
    try:
        yield
    except RuntimeError as error:
        import httpx  # Prefect has loaded it by now; a run with nothing new does without both

        url = os.environ.get("PREFECT_API_URL")
        # Prefect wraps whatever its client met on the way.
        if url is None or not isinstance(error.__cause__, httpx.TransportError):
            raise
        raise Terminal(
            f"no Prefect server answers at {url}: start it, correct PREFECT_API_URL, or unset it; "
            "without it winnow runs a server of its own"
        ) from error


def end_left_behind_servers(home: Path) -> list[int]:
    """End the temporary servers of runs that were killed; return their process ids. Call it with the lock held.

    Prefect starts such a server as a child of the run and cannot end it when the run itself is killed.
    """
    ended = []
    for process in psutil.process_iter(["cmdline"]):
        if _SERVER in (process.info["cmdline"] or []) and _belongs_to(process, home):
            _end(process)
            ended.append(process.pid)
    return ended


def _belongs_to(process: psutil.Process, home: Path) -> bool:
    try:
        return process.environ().get("PREFECT_HOME") == str(home / "prefect")
    except psutil.Error:
        return False


def _end(process: psutil.Process) -> None:
    try:
        process.terminate()
        process.wait(timeout=5)
    except psutil.TimeoutExpired:
        process.kill()
    except psutil.NoSuchProcess:
        return
