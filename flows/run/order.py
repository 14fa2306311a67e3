"""From a plan's file to a run's work order: validated settings, the shards to read, and the key of the whole run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from flows.run.line import STAGES
from flows.run.steps import IngestStep, fingerprint
from schemas.batch import Shard
from schemas.errors import Terminal
from schemas.expressions import BadExpression, compile_rule
from schemas.metrics import rule_types
from schemas.plan import Plan, Source
from schemas.plan_file import Mistake, PlanText, parse_plan
from tasks.ingest.ingest import Ingest
from tasks.ingest.parse import parse
from tasks.ingest.recognise import adapters, recognise
from warehouse.home import Home
from warehouse.intake import count_rows, find, read

# Small files are often compressed, and then hold three or four times as much.
GROUP_BYTES = 8 << 20


@dataclass(frozen=True)
class Order:
    """Everything a run needs to know before its first row is read."""

    plan: Plan
    ingests: list[IngestStep]
    run_key: str


def read_plan(path: Path, overrides: Sequence[str] = ()) -> PlanText:
    """Read and validate a plan's file, rules included. Raises Terminal if there is no such file."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Terminal(f"cannot read the plan {path}: {error}") from error
    said = parse_plan(text, overrides)
    if said.plan is None:
        return said
    wrong = [*_wrong_rules(said.plan, said)]
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
    for at, source in enumerate(said.plan.sources):
        shards: list[Shard] = []
        try:
            shards = find(source, path.parent, home.path)
            if shards:
                resolve_ingest(source, shards)
        except Terminal as error:
            mistakes.append(Mistake(said.line_of("sources", at), source.name, str(error)))
        try:
            if shards or not source.optional:
                _find_partners(source, path.parent, home)
        except Terminal as error:
            mistakes.append(Mistake(said.line_of("sources", at, "join", "path"), source.name, str(error)))
    return mistakes


def prepare(plan: Plan, root: Path, home: Home) -> Order:
    """Find every source's shards and settle how each is mapped. Raises Terminal for missing or unknown files."""
    known = fingerprint(home)
    ingests = [step for source in plan.sources for step in _ingest_steps(source, root, home, known)]
    if not ingests:
        raise Terminal("none of the plan's sources has a file, and all are optional: there is nothing to curate")
    versions = {stage.__name__: stage.version for stage in STAGES}
    said = [plan.model_dump_json(by_alias=True), json.dumps(versions), *[step.key for step in ingests]]
    return Order(plan, ingests, hashlib.sha256("\n".join(said).encode()).hexdigest()[:32])


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
    if source.limit is None:
        return [IngestStep(ingest, tuple(group), pseudonym_of) for group in _groups(shards)]
    steps, left = [], source.limit
    for shard in shards:
        if left <= 0:
            break
        steps.append(IngestStep(ingest, (shard,), pseudonym_of, limit=left))
        left -= count_rows(shard)
    return steps


def _find_partners(source: Source, root: Path, home: Home) -> tuple[Shard, ...]:
    """Find the second file of a source with a join; without it the source's rows would lack what belongs to them."""
    if source.join is None:
        return ()
    return tuple(find(Source(name=source.name, path=source.join.path), root, home.path))


def _groups(shards: Sequence[Shard]) -> Iterator[list[Shard]]:
    """Put small consecutive shards together: a step should be seconds of work, and every step has its price."""
    group: list[Shard] = []
    for shard in shards:
        if group and sum(each.bytes for each in group) + shard.bytes > GROUP_BYTES:
            yield group
            group = []
        group.append(shard)
    yield group


def _wrong_rules(plan: Plan, said: PlanText) -> list[Mistake]:
    wrong = []
    for at, rule in enumerate(plan.rules):
        try:
            compile_rule(rule.expression, rule_types(rule.on))
        except BadExpression as error:
            line = said.line_of("rules", at, rule.action)
            wrong.append(Mistake(line, f"rules.{at}.{rule.action}", f"{rule.expression!r}: {error}"))
    return wrong
