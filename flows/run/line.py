"""The order of a run: which operator works on what. This page is the whole story of curation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

import polars as pl

from flows.embed.meaning import find_meaning
from flows.media.find import locate
from flows.media.known import know_media
from flows.run.describe import describe_sources
from flows.run.steps import BenchmarkStep, Chain, IngestStep, Order, Step, Work
from flows.run.tokenizer import tokenizer_key
from schemas.errors import Terminal
from schemas.plan.plan import Plan
from schemas.rules.expressions import columns_of
from schemas.rules.metrics import answer_measures, model_metrics, prompt_measures
from tasks.caption.caption import Caption
from tasks.decontaminate.benchmark import Benchmark
from tasks.decontaminate.leaks import Leaks
from tasks.embed.embed import Embed
from tasks.embed.image_text.media import EmbedMedia
from tasks.embed.image_text.said import EmbedSaid
from tasks.embed.texts import PairTexts
from tasks.embed.together.alignment import Alignment
from tasks.embed.together.beside import Beside
from tasks.embed.together.captions import EmbedCaptions
from tasks.embed.together.harms import Harms
from tasks.embed.together.scores import Together
from tasks.embed.together.twins import MediaTwins
from tasks.embed.twins import Twins
from tasks.ingest.ingest import Ingest
from tasks.judge.copies.choose import Choose
from tasks.judge.copies.near import SettleNear
from tasks.judge.models.rules import ModelRules
from tasks.judge.rules.broken import BrokenMedia
from tasks.judge.rules.judgments import JudgmentRules
from tasks.judge.rules.pairs import PairRules
from tasks.judge.silent import Silent
from tasks.match.exact import ExactMatch
from tasks.match.near import NearMatch
from tasks.match.perceptual.match import PerceptualMatch
from tasks.match.perceptual.tied import TiedMedia
from tasks.match.repeats import Repeats
from tasks.match.semantic import SemanticMatch
from tasks.match.sketch import Sketch
from tasks.measure.measure import Measure
from tasks.media.describe import DescribeMedia
from tasks.media.look import Look
from tasks.resolve.annotators import Agreement
from tasks.resolve.assemble import Assemble
from tasks.resolve.pairing import Pairing
from tasks.resolve.votes import Vote
from tasks.split.assign import Assign
from tasks.transcribe.transcribe import Transcribe
from warehouse.store import Receipt, Store

# Every operator of a run: a new version of any of them is a reason to run again.
STAGES = (
    Ingest, Repeats, Pairing, Measure, Sketch, Benchmark, Leaks, Agreement, JudgmentRules, Vote, NearMatch, ExactMatch,
    PairRules, Silent, Assign, Choose, SettleNear, ModelRules, Assemble, PairTexts, Embed, Twins, SemanticMatch,
    Look, DescribeMedia, BrokenMedia, EmbedMedia, EmbedSaid, Caption, Transcribe, Beside, Together,
    EmbedCaptions, Harms, Alignment, PerceptualMatch, MediaTwins, TiedMedia,
)  # fmt: skip
# A set stage sees so many judgments at a time.
SLICE_ROWS = 250_000
# Does the work whose results are not there yet, in any order, and returns when all of it is done.
Run = Callable[[Sequence[Work]], None]


def curate_line(order: Order, prior: str, store: Store, run: Run) -> list[Receipt]:
    """Take the sources' shards through every operator and return the receipts that make up the next snapshot.

    `prior` is the key of `_prior`, the splits that records have already. `run` decides how the work is done.
    """
    plan, chains = order.plan, ingest(order, store, run)
    shards = [chain.ingest.key for chain in chains]
    pairings = [chain.pairing.key for chain in chains]
    described = describe_sources(plan, [chain.ingest for chain in chains], store)
    sources = [source.name for source in plan.sources]

    agreement = Step(Agreement(), {"_judgments": pairings, "_annotators": shards})
    run([agreement])
    excluded = Step(
        JudgmentRules(rules=[rule for rule in plan.rules if rule.on == "judgments"]),
        {"_judgments": pairings, "annotators": [agreement.key], "comparisons": shards},
    )
    run([excluded])
    near = _near(plan, chains, sources)
    meaning = find_meaning(order, chains, store, run)
    media = know_media(order, chains, named_metrics(plan), store, run)
    parts = _slices(pairings, store)
    votes = [_voting(plan, pairings, excluded.key, part) for part in parts]
    run([*votes, *near])
    assign = Step(
        Assign(shares=plan.split.shares, salt=plan.split.salt),
        {
            "_prompts": pairings,
            "_prior": [prior],
            "attachments": shards,
            **_made("_near_links", [*near, *meaning.matches, *media.ties]),
        },
    )
    matches = [_matching(sources, pairings, vote) for vote in votes]
    judged = [_judging(order, chains, vote, media.rules) for vote in votes]
    silent = [
        Step(Silent(), {"_prompts": pairings, "_judgments": pairings, "_excluded": [excluded.key]}, slice_=part)
        for part in parts
    ]
    run([assign, *matches, *judged, *silent])
    chosen = [_choosing(plan, chains, rules, assign.key) for rules in judged]
    run(chosen)
    settled = _settling(plan, shards, near, meaning.twins, chosen)
    run(settled)
    doubted = _doubting(plan, judged, chosen, settled)
    run(doubted)
    assembled = _assembling(shards, chosen, settled, doubted, store)
    run(assembled)
    done = [
        agreement, *near, excluded, *votes, assign, *matches, *judged, *silent, *chosen, *settled, *doubted,
        *assembled,
    ]  # fmt: skip
    keys = [described, *shards, *[step.key for step in done], *meaning.keys, *media.keys]
    return [_receipt(store, key) for key in keys]


def ingest(order: Order, store: Store, run: Run) -> list[Chain]:
    """Ingest every shard; shards with rows that earlier shards of their source hold too are numbered on from there."""
    firsts = locate(order.ingests, store, run)
    chains = [_chain(order, step) for step in firsts]
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
                chains[at] = _chain(order, firsts[at].after(counting.key, own))
    run(chains)
    return chains


def named_metrics(plan: Plan) -> list[str]:
    """List what the plan's rules on pairs read and what it asks for besides: nothing else is measured."""
    read = {column for rule in plan.rules if rule.on == "pairs" for column in columns_of(rule.expression)}
    return sorted(read | set(plan.metrics))


def first_work(order: Order) -> list[Chain]:
    """Return what a run can do at once: shards are read, paired, measured, sketched and compared with benchmarks.

    Shards whose media have to be found first are not among them.
    """
    return [_chain(order, step) for step in order.ingests if step.places is None]


def _receipt(store: Store, key: str) -> Receipt:
    receipt = store.receipt(key)
    if receipt is None:
        raise Terminal(f"the result {key} has vanished from {store.home.path}: does somebody else delete files there?")
    return receipt


def _chain(order: Order, step: IngestStep) -> Chain:
    plan, shard = order.plan, step.key
    pairing = _pairing(plan, shard)
    return Chain(
        step,
        pairing,
        _measuring(plan, shard, pairing.key),
        _sketching(plan, shard, pairing.key),
        order.benchmarks,
        _leaks(plan, shard, order.benchmarks),
    )


def _leaks(plan: Plan, shard: str, benchmarks: list[BenchmarkStep]) -> list[Step]:
    if plan.decontaminate is None:
        return []
    said = plan.decontaminate
    stage = Leaks(ngram=said.ngram, threshold=said.threshold, near=said.near)
    return [Step(stage, {"_benchmarks": [step.key for step in benchmarks], "records": [shard]})]


def _sketching(plan: Plan, shard: str, pairing: str) -> list[Step]:
    if plan.dedupe.near is None:
        return []
    stage = Sketch(ngram=plan.dedupe.near.ngram, threshold=plan.dedupe.near.threshold)
    return [Step(stage, _of_shard([pairing], [shard]))]


def _near(plan: Plan, chains: list[Chain], sources: list[str]) -> list[Step]:
    """Search for near copies among everything that was sketched, if the plan wants it."""
    if plan.dedupe.near is None:
        return []
    stage = NearMatch(ngram=plan.dedupe.near.ngram, threshold=plan.dedupe.near.threshold, sources=sources)
    known = _of_shard([chain.pairing.key for chain in chains], [chain.ingest.key for chain in chains])
    sketches = [step.key for chain in chains for step in chain.sketching]
    sketched = {f"_{kind}_bands": sketches for kind in ("prompt", "response", "pair")}
    return [Step(stage, sketched | known)]


def _made(table: str, steps: list[Step]) -> dict[str, list[str]]:
    """Name the results of steps that a plan may do without."""
    return {table: [step.key for step in steps]} if steps else {}


def _of_shard(pairings: list[str], shards: list[str]) -> dict[str, list[str]]:
    """Name what a search for near copies reads of some shards."""
    return {
        "_prompts": pairings, "_contents": pairings, "_judgments": pairings, "records": shards, "responses": shards,
    }  # fmt: skip


def _pairing(plan: Plan, shard: str) -> Step:
    stage = Pairing(shard=shard, kinds=plan.resolve.from_, ranking_pairs=plan.resolve.ranking_pairs)
    return Step(stage, {table: [shard] for table in Pairing.reads})


def _measuring(plan: Plan, shard: str, pairing: str) -> Step:
    named = named_metrics(plan)
    stage = Measure(prompts=prompt_measures(named), answers=answer_measures(named))
    inputs = {"_judgments": [pairing], "records": [shard], "responses": [shard]}
    if "tokens" in (*stage.prompts, *stage.answers) and plan.models.tokenizer is not None:
        inputs["_tokenizer"] = [tokenizer_key(plan.models.tokenizer)]
    return Step(stage, inputs)


def _slices(pairings: list[str], store: Store) -> list[tuple[int, int]]:
    """Say into how many slices the set stages cut the judgments, so that memory does not grow with the data."""
    rows = sum(file.rows for key in pairings for file in _receipt(store, key).files if file.table == "_judgments")
    parts = max(1, -(-rows // SLICE_ROWS))
    return [(at, parts) for at in range(parts)]


def _voting(plan: Plan, pairings: list[str], excluded: str, part: tuple[int, int]) -> Step:
    stage = Vote(vote=plan.resolve.vote, contradictions=plan.dedupe.contradictions, min_margin=plan.resolve.min_margin)
    return Step(stage, {"_judgments": pairings, "_excluded": [excluded]}, slice_=part)


def _matching(sources: list[str], pairings: list[str], vote: Step) -> Step:
    inputs = {"_prompts": pairings, "_contents": pairings, "_tallies": [vote.key]}
    return Step(ExactMatch(sources=sources), inputs, slice_=vote.slice_)


def _judging(order: Order, chains: list[Chain], vote: Step, media: dict[str, list[str]]) -> Step:
    plan = order.plan
    stage = PairRules(rules=[rule for rule in plan.rules if rule.on == "pairs"], metrics=sorted(set(plan.metrics)))
    shards = [chain.ingest.key for chain in chains]
    measured = [chain.measuring.key for chain in chains]
    inputs = {"_tallies": [vote.key], "_measures": measured, "records": shards, "responses": shards}
    said = {"_suspects": [order.trained], "_rewards": [order.trained]} if order.trained else {}
    return Step(stage, inputs | said | media, slice_=vote.slice_)


def _choosing(plan: Plan, chains: list[Chain], rules: Step, assign: str) -> Step:
    inputs = {
        "_judged": [rules.key],
        "_assigned": [assign],
        "records": [chain.ingest.key for chain in chains],
        "responses": [chain.ingest.key for chain in chains],
        **_made("_leaks", [step for chain in chains for step in chain.leaks]),
    }
    sources = [source.name for source in plan.sources]
    return Step(Choose(keep=plan.dedupe.keep, sources=sources), inputs, slice_=rules.slice_)


def _settling(plan: Plan, shards: list[str], near: list[Step], twins: list[Step], chosen: list[Step]) -> list[Step]:
    """Settle the near copies and twins among everything that was chosen, if they were searched for."""
    if not near and not twins:
        return []
    said = plan.dedupe
    opposed = {} if said.semantic is None else {"opposed_twins": said.semantic.contradictions}
    stage = SettleNear(keep=said.keep, contradictions=said.contradictions, **opposed)
    inputs = {"_chosen": [step.key for step in chosen], "responses": shards}
    return [Step(stage, {**inputs, **_made("_near", near), **_made("_semantic", twins)})]


def _doubting(plan: Plan, judged: list[Step], chosen: list[Step], settled: list[Step]) -> list[Step]:
    """Ask the rules on what models say, if there are any, of what would be kept without them."""
    if not any(model_metrics(columns_of(rule.expression)) for rule in plan.rules):
        return []
    return [
        Step(
            ModelRules(),
            {"_chosen": [chose.key], "_verdicts": [rules.key], **_made("_fates", settled)},
            slice_=chose.slice_,
        )
        for rules, chose in zip(judged, chosen, strict=True)
    ]


def _assembling(
    shards: list[str], chosen: list[Step], settled: list[Step], doubted: list[Step], store: Store
) -> list[Step]:
    """Write `pairs` shard by shard; the digests of what was decided about a shard stand for all of it in the key."""
    said = [(step, "_slices") for step in chosen] + [(step, "_fate_slices") for step in settled]
    said += [(step, "_model_fate_slices") for step in doubted]
    digests = pl.concat([store.scan([step.key], table).collect() for step, table in said])
    contents = dict(digests.group_by("shard").agg(pl.col("content").sort().str.join("+")).iter_rows())
    return [
        Step(
            Assemble(shard=shard, content=contents[shard]),
            {"_chosen": [step.key for step in chosen], "records": [shard], "responses": [shard]}
            | _made("_fates", settled)
            | _made("_model_fates", doubted),
            unkeyed=("_chosen", "_fates", "_model_fates"),
        )
        for shard in shards
        if shard in contents
    ]
