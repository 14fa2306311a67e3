"""Which processes `make up` and `make down` take for theirs."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import psutil
import pytest

from flows.deployed import service
from flows.deployed.service import Service, down, services, up
from schemas.errors import Terminal
from warehouse.home import Home

# Starts a child and waits; neither ends when it is asked to.
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
wait = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); signal.pause()"
subprocess.run([sys.executable, "-c", wait])
"""


@pytest.fixture
def home(tmp_path):
    home = Home.at(tmp_path / "home")
    services(home)[0].folder.mkdir()
    return home


@pytest.fixture
def stranger():
    """Somebody else's web server; its port."""

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_error(404)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Nothing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def note(service: Service, pid: int, born: float):
    service.note.write_text(json.dumps({"pid": pid, "born": born, "port": 1}))


def test_a_port_that_another_program_has_is_told(home, stranger):
    with pytest.raises(Terminal, match=rf"port {stranger} of 127.0.0.1 is taken by another program.*make up PORT=N"):
        up(home.path, stranger)
    assert services(home)[0].process() is None


def test_a_process_that_got_the_number_of_a_dead_one_is_left_alone(home):
    server, _ = services(home)
    note(server, os.getpid(), psutil.Process().create_time() - 100.0)
    assert server.process() is None
    assert down(home.path) == []
    assert not server.note.exists()


def test_down_ends_a_process_and_its_children_even_stubborn_ones(home, monkeypatch):
    monkeypatch.setattr(service, "GRACE", 0.5)
    _, worker = services(home)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as started:
        assert started.stdout.readline() == b"ready\n"
        process = psutil.Process(started.pid)
        family = [process, *process.children(recursive=True)]
        assert len(family) == 2
        note(worker, process.pid, process.create_time())
        assert worker.process() == process
        assert down(home.path) == ["worker"]
    assert not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in family)
    assert down(home.path) == []


def test_down_without_a_home_makes_none(tmp_path):
    assert down(tmp_path / "nowhere") == []
    assert not (tmp_path / "nowhere").exists()


def test_a_process_that_does_not_start_is_told_with_the_end_of_its_log(home, monkeypatch):
    monkeypatch.setenv("PREFECT_SERVER_API_PORT", "no number")
    with pytest.raises(Terminal, match=r"the server did not start; .*server\.log ends so:\n[^$]*no number"):
        up(home.path, 0)
    assert services(home)[0].process() is None
