"""The order of a run: which operator works on what. This page is the whole story of curation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import polars as pl

from flows.run.describe import describe_sources
from flows.run.steps import IngestStep, Step
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
# Does the steps whose results are not there yet and returns their keys, in the order given.
Run = Callable[[Sequence[Step | IngestStep]], list[str]]


def curate_line(plan: Plan, ingests: list[IngestStep], prior: str, store: Store, run: Run) -> list[Receipt]:
    """Take the sources' shards through every operator and return the receipts that make up the next snapshot.

    `prior` is the key of `_prior`, the splits that records have already. `run` decides how the work is done.
    """
    steps = ingest(ingests, store, run)
    shards = [step.key for step in steps]
    described = describe_sources(plan, steps, store)
    pairings = run([_pairing(plan, shard) for shard in shards])
    measurings = run([_measuring(plan, *keys) for keys in zip(shards, pairings, strict=True)])
    (agreement,) = run([Step(Agreement(), {"_judgments": pairings, "_annotators": shards})])
    sources = [source.name for source in plan.sources]
    (excluded,) = run(
        [
            Step(
                JudgmentRules(rules=[rule for rule in plan.rules if rule.on == "judgments"]),
                {"_judgments": pairings, "annotators": [agreement], "comparisons": shards},
            )
        ]
    )
    (vote,) = run([_voting(plan, pairings, excluded)])
    match, rules, assigned = run(
        [
            Step(ExactMatch(sources=sources), {"_prompts": pairings, "_contents": pairings, "_tallies": [vote]}),
            Step(
                PairRules(rules=[rule for rule in plan.rules if rule.on == "pairs"]),
                {
                    "_tallies": [vote],
                    "_measures": measurings,
                    "records": shards,
                    "responses": shards,
                },
            ),
            Step(Assign(shares=plan.split.shares, salt=plan.split.salt), {"_prompts": pairings, "_prior": [prior]}),
        ]
    )
    (chosen,) = run(
        [
            Step(
                Choose(keep=plan.dedupe.keep, sources=sources),
                {
                    "_judged": [rules],
                    "_assigned": [assigned],
                    "_silent": [vote],
                    "responses": shards,
                },
            )
        ]
    )
    assembled = run(_assembling(shards, chosen, store))
    keys = [described, *shards, agreement, excluded, vote, match, rules, assigned, chosen, *assembled]
    return [receipt for key in keys if (receipt := store.receipt(key)) is not None]


def ingest(firsts: list[IngestStep], store: Store, run: Run) -> list[IngestStep]:
    """Ingest every shard; shards with rows that earlier shards of their source hold too are numbered on from there."""
    keys = run(firsts)
    steps = list(firsts)
    for source, members in groupby(range(len(firsts)), key=lambda at: firsts[at].source):
        places = list(members)
        if len(places) == 1:
            continue
        names = [firsts[at].place for at in places]
        (counted,) = run([Step(Repeats(shards=names), {"_digests": [keys[at] for at in places]}, of=source)])
        repeats = store.scan([counted], "_repeats").collect()
        for at in places:
            own = repeats.filter(pl.col("shard") == firsts[at].place)
            if own.height:
                steps[at] = firsts[at].after(counted, own)
    run(steps)
    return steps


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
