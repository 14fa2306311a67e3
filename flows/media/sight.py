"""What of a run is done with its media: all are looked at, broken ones are named, copies are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flows.media.look import keys_with, missing_looks
from flows.run.steps import Chain, Order, Step, Work
from schemas.plan.plan import Plan
from schemas.rules.metrics import MEDIA_MEASURES, METRICS
from tasks.judge.rules.broken import BrokenMedia
from tasks.match.perceptual.match import PerceptualMatch
from tasks.match.perceptual.tied import TiedMedia
from tasks.media.decode.limits import Limits
from tasks.media.describe import DescribeMedia
from tasks.media.look import Look
from warehouse.store import Store


class Sight(NamedTuple):
    """What was seen: the steps that describe media, name broken ones, find copies, and tie records; or none of them."""

    described: list[Step]
    broken: list[Step]
    copies: list[Step]
    ties: list[Step]

    def told(self, shards: list[str], metrics: Sequence[str]) -> dict[str, list[str]]:
        """Say what rules on pairs read of media, if they name such `metrics`."""
        tables = {"_broken": [step.key for step in self.broken]} if self.broken else {}
        if self.described and any(name in METRICS and METRICS[name].measure in MEDIA_MEASURES for name in metrics):
            described = [step.key for step in self.described]
            tables |= {"attachments": shards, "media": described, "media_metrics": described}
        return tables

    @property
    def keys(self) -> list[str]:
        """Name all results."""
        return [step.key for step in (*self.described, *self.broken, *self.copies, *self.ties)]


def look_at_media(order: Order, chains: Sequence[Chain], store: Store, run: Callable[[Sequence[Work]], None]) -> Sight:
    """Look at what has not been looked at yet, and say of every medium of the run what it is."""
    shards = [chain.ingest.key for chain in chains]
    blobs = store.scan(shards, "_blobs").select("media_id", "sha256").unique().collect()
    if blobs.is_empty():
        return Sight([], [], [], [])
    look, digests = look_of(order.plan), blobs["sha256"].drop_nulls().unique()
    run(missing_looks(store, look, digests))
    looked = keys_with(store, look, digests)
    # The look and the blobs speak for what was seen, however many files it lies in.
    seen = {"_looked": looked} if looked else {}
    described = Step(DescribeMedia(look=look.key()), {"_blobs": shards, **seen}, unkeyed=("_looked",))
    run([described])
    broken = Step(BrokenMedia(), {"attachments": shards, "media": [described.key]})
    copies, ties = _copies(order.plan, described, looked, shards)
    run([broken, *copies])
    run(ties)
    return Sight([described], [broken], copies, ties)


def _copies(plan: Plan, described: Step, looked: list[str], shards: list[str]) -> tuple[list[Step], list[Step]]:
    """Search for media that look or sound the same, and tie the records that have them."""
    said = plan.dedupe.perceptual
    if said is None or not looked:
        return [], []
    match = PerceptualMatch(image=said.image, audio=said.audio, video=said.video)
    found = Step(match, {"_fingerprints": looked, "media": [described.key]}, unkeyed=("_fingerprints",))
    return [found], [tied(found, shards)] if said.link else []


def tied(found: Step, shards: list[str]) -> Step:
    """Tie the records with media that are linked."""
    return Step(TiedMedia(), {"_media_links": [found.key], "attachments": shards})


def look_of(plan: Plan) -> Look:
    """Say how a plan wants media to be looked at."""
    return Look(limits=limits_of(plan))


def limits_of(plan: Plan) -> Limits:
    """Say what no medium of a plan may exceed."""
    said = plan.media
    return Limits(max_pixels=said.max_pixels, max_bytes=said.max_bytes, max_seconds=said.max_seconds)
