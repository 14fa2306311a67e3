"""From a plan's file to a run's work order: validated settings, the shards to read, and the key of the whole run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from flows.embed.pin import pin_encoder
from flows.embed.pin_media import pin_media
from flows.media.places import places_of
from flows.run.line import STAGES, named_metrics
from flows.run.steps import BenchmarkStep, IngestStep, Order, fingerprint
from flows.run.tokenizer import pin_tokenizer
from flows.run.trained import remember_trained
from schemas.errors import Terminal
from schemas.plan.curation import Against
from schemas.plan.file import Mistake, PlanText, parse_plan
from schemas.plan.plan import Plan
from schemas.plan.sources import Source
from schemas.rows.batch import Shard
from schemas.rules.expressions import BadExpression, columns_of, compile_rule, with_hints
from schemas.rules.metrics import METRICS, metric_types, rule_types
from tasks.decontaminate.benchmark import Benchmark
from tasks.ingest.ingest import Ingest
from tasks.ingest.media.rows import media_ways
from tasks.ingest.parse import parse
from tasks.ingest.recognise import adapters, recognise
from warehouse.export.manifest import read_manifest
from warehouse.home import Home
from warehouse.intake import count_rows, find, read
from warehouse.takedown.tombstones import read_marks

# Small files are often compressed, and then hold three or four times as much.
GROUP_BYTES = 8 << 20


def read_plan(path: Path, overrides: Sequence[str] = ()) -> PlanText:
    """Read and validate a plan's file, rules included. Raises Terminal if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Terminal(f"cannot read the plan {path}: {error}") from error
    said = parse_plan(text, overrides)
    if said.plan is None:
        return said
    wrong = [*_wrong_rules(said.plan, said), *_wrong_metrics(said.plan, said), *_wrong_semantic(said.plan, said)]
    return said._replace(plan=None if wrong else said.plan, mistakes=wrong)


def valid_plan(path: Path, overrides: Sequence[str] = ()) -> Plan:
    """Read a plan's file; raise Terminal with every mistake and its line if it is not valid."""
    said = read_plan(path, overrides)
    if said.plan is None:
        raise Terminal("\n".join([f"{path} is not a valid plan:", *[f"  {mistake}" for mistake in said.mistakes]]))
    return said.plan


def find_mistakes(path: Path, home: Home, overrides: Sequence[str] = ()) -> list[Mistake]:
    """Return everything that is wrong with a plan, files and adapters included, without running it."""
    said = read_plan(path, overrides)
    if said.plan is None:
        return said.mistakes
    mistakes = []
    try:
        pin_tokenizer(said.plan, path.parent, home)
    except Terminal as error:
        mistakes.append(Mistake(said.line_of("models", "tokenizer"), "models.tokenizer", str(error)))
    try:
        pin_encoder(said.plan, path.parent, home)
    except Terminal as error:
        mistakes.append(Mistake(said.line_of("models", "text"), "models.text", str(error)))
    try:
        pin_media(said.plan, path.parent, home)
    except Terminal as error:
        mistakes.append(Mistake(said.line_of("models"), "models", str(error)))
    for at, source in enumerate(said.plan.sources):
        mistakes += _wrong_source(source, at, path.parent, home, said)
    for at, benchmark in enumerate(_benchmarks(said.plan)):
        mistakes += _wrong_benchmark(benchmark, at, path.parent, home, said)
    return [*mistakes, *_taken_folders(said.plan, path.parent, said)]


def _wrong_source(source: Source, at: int, root: Path, home: Home, said: PlanText) -> Iterator[Mistake]:
    shards: list[Shard] = []
    try:
        shards = find(source, root, home.path)
        if shards:
            resolve_ingest(source, shards)
    except Terminal as error:
        yield Mistake(said.line_of("sources", at), source.name, str(error))
    try:
        if shards or not source.optional:
            _find_partners(source, root, home)
    except Terminal as error:
        yield Mistake(said.line_of("sources", at, "join", "path"), source.name, str(error))


def _wrong_benchmark(benchmark: Against, at: int, root: Path, home: Home, said: PlanText) -> Iterator[Mistake]:
    """Read the first rows of a benchmark: it may not be there, and its columns may hold no prompt."""
    try:
        step = _benchmark_step(benchmark, root, home)
        for shard in step.shards:
            rows = next(parse(read(shard, limit=20)))
            step.benchmark(rows.docs, rows.lines, shard.file)
    except Terminal as error:
        yield Mistake(said.line_of("decontaminate", "against", at), benchmark.name, str(error))


def prepare(plan: Plan, root: Path, home: Home) -> Order:
    """Find every source's shards and settle how each is mapped. Raises Terminal for missing or unknown files."""
    plan = pin_tokenizer(plan, root, home) if _counts_tokens(named_metrics(plan)) else plan
    plan, encoder = pin_encoder(plan, root, home)
    plan, media = pin_media(plan, root, home)
    known = fingerprint(home)
    marks = read_marks(home)
    ingests = [
        _marked(step, marks)
        for source in plan.sources
        for step in _with_places(source, plan, root, home, _ingest_steps(source, root, home, known))
    ]
    if not ingests:
        raise Terminal("none of the plan's sources has a file, and all are optional: there is nothing to curate")
    benchmarks = [_benchmark_step(each, root, home) for each in _benchmarks(plan)]
    trained = remember_trained(plan, home)
    versions = {stage.__name__: stage.version for stage in STAGES}
    # Exports and pushes are made of a snapshot: others of them make no other one.
    said = [
        plan.model_dump_json(by_alias=True, exclude={"export", "push", "train"}),
        json.dumps(versions),
        *[step.key for step in ingests],
        *[step.places.identity for step in ingests if step.places is not None],
        *[step.key for step in benchmarks],
        *([trained] if trained else []),
    ]
    key = hashlib.sha256("\n".join(said).encode()).hexdigest()[:32]
    return Order(plan, ingests, benchmarks, key, trained=trained, encoder=encoder, media=media)


def resolve_ingest(source: Source, shards: Sequence[Shard]) -> Ingest:
    """Settle which mapping reads `source`: the plan's own, a named adapter's, or that of the recognised one."""
    about: dict[str, Any] = {
        "source": source.name,
        "dimension": source.dimension,
        "split": source.split or (source.hub.split if source.hub else None),
        "evaluation_only": source.evaluation_only,
        "join": source.join,
    }
    if source.mapping is not None:
        return Ingest(adapter="mapping", mapping=source.mapping, license=source.license, **about)
    adapter = _named(source.adapter) if source.adapter else _recognised(source, shards)
    if adapter.needs_join is not None and source.join is None:
        wanted = f"join: {{path: {adapter.join_with or source.path or 'FILE'}, on: {adapter.needs_join}}}"
        what = "join the file with itself" if adapter.join_with is None else "join the file that they belong to"
        raise Terminal(f"source '{source.name}': its rows only make sense together: say `{wanted}` to {what}")
    if adapter.mapping.group is not None and source.join is not None:
        raise Terminal(f"source '{source.name}': the rows of {adapter.name} are grouped: they take no `join:`")
    if source.evaluation_only is None:
        about["evaluation_only"] = adapter.evaluation_only
    return Ingest(adapter=adapter.name, mapping=adapter.mapping, license=source.license or adapter.license, **about)


def _named(name: str) -> Any:
    found = [adapter for adapter in adapters() if adapter.name == name]
    if not found:
        known = ", ".join(sorted(adapter.name for adapter in adapters()))
        raise Terminal(f"there is no adapter '{name}'; known are {known}")
    return found[0]


def _recognised(source: Source, shards: Sequence[Shard]) -> Any:
    for shard in shards:
        docs = [doc for rows in islice(parse(read(shard, limit=20)), 2) for doc in rows.docs][:20]
        if docs:
            try:
                return recognise({column for doc in docs for column in doc}, docs)
            except Terminal as error:
                raise Terminal(f"source '{source.name}' ({shard.file}): {error}") from error
    raise Terminal(f"source '{source.name}' has no readable row to recognise it by: name its adapter or a mapping")


def _ingest_steps(source: Source, root: Path, home: Home, pseudonym_of: str) -> list[IngestStep]:
    shards = find(source, root, home.path)
    if not shards:
        return []
    ingest = resolve_ingest(source, shards)
    if source.join is not None:
        partners = _find_partners(source, root, home)
        return [IngestStep(ingest, tuple(shards), pseudonym_of, limit=source.limit, partners=partners)]
    if ingest.mapping.group is not None:
        # Rows belong together across the pieces of a file.
        return [IngestStep(ingest, tuple(shards), pseudonym_of, limit=source.limit)]
    if source.limit is None:
        return [IngestStep(ingest, tuple(group), pseudonym_of) for group in _groups(shards)]
    steps, left = [], source.limit
    for shard in shards:
        if left <= 0:
            break
        steps.append(IngestStep(ingest, (shard,), pseudonym_of, limit=left))
        left -= count_rows(shard)
    return steps


def _with_places(
    source: Source, plan: Plan, root: Path, home: Home, steps: Sequence[IngestStep]
) -> Sequence[IngestStep]:
    """Say where the media lie that the rows of a source name, if its mapping reads any."""
    if not steps:
        return steps
    if not media_ways(steps[0].ingest.mapping):
        if source.media is not None:
            raise Terminal(f"source '{source.name}': it says where media are, but {steps[0].ingest.adapter} reads none")
        return steps
    places = places_of(source, plan, root, home)
    return [replace(step, places=places) for step in steps]


def _marked(step: IngestStep, marks: Mapping[tuple[str, str], str]) -> IngestStep:
    """Name in the step what was taken down from its files."""
    files = sorted({shard.file for shard in (*step.shards, *step.partners)})
    return replace(step, forgotten="+".join(marks[step.source, file] for file in files if (step.source, file) in marks))


def _benchmarks(plan: Plan) -> list[Against]:
    return plan.decontaminate.against if plan.decontaminate is not None else []


def _benchmark_step(benchmark: Against, root: Path, home: Home) -> BenchmarkStep:
    shards = find(benchmark.source, root, home.path)
    return BenchmarkStep(Benchmark(benchmark=benchmark.name, columns=benchmark.columns), tuple(shards))


def _find_partners(source: Source, root: Path, home: Home) -> tuple[Shard, ...]:
    """Find the second file of a source with a join; without it the source's rows would lack what belongs to them."""
    if source.join is None:
        return ()
    partners = Source(name=source.name, path=source.join.path, layout=source.join.layout)
    return tuple(find(partners, root, home.path))


def _groups(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    """Put small consecutive shards together: a step should be seconds of work, and every step has its price."""
    group: list[Shard] = []
    for shard in shards:
        if group and sum(each.bytes for each in group) + shard.bytes > GROUP_BYTES:
            yield group
            group = []
        group.append(shard)
    yield group


def _taken_folders(plan: Plan, root: Path, said: PlanText) -> Iterator[Mistake]:
    for at, wanted in enumerate(plan.export):
        try:
            read_manifest(root / wanted.out)
        except Terminal as error:
            yield Mistake(said.line_of("export", at, "out"), f"export.{at}.out", str(error))


def _wrong_rules(plan: Plan, said: PlanText) -> list[Mistake]:
    wrong = []
    for at, rule in enumerate(plan.rules):
        try:
            compile_rule(rule.expression, rule_types(rule.on))
            problem = _uncountable(columns_of(rule.expression), plan)
        except BadExpression as error:
            problem = str(error)
        if problem:
            line = said.line_of("rules", at, rule.action)
            wrong.append(Mistake(line, f"rules.{at}.{rule.action}", f"{rule.expression!r}: {problem}"))
    return wrong


def _wrong_metrics(plan: Plan, said: PlanText) -> list[Mistake]:
    wrong = []
    for at, name in enumerate(plan.metrics):
        unknown = None if name in metric_types() else f"unknown metric {with_hints([name], metric_types())}"
        problem = unknown or _uncountable([name], plan)
        if problem:
            wrong.append(Mistake(said.line_of("metrics", at), f"metrics.{at}", problem))
    return wrong


def _wrong_semantic(plan: Plan, said: PlanText) -> list[Mistake]:
    wants, models = plan.dedupe, plan.models
    missing = []
    if wants.semantic is not None and models.text is None:
        what = "texts are compared by embeddings: say under models what makes them, `text: {}` for the packaged encoder"
        missing.append(("semantic", what))
    if wants.semantic_media is not None and models.image_text is None:
        missing.append(("semantic_media", "media are compared by vectors: say models.image_text, which makes them"))
    if wants.semantic_media is not None and wants.semantic_media.stacked and models.caption is None:
        missing.append(("semantic_media", "captions count as much as media: say models.caption, which makes them"))
    return [Mistake(said.line_of("dedupe", part), f"dedupe.{part}", what) for part, what in missing]


def _uncountable(names: Iterable[str], plan: Plan) -> str | None:
    counted = [name for name in names if _counts_tokens([name])]
    if not counted or plan.models.tokenizer is not None:
        return None
    return (
        f"{counted[0]} needs to know whose tokens: say under models.tokenizer either `path:` of a tokenizer.json, "
        "or `repo:` and `revision:` of a model on the Hub"
    )


def _counts_tokens(names: Iterable[str]) -> bool:
    return any(METRICS[name].measure == "tokens" for name in names if name in METRICS)
