"""The order of a run: which operator works on what. This page is the whole story of curation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import polars as pl

from flows.run.describe import describe_sources
from flows.run.steps import Chain, IngestStep, Step, Work
from schemas.errors import Terminal
from schemas.expressions import columns_of
from schemas.metrics import measures_for
from schemas.plan import Plan
from tasks.ingest.ingest import Ingest
from tasks.judge.choose import Choose
from tasks.judge.judgments import JudgmentRules
from tasks.judge.pairs import PairRules
from tasks.match.exact import ExactMatch
from tasks.match.repeats import Repeats
from tasks.measure.measure import Measure
from tasks.resolve.annotators import Agreement
from tasks.resolve.assemble import Assemble
from tasks.resolve.pairing import Pairing
from tasks.resolve.votes import Vote
from tasks.split.assign import Assign
from warehouse.store import Receipt, Store

# Every operator of a run: a new version of any of them is a reason to run again.
STAGES = (
    Ingest, Repeats, Pairing, Measure, Agreement, JudgmentRules, Vote, ExactMatch, PairRules, Assign, Choose, Assemble,
)  # fmt: skip
# Does the work whose results are not there yet, in any order, and returns when all of it is done.
Run = Callable[[Sequence[Work]], None]


def curate_line(plan: Plan, ingests: list[IngestStep], prior: str, store: Store, run: Run) -> list[Receipt]:
    """Take the sources' shards through every operator and return the receipts that make up the next snapshot.

    `prior` is the key of `_prior`, the splits that records have already. `run` decides how the work is done.
    """
    chains = ingest(plan, ingests, store, run)
    shards = [chain.ingest.key for chain in chains]
    pairings = [chain.pairing.key for chain in chains]
    measurings = [chain.measuring.key for chain in chains]
    described = describe_sources(plan, [chain.ingest for chain in chains], store)
    sources = [source.name for source in plan.sources]

    agreement = Step(Agreement(), {"_judgments": pairings, "_annotators": shards})
    run([agreement])
    excluded = Step(
        JudgmentRules(rules=[rule for rule in plan.rules if rule.on == "judgments"]),
        {"_judgments": pairings, "annotators": [agreement.key], "comparisons": shards},
    )
    run([excluded])
    vote = _voting(plan, pairings, excluded.key)
    assign = Step(Assign(shares=plan.split.shares, salt=plan.split.salt), {"_prompts": pairings, "_prior": [prior]})
    run([vote, assign])
    match = Step(ExactMatch(sources=sources), {"_prompts": pairings, "_contents": pairings, "_tallies": [vote.key]})
    rules = Step(
        PairRules(rules=[rule for rule in plan.rules if rule.on == "pairs"]),
        {"_tallies": [vote.key], "_measures": measurings, "records": shards, "responses": shards},
    )
    run([match, rules])
    choose = Step(
        Choose(keep=plan.dedupe.keep, sources=sources),
        {"_judged": [rules.key], "_assigned": [assign.key], "_silent": [vote.key], "responses": shards},
    )
    run([choose])
    assembled = _assembling(shards, choose.key, store)
    run(assembled)
    done = [agreement, excluded, vote, assign, match, rules, choose, *assembled]
    return [_receipt(store, key) for key in [described, *shards, *[step.key for step in done]]]


def ingest(plan: Plan, firsts: list[IngestStep], store: Store, run: Run) -> list[Chain]:
    """Ingest every shard; shards with rows that earlier shards of their source hold too are numbered on from there."""
    chains = first_work(plan, firsts)
    run(chains)
    for source, members in groupby(range(len(firsts)), key=lambda at: firsts[at].source):
        places = list(members)
        if len(places) == 1:
            continue
        counting = Step(
            Repeats(shards=[firsts[at].place for at in places]),
            {"_digests": [firsts[at].key for at in places]},
            of=source,
        )
        run([counting])
        repeats = store.scan([counting.key], "_repeats").collect()
        for at in places:
            own = repeats.filter(pl.col("shard") == firsts[at].place)
            if own.height:
                chains[at] = _chain(plan, firsts[at].after(counting.key, own))
    run(chains)
    return chains


def first_work(plan: Plan, ingests: list[IngestStep]) -> list[Chain]:
    """Return what a run does first: every shard is read, paired and measured by itself."""
    return [_chain(plan, step) for step in ingests]


def _receipt(store: Store, key: str) -> Receipt:
    receipt = store.receipt(key)
    if receipt is None:
        raise Terminal(f"the result {key} has vanished from {store.home.path}: does somebody else delete files there?")
    return receipt


def _chain(plan: Plan, step: IngestStep) -> Chain:
    shard = step.key
    pairing = _pairing(plan, shard)
    return Chain(step, pairing, _measuring(plan, shard, pairing.key))


def _pairing(plan: Plan, shard: str) -> Step:
    stage = Pairing(shard=shard, kinds=plan.resolve.from_, ranking_pairs=plan.resolve.ranking_pairs)
    return Step(stage, {table: [shard] for table in Pairing.reads})


def _measuring(plan: Plan, shard: str, pairing: str) -> Step:
    named = {column for rule in plan.rules if rule.on == "pairs" for column in columns_of(rule.expression)}
    return Step(
        Measure(measures=measures_for(named)), {"_judgments": [pairing], "records": [shard], "responses": [shard]}
    )


def _voting(plan: Plan, pairings: list[str], excluded: str) -> Step:
    stage = Vote(vote=plan.resolve.vote, contradictions=plan.dedupe.contradictions, min_margin=plan.resolve.min_margin)
    return Step(stage, {"_judgments": pairings, "_excluded": [excluded], "_prompts": pairings})


def _assembling(shards: list[str], chosen: str, store: Store) -> list[Step]:
    """Write `pairs` shard by shard; the digest of a shard's part stands for the whole choice in the key."""
    contents = dict(store.scan([chosen], "_slices").collect().iter_rows())
    return [
        Step(
            Assemble(shard=shard, content=contents[shard]),
            {"_final": [chosen], "records": [shard], "responses": [shard]},
            unkeyed=("_final",),
        )
        for shard in shards
        if shard in contents
    ]
