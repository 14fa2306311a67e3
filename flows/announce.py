"""Tell a Prefect server that a snapshot was published, so that deployments can follow.

Nothing here imports Prefect before there is a server to tell.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import Any, Literal, cast
from uuid import UUID

import warehouse
from flows.verbs.counts import count
from warehouse.delta.snapshots import Snapshot
from warehouse.home import Home
from warehouse.runs import is_announced, mark_announced

PUBLISHED = "winnow.snapshot.published"
Starter = Literal["command", "deployment"]
log = logging.getLogger("winnow")


def announce(home: Home, snapshot: Snapshot, started_by: Starter) -> bool:
    """Emit `winnow.snapshot.published`, once for each snapshot; return whether it was emitted now.

    Never fails, since the snapshot stands. Without `PREFECT_API_URL` nobody would hear it, so nothing is emitted. What
    a deployed run could not tell is told by the next one; a command tells once or not at all.
    """
    if is_announced(home, snapshot.run_id):
        return False
    is_told = bool(os.environ.get("PREFECT_API_URL")) and _tell(home, snapshot, started_by)
    if is_told or started_by == "command":
        mark_announced(home, snapshot.run_id)
    return is_told


def describe(home: Home, snapshot: Snapshot, started_by: Starter) -> dict[str, Any]:
    """Put into words what happened, as the fields of a Prefect event. The same snapshot has the same event id."""
    name = json.loads(snapshot.plan)["name"]
    counts = cast(dict[str, list[dict[str, str | int]]], count(warehouse.open(home.path, snapshot.snapshot)))
    return {
        "id": UUID(snapshot.run_id),
        "event": PUBLISHED,
        "resource": {
            "prefect.resource.id": f"winnow.dataset.{name}",
            "prefect.resource.name": name,
            "winnow.started-by": started_by,
        },
        "payload": {
            "home": str(home.path),
            "snapshot": snapshot.snapshot,
            "plan": name,
            "run": snapshot.run_id,
            "counts": {block: _totals(lines) for block, lines in counts.items()},
        },
    }


def _totals(block: list[dict[str, str | int]]) -> dict[str, int]:
    """Add up the fates of one block over all sources."""
    totals: dict[str, int] = {}
    for line in block:
        totals[str(line["fate"])] = totals.get(str(line["fate"]), 0) + int(line["n"])
    return totals


def _tell(home: Home, snapshot: Snapshot, started_by: Starter) -> bool:
    try:
        asyncio.run(_emit(describe(home, snapshot, started_by)))
    except Exception as error:  # Whatever Prefect raises, the snapshot is published.
        log.warning("snapshot %s is published, but Prefect was not told: %s", snapshot.snapshot, error)
        return False
    return True


async def _emit(about: dict[str, Any]) -> None:
    """Send an event and wait until the server has it, which `prefect.events.emit_event` does not."""
    from prefect.client.orchestration import get_client
    from prefect.events import Event, get_events_client
    from prefect.events.related import related_resources_from_run_context

    async with get_client() as client:
        related = await related_resources_from_run_context(client)
    async with get_events_client(reconnection_attempts=1, checkpoint_every=1) as events:
        await events.emit(Event(**about, related=related))
