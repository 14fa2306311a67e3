"""A few records made by hand, taken through the operators without a store: what the tests of the rooms share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from schemas.identity import digest_text
from schemas.plan.plan import Plan
from schemas.rules.expressions import columns_of
from schemas.rules.metrics import answer_measures, prompt_measures
from schemas.tables import DERIVED, FACTS
from tasks.decontaminate.leaks import Leaks
from tasks.embed.texts import PairTexts
from tasks.embed.twins import Twins
from tasks.judge.copies.choose import Choose
from tasks.judge.copies.near import SettleNear
from tasks.judge.rules.judgments import JudgmentRules
from tasks.judge.rules.pairs import PairRules
from tasks.judge.silent import Silent
from tasks.match.exact import ExactMatch
from tasks.match.near import NearMatch
from tasks.match.semantic import SemanticMatch
from tasks.match.sketch import Sketch
from tasks.measure.measure import Measure
from tasks.resolve.annotators import Agreement
from tasks.resolve.assemble import Assemble
from tasks.resolve.pairing import Pairing
from tasks.resolve.votes import Vote
from tasks.split.assign import Assign

Tables = dict[str, pl.DataFrame]
PRIOR = {"record_id": pl.String, "component_id": pl.String, "split": pl.String}


def plan(**parts: Any) -> Plan:
    """A plan with sources A and B, and whatever else the test needs."""
    sources = [{"name": "A", "path": "a"}, {"name": "B", "path": "b"}]
    return Plan.model_validate({"name": "world", "sources": sources, **parts})


def record(
    name: str,
    prompt: str,
    answers: list[str],
    *votes: tuple[str, str | None],
    source: str = "A",
    ratings: list[float] | None = None,
    ranks: list[float] | None = None,
    **about: Any,
) -> dict[str, Any]:
    """One record: its answers and the votes (outcome between the first two, annotator) on them."""
    return {"id": name, "prompt": prompt, "answers": answers, "votes": votes, "source": source,
            "ratings": ratings, "ranks": ranks, **about}  # fmt: skip


def attachments(each: dict[str, Any], ids: list[str]) -> list[dict[str, Any]]:
    """Which media stand beside the prompt and the answers of a record."""
    beside = [("prompt", each["id"], at, medium) for at, medium in enumerate(each.get("media", ()))]
    beside += [("response", name, 0, medium) for name, medium in zip(ids, each.get("pictures", ()), strict=False)]
    return [
        {
            "record_id": each["id"],
            "target": target,
            "target_id": name,
            "index": at,
            "role": "content",
            "media_id": medium,
        }
        for target, name, at, medium in beside
    ]


def facts(records: list[dict[str, Any]]) -> Tables:
    """The fact tables that a mapping would make of `records`; a response's id is its text in angle brackets.

    `media` of a record are those of its prompt, `pictures` one medium for each answer.
    """
    rows: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("records", "responses", "attachments", "comparisons", "rankings", "ratings")
    }
    for each in records:
        rows["records"].append(
            {
                "record_id": each["id"],
                "row_ids": [each["id"]],
                "source": each["source"],
                "task": "t2t",
                "modality": "text",
                "prompt_text": each["prompt"],
                "prompt_messages": each.get("messages") or [{"role": "user", "content": each["prompt"]}],
                "response_count": len(each["answers"]),
                "evaluation_only": each.get("evaluation_only", False),
                "system": each.get("system"),
                "conversation_id": each.get("conversation_id"),
                "license": each.get("license"),
                "commercial_ok": each.get("commercial_ok"),
            }
        )
        ids = [f"<{answer}>" for answer in each["answers"]]
        ids = [f"{name}{medium}" for name, medium in zip(ids, each.get("pictures", [""] * len(ids)), strict=True)]
        rows["attachments"] += attachments(each, ids)
        for at, (answer, response_id) in enumerate(zip(each["answers"], ids, strict=True)):
            rows["responses"].append({"record_id": each["id"], "response_id": response_id, "index": at, "text": answer})
            for kind, values in (("ratings", each["ratings"]), ("rankings", each["ranks"])):
                if values is None:
                    continue
                about = {"record_id": each["id"], "dimension": "overall"}
                if kind == "ratings":
                    rows[kind].append(
                        about
                        | {
                            "target": "response",
                            "target_id": response_id,
                            "value": values[at],
                            "scale_min": 1.0,
                            "scale_max": 5.0,
                        }
                    )
                else:
                    rows[kind].append(about | {"response_id": response_id, "rank": values[at]})
        for at, (outcome, annotator) in enumerate(each["votes"]):
            rows["comparisons"].append(
                {
                    "comparison_id": f"{each['id']}.{at}",
                    "record_id": each["id"],
                    "a": ids[0],
                    "b": ids[1],
                    "dimension": "overall",
                    "outcome": outcome,
                    "annotator_id": annotator,
                }
            )
    return {name: pl.DataFrame(found, schema=pl.Schema(FACTS[name])) for name, found in rows.items()}


def embeddings(vectors: Mapping[str, Sequence[float]], *, cut: Sequence[str] = ()) -> pl.DataFrame:
    """The table `embeddings` of these texts, be they prompts or responses; the model read those in `cut` in part."""
    rows = [
        {"content_id": content_id, "content": "text", "model": "m", "revision": "1", "dim": len(vector),
         "vector": list(vector), "is_whole": text not in cut}
        for text, vector in vectors.items()
        for content_id in (f"<{text}>", digest_text("response", text))
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=pl.Schema(DERIVED["embeddings"]))


def twin_stages(world: Plan) -> list[Any]:
    """What finds twins, if the plan wants it."""
    said = world.dedupe.semantic
    if said is None:
        return []
    sources = [source.name for source in world.sources]
    return [
        PairTexts(),
        Twins(model="m", threshold=said.threshold, exact_to=said.exact_to),
        SemanticMatch(sources=sources, link=said.link),
    ]


def curate(
    records: list[dict[str, Any]],
    world: Plan | None = None,
    prior: pl.DataFrame | None = None,
    benchmarks: pl.DataFrame | None = None,
    vectors: Mapping[str, Sequence[float]] | None = None,
) -> Tables:
    """Take `records` through the operators of a run in their order and return every table, internal ones too.

    `vectors` are what a model would make of texts.
    """
    world = world or plan()
    tables = facts(records)
    on = {kind: [rule for rule in world.rules if rule.on == kind] for kind in ("pairs", "judgments")}
    sources = [source.name for source in world.sources]
    judges = {(vote[1], each["source"]) for each in records for vote in each["votes"] if vote[1] is not None}
    tables["_annotators"] = pl.DataFrame(
        sorted(judges), schema={"annotator_id": pl.String, "source": pl.String}, orient="row"
    )
    tables["_prior"] = prior if prior is not None else pl.DataFrame(schema=PRIOR)
    parts: dict[str, list[pl.DataFrame]] = defaultdict(list)
    named = {name for rule in on["pairs"] for name in columns_of(rule.expression)} | set(world.metrics)
    near = world.dedupe.near
    if benchmarks is not None:
        tables["_benchmarks"] = benchmarks
    tables["embeddings"] = embeddings(vectors or {})
    meant = world.dedupe.semantic
    settling = {} if meant is None else {"opposed_twins": meant.contradictions}
    said = {} if near is None else {"ngram": near.ngram, "threshold": near.threshold}
    for stage in (
        Pairing(shard="s", kinds=world.resolve.from_, ranking_pairs=world.resolve.ranking_pairs),
        Measure(prompts=prompt_measures(named), answers=answer_measures(named)),
        Agreement(),
        JudgmentRules(rules=on["judgments"]),
        Vote(vote=world.resolve.vote, contradictions=world.dedupe.contradictions, min_margin=world.resolve.min_margin),
        *([Sketch(**said), NearMatch(**said, sources=sources)] if near is not None else []),
        *twin_stages(world),
        *([Leaks(ngram=8, threshold=0.5, near=0.8)] if benchmarks is not None else []),
        ExactMatch(sources=sources),
        PairRules(rules=on["pairs"], metrics=world.metrics),
        Assign(shares=world.split.shares, salt=world.split.salt),
        Silent(),
        Choose(keep=world.dedupe.keep, sources=sources),
        *(
            [SettleNear(keep=world.dedupe.keep, contradictions=world.dedupe.contradictions, **settling)]
            if near is not None or meant is not None
            else []
        ),
        Assemble(shard="s", content=""),
    ):
        made = stage(**{name.lstrip("_"): tables[name].lazy() for name in stage.reads if name in tables})
        for name in ("decisions", "clusters", "contradictions"):
            parts[name] += [made.pop(name)] if name in made else []
        if "_near_links" in made and "_near_links" in tables:
            made["_near_links"] = pl.concat([tables["_near_links"], made["_near_links"]])
        tables |= made
    return tables | {name: pl.concat(frames) for name, frames in parts.items()}
