"""All that a run knows of its media, for whoever decides about pairs and splits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flows.media.shown import show_media
from flows.media.sight import look_at_media
from flows.run.steps import Chain, Order, Step, Work
from warehouse.store import Store


class OfMedia(NamedTuple):
    """The keys of all results, by table those of what rules on pairs read, and the steps that tie records."""

    keys: list[str]
    rules: dict[str, list[str]]
    ties: list[Step]


def know_media(
    order: Order, chains: Sequence[Chain], metrics: Sequence[str], store: Store, run: Callable[[Sequence[Work]], None]
) -> OfMedia:
    """Look at the media of a run and show them to the models of its plan, as far as that was not done before."""
    sight = look_at_media(order, chains, store, run)
    shown = show_media(order, chains, sight, metrics, store, run)
    shards = [chain.ingest.key for chain in chains]
    return OfMedia([*sight.keys, *shown.keys], sight.told(shards, metrics) | shown.rules, [*sight.ties, *shown.ties])
