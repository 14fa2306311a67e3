"""Hearing what a Prefect server is told, without asking again and again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from prefect.events import Event, get_events_subscriber
from prefect.events.filters import EventFilter, EventNameFilter
from prefect.settings import PREFECT_API_URL, temporary_settings

from flows.announce import PUBLISHED

PATIENCE = 180
ENDS = [f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Crashed")]


class Ear:
    """Hears of every published snapshot and ended flow run from now on, in a thread of its own."""

    def __init__(self, api: str) -> None:
        self.heard: list[Event] = []
        self._news = threading.Condition()
        self._is_open = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._listening = self._loop.create_task(self._listen())
        self._thread = threading.Thread(target=self._run, args=(api,))
        self._thread.start()
        assert self._is_open.wait(PATIENCE)

    def until(self, is_enough: Callable[[list[Event]], bool]) -> list[Event]:
        """Wait until what was heard is enough, and return it."""
        with self._news:
            assert self._news.wait_for(lambda: is_enough(self.heard), PATIENCE), [each.event for each in self.heard]
            return list(self.heard)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._listening.cancel)
        self._thread.join()

    def _run(self, api: str) -> None:
        with temporary_settings({PREFECT_API_URL: api}), suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._listening)
        self._loop.close()

    async def _listen(self) -> None:
        wanted = EventFilter(event=EventNameFilter(name=[PUBLISHED, *ENDS]))
        async with get_events_subscriber(wanted) as subscriber:
            self._is_open.set()
            async for event in subscriber:
                with self._news:
                    self.heard.append(event)
                    self._news.notify()


def ends_of(heard: list[Event], flow: str) -> list[Event]:
    """Return what says that a run of a flow is over."""
    return [
        event
        for event in heard
        if event.event in ENDS and [each.name for each in event.related if each.role == "flow"] == [flow]
    ]


def published(heard: list[Event]) -> list[tuple[int, str, int]]:
    """Return the snapshots that were published, by whom, and how many pairs each keeps."""
    return [
        (event.payload["snapshot"], event.resource["winnow.started-by"], event.payload["counts"]["pairs"]["kept"])
        for event in heard
        if event.event == PUBLISHED
    ]
