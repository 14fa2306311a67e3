"""The schedule for real: server, pool, worker, deployments, a scheduled run on changed files, its event, what follows."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import psutil
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.client.schemas.schedules import IntervalSchedule
from prefect.settings import PREFECT_API_URL, temporary_settings

import warehouse
from flows.deployed.service import down, services, up
from tests.flows.deployed.ear import Ear, ends_of, published
from tests.flows.test_runs import PLAN, rows, write
from tests.training.tiny import save_encoder
from warehouse.delta.snapshots import snapshots
from warehouse.home import Home
from warehouse.runs import list_runs

ROOT = Path(__file__).parents[3]
NIGHTLY = "curate-nightly/curate-nightly"
TRAINED = PLAN + "train: {head: {encoder: {path: encoder}, blocks: [hand], held_out: test, folds: 0}}\n"


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A folder as a user has it: a plan, data, and the repository's prefect.yaml as it is."""
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "WINNOW_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    (tmp_path / "prefect.yaml").write_bytes((ROOT / "prefect.yaml").read_bytes())
    (tmp_path / "plan.yaml").write_text(TRAINED)
    save_encoder(tmp_path / "encoder")
    write(tmp_path / "one/a.jsonl", rows(range(40)))
    return tmp_path


@pytest.fixture
def address(world):
    """A server and a worker for that folder, which leave no process behind."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    at = up(world / ".winnow", port)
    with temporary_settings({PREFECT_API_URL: f"{at}/api"}):
        yield at
    down(world / ".winnow")
    assert processes(world) == []


@pytest.fixture
def ear(address):
    ear = Ear(f"{address}/api")
    yield ear
    ear.close()


def processes(world):
    """Every process of that server and worker, flow runs included."""
    home = str(services(Home(world / ".winnow"))[0].folder)
    return [each.pid for each in psutil.process_iter() if has_home(each, home)]


def has_home(process, home):
    try:
        return process.environ().get("PREFECT_HOME") == home
    except psutil.Error:
        return False


def shell(world, address, words):
    """Say something in that folder, as in a terminal."""
    environment = {**os.environ, "PREFECT_API_URL": f"{address}/api"}
    # A shell knows the folder it is in; a child that is merely started there does not.
    line = f'cd "{world}" && "{sys.executable}" {words}'
    done = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def start_now():
    """Let the nightly deployment run; return the flow run's id."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(NIGHTLY)
        return str((await client.create_flow_run_from_deployment(deployment.id)).id)


async def add_schedule():
    """Let the nightly deployment run every 20 seconds as well, from soon on; return what this schedule is known by."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(NIGHTLY)
        soon = datetime.now(UTC) + timedelta(seconds=8)
        every = IntervalSchedule(interval=timedelta(seconds=20), anchor_date=soon)
        (made,) = await client.create_deployment_schedules(deployment.id, [(every, True)])
        return deployment.id, made.id


async def remove_schedule(known):
    async with get_client() as client:
        await client.delete_deployment_schedule(*known)


async def told(event):
    """Name, last message and artifacts of the flow run that an event is about."""
    run_id = UUID(event.resource.id.removeprefix("prefect.flow-run."))
    of_run = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run_id]))
    async with get_client() as client:
        run, artifacts = await client.read_flow_run(run_id), await client.read_artifacts(artifact_filter=of_run)
    return run.name, run.state.message, {each.key: each.data for each in artifacts}


def test_a_scheduled_run_on_changed_files_is_announced_audited_and_trained_on(world, address, ear):
    home = Home.at(world / ".winnow")
    assert shell(world, address, "-m prefect --no-prompt deploy --all").count("successfully created") == 5

    # A person's run trains itself. It is told, too, and what follows can tell it from a deployed one.
    said = shell(world, address, "-m flows.cli run plan.yaml")
    assert "snapshot 1 published" in said
    assert "published with snapshot 2" in said
    heard = ear.until(lambda heard: len(ends_of(heard, "audit-on-publish")) == 1)
    assert published(heard) == [(1, "command", 40)]

    write(world / "one/b.jsonl", rows(range(100, 110)))
    schedule = asyncio.run(add_schedule())
    ear.until(lambda heard: ends_of(heard, "curate-nightly"))
    asyncio.run(remove_schedule(schedule))
    heard = ear.until(lambda heard: len(ends_of(heard, "audit-on-publish")) == 2 and ends_of(heard, "train-on-publish"))
    assert published(heard) == [(1, "command", 40), (3, "deployment", 50)]
    name, message, _ = asyncio.run(told(ends_of(heard, "curate-nightly")[0]))
    assert (name, message) == ("curate plan.yaml", "published snapshot 3 and announced it")
    _, _, artifacts = asyncio.run(told(ends_of(heard, "curate")[-1]))
    assert "| kept | 50 |" in artifacts["winnow-run"]
    name, message, artifacts = asyncio.run(told(ends_of(heard, "audit-on-publish")[-1]))
    assert name == "audit snapshot 3"
    assert "promises hold" in message
    assert '"law": 7' in artifacts["winnow-audit"]
    (trained,) = ends_of(heard, "train-on-publish")
    name, message, artifacts = asyncio.run(told(trained))
    assert name == "train on snapshot 3"
    assert message.endswith("trained, as in snapshot 4")
    assert '"metric": "accuracy"' in artifacts["winnow-training"]
    assert warehouse.open(home).table("trainings").collect()["snapshot"].sort().to_list() == [1, 3]

    # The next night finds nothing new.
    runs = list_runs(home)
    run_id = asyncio.run(start_now())
    heard = ear.until(lambda heard: any(run_id in event.resource.id for event in heard))
    assert asyncio.run(told(heard[-1]))[1] == "nothing new: snapshot 4 stands"
    assert (len(published(heard)), len(ends_of(heard, "curate"))) == (2, 2)
    assert ([each.snapshot for each in snapshots(home)], list_runs(home)) == ([1, 2, 3, 4], runs)
    assert len(ends_of(heard, "train-on-publish")) == 1
    assert {event.event for event in heard} == {"winnow.snapshot.published", "prefect.flow-run.Completed"}

    # Started again, it is the same server; ended twice, the second time there is nothing to end.
    before = processes(world)
    assert up(home.path, 1) == address
    assert processes(world) == before
    assert down(home.path) == ["worker", "server"]
    assert down(home.path) == []
