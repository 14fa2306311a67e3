"""A Prefect server and a worker for one machine: `make up` starts them, `make down` ends them.

    python -m flows.deployed.service up --home .winnow --port 4200

Both live in the home's folder `prefect/service`: Prefect's database, the logs, and a note of each process.
Nothing here imports Prefect, whose settings would then be those of the person at the keyboard.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Annotated, Any

import psutil
import typer

from flows.cli import HOME, HomeOption, polite
from flows.progress import waiting
from schemas.errors import Terminal
from warehouse.disk import write_bytes
from warehouse.home import Home

HOST = "127.0.0.1"
POOL = "winnow"
PATIENCE = 180.0
GRACE = 15.0
# What a person sets goes first.
SETTINGS = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    # A server on the same machine can be asked often.
    "PREFECT_WORKER_QUERY_SECONDS": "2",
    # The interface would look for the server at port 4200, wherever it is.
    "PREFECT_UI_API_URL": "/api",
    # What winnow warns of is shown in the interface, too.
    "PREFECT_LOGGING_EXTRA_LOGGERS": "winnow,warehouse",
}

app = typer.Typer(help="Start and end a Prefect server and a worker for this home.", add_completion=False)


@dataclass(frozen=True)
class Service:
    """A process that goes on after the command that started it, known by a note in `folder`."""

    name: str
    folder: Path

    @property
    def note(self) -> Path:
        """Where the number and the birth of the process are written down."""
        return self.folder / f"{self.name}.json"

    @property
    def log(self) -> Path:
        """Where the process writes what it says."""
        return self.folder / f"{self.name}.log"

    def process(self) -> psutil.Process | None:
        """Return the process if it lives; another one that has got its number since does not count."""
        try:
            noted = json.loads(self.note.read_bytes())
            process = psutil.Process(noted["pid"])
            is_it = process.create_time() == noted["born"] and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, psutil.NoSuchProcess):
            return None
        return process if is_it else None

    def start(self, words: list[str], environment: dict[str, str], aside: Path, **more: Any) -> psutil.Process:
        """Start `prefect` with these words, away from this terminal, and note who it is."""
        with self.log.open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "prefect", "--no-prompt", *words],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        process = psutil.Process(started.pid)
        noted = {"pid": process.pid, "born": process.create_time(), **more}
        write_bytes(self.note, aside, json.dumps(noted).encode())
        return process

    def end(self) -> bool:
        """End the process and all that it started; return whether it was there."""
        process = self.process()
        if process is not None:
            _end(process)
        self.note.unlink(missing_ok=True)
        return process is not None


def up(home_path: Path, port: int) -> str:
    """Start a server and a worker unless they run; return the server's address once the worker is online.

    Raises Terminal if the port is taken or one of them does not start.
    """
    home = Home.at(home_path)
    server, worker = services(home)
    server.folder.mkdir(exist_ok=True)
    if server.process() is None:
        if _answers(port) is not None:
            raise Terminal(f"port {port} of {HOST} is taken by another program: choose one with `make up PORT=N`")
        words = ["server", "start", "--host", HOST, "--port", str(port)]
        server.start(words, _environment(server.folder), home.aside, port=port)
    port = json.loads(server.note.read_bytes())["port"]
    _wait(server, lambda: _answers(port) == 200)
    if worker.process() is None:
        words = ["worker", "start", "--pool", POOL, "--type", "process", "--name", f"{POOL}-{port}"]
        environment = _environment(server.folder) | {"PREFECT_API_URL": f"{address(port)}/api"}
        worker.start(words, environment, home.aside)
    _wait(worker, lambda: _is_online(port))
    return address(port)


def down(home_path: Path) -> list[str]:
    """End the worker, what it runs, and the server of a home; return the names of those that ran."""
    server, worker = services(Home(home_path.expanduser().absolute()))
    return [service.name for service in (worker, server) if service.end()]


def services(home: Home) -> tuple[Service, Service]:
    """Return the server and the worker of a home, whether they run or not."""
    # Not `prefect` itself: that one belongs to the temporary servers, which every run tidies up.
    folder = home.prefect / "service"
    return Service("server", folder), Service("worker", folder)


def address(port: int) -> str:
    """Return where a browser finds the server."""
    return f"http://{HOST}:{port}"


def _environment(folder: Path) -> dict[str, str]:
    mine = {"PREFECT_HOME": str(folder), "PREFECT_PROFILES_PATH": str(folder / "profiles.toml")}
    # A server that somebody else named is not the one that is started here.
    given = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"}
    return SETTINGS | given | mine


def _wait(service: Service, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    with waiting(f"starting the {service.name}"):
        while not is_ready():
            if service.process() is None or time.monotonic() > deadline:
                service.end()
                said = service.log.read_text(errors="replace").splitlines()[-5:]
                raise Terminal("\n".join([f"the {service.name} did not start; {service.log} ends so:", *said]))
            time.sleep(0.2)


def _is_online(port: int) -> bool:
    workers = _ask(port, "POST", f"/api/work_pools/{POOL}/workers/filter", b"{}")
    return any(worker["status"] == "ONLINE" for worker in workers or [])


def _answers(port: int) -> int | None:
    """Return the status that something gives at this port when it is asked for its health, if anything does."""
    try:
        return _status(port, "GET", "/api/health", None)[0]
    except ConnectionError:
        return None
    except (OSError, HTTPException):
        return 0


def _ask(port: int, method: str, path: str, body: bytes | None) -> Any:
    try:
        status, said = _status(port, method, path, body)
    except (OSError, HTTPException):
        return None
    return json.loads(said) if status == 200 else None


def _status(port: int, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _end(process: psutil.Process) -> None:
    """End what a process started, then the process: a worker tells the server of flow runs that were ended."""
    try:
        _end_all(process.children(recursive=True))
        _end_all([*process.children(recursive=True), process])
    except psutil.NoSuchProcess:
        return


def _end_all(processes: list[psutil.Process]) -> None:
    for each in processes:
        _signal(each.terminate)
    _, alive = psutil.wait_procs(processes, timeout=GRACE)
    for each in alive:
        _signal(each.kill)
    psutil.wait_procs(alive, timeout=GRACE)


def _signal(send: Callable[[], None]) -> None:
    try:
        send()
    except psutil.NoSuchProcess:
        return


@app.command(name="up")
@polite
def start(home: HomeOption = HOME, port: Annotated[int, typer.Option(help="Where the server listens.")] = 4200) -> None:
    """Start a Prefect server and a worker, unless they run."""
    at = up(home, port)
    folder = services(Home.at(home))[0].folder
    typer.echo(f"Prefect is at {at}, with a worker for the pool '{POOL}'; their logs are in {folder}.")
    typer.echo("Now register what prefect.yaml schedules:")
    typer.echo(f"  export PREFECT_API_URL={at}/api")
    typer.echo(f"  {Path(sys.executable).with_name('prefect')} deploy --all")


@app.command(name="down")
@polite
def stop(home: HomeOption = HOME) -> None:
    """End that server and that worker, and what the worker runs."""
    ended = down(home)
    typer.echo(f"Ended the {' and the '.join(ended)}." if ended else "Nothing was running.")


if __name__ == "__main__":
    app()
