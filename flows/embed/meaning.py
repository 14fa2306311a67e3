"""What of a run is done with embeddings: the texts of its pairs are embedded, and twins among them are found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from flows.embed.contents import keys_with, missing_contents
from flows.run.steps import Chain, Order, Step, Work
from schemas.plan.plan import Plan
from tasks.embed.embed import Embed
from tasks.embed.texts import PairTexts
from tasks.embed.twins import Twins
from tasks.match.semantic import SemanticMatch
from warehouse.store import Store


class Meaning(NamedTuple):
    """What was found: the steps that have results, the keys of vectors, and the steps that found twins."""

    texts: list[Step]
    vectors: list[str]
    twins: list[Step]
    matches: list[Step]

    @property
    def keys(self) -> list[str]:
        """Name all results."""
        return [*[step.key for step in (*self.texts, *self.twins, *self.matches)], *self.vectors]


def find_meaning(order: Order, chains: Sequence[Chain], store: Store, run: Callable[[Sequence[Work]], None]) -> Meaning:
    """Embed what has not been embedded yet and find twins, as far as the plan wants it."""
    if order.encoder is None:
        return Meaning([], [], [], [])
    texts = [_texts_of(chain) for chain in chains]
    run(texts)
    vectors = _embed(order.encoder, chains, texts, store, run)
    twins, matches = _twins(order.plan, order.encoder, chains, texts, vectors)
    run(twins)
    run(matches)
    return Meaning(texts, vectors, twins, matches)


def _texts_of(chain: Chain) -> Step:
    pairing, shard = [chain.pairing.key], [chain.ingest.key]
    internal = dict.fromkeys(("_judgments", "_prompts", "_contents"), pairing)
    return Step(PairTexts(), {**internal, "records": shard, "responses": shard})


def _embed(
    model: Embed, chains: Sequence[Chain], texts: Sequence[Step], store: Store, run: Callable[[Sequence[Work]], None]
) -> list[str]:
    """Embed the missing contents, each with the first shard that has it; return the keys of all that are wanted."""
    shards = [chain.ingest.key for chain in chains]
    run(list(missing_contents(model, shards, [step.key for step in texts], "_texts", store)))
    wanted = store.scan([step.key for step in texts], "_texts").select("content_id").unique().collect()
    return keys_with(store, model, wanted["content_id"])


def _twins(
    plan: Plan, model: Embed, chains: Sequence[Chain], texts: Sequence[Step], vectors: list[str]
) -> tuple[list[Step], list[Step]]:
    said = plan.dedupe.semantic
    if said is None:
        return [], []
    keys, pairings = [step.key for step in texts], [chain.pairing.key for chain in chains]
    # The model and the texts speak for the vectors, however many files these lie in.
    twins = Step(
        Twins(model=model.key(), threshold=said.threshold, exact_to=said.exact_to),
        {"_texts": keys, "_sides": keys, "embeddings": vectors},
        unkeyed=("embeddings",),
    )
    found = {table: [twins.key] for table in ("_prompt_twins", "_semantic")}
    known = dict.fromkeys(("_prompts", "_contents", "_judgments"), pairings)
    matches = SemanticMatch(sources=[source.name for source in plan.sources], link=said.link)
    return [twins], [Step(matches, found | known)]
