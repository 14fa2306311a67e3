"""The whole story of one id: where it came from, what it matched, which rule decided, where it ended."""

from __future__ import annotations

import json
from typing import NamedTuple

import polars as pl

from schemas.errors import Terminal
from schemas.reasons import Reason
from warehouse.database import Warehouse
from warehouse.takedown.tombstones import read_tombstones

# How to find the records that an id is about, for each kind of id.
_RECORDS_OF = {
    "pair": "select record_id from pairs where pair_id = $id",
    "record": "select record_id from records where record_id = $id",
    "row": "select record_id from records where list_contains(row_ids, $id)",
    "response": "select distinct record_id from responses where response_id = $id",
    "comparison": "select record_id from comparisons where comparison_id = $id",
    "media": "select distinct record_id from attachments where media_id = $id",
}
MOST_RECORDS = 5
SHORTEST = 4
_LIKENESS = {
    "exact": "equals",
    "normalised": "equals",
    "near": "nearly equals",
    "semantic": "means the same as",
    "perceptual": "looks or sounds like",
}


class Story(NamedTuple):
    """Everything a snapshot knows about one id, as tables and as sentences."""

    id: str
    kind: str
    rows: list[dict[str, object]]
    records: list[dict[str, object]]
    judgments: list[dict[str, object]]
    media: list[dict[str, object]]
    pairs: list[dict[str, object]]
    clusters: list[dict[str, object]]
    decisions: list[dict[str, object]]
    sentences: list[str]


def explain(warehouse: Warehouse, start: str) -> Story:
    """Tell the story of the id that begins with `start` (at least 4 characters) or of a source's own key.

    Raises Terminal if nothing has such an id, or several things have.
    """
    if len(start) < SHORTEST:
        raise Terminal(f"'{start}' is too short to look for: give at least {SHORTEST} characters of an id")
    found, kind = _identify(warehouse, start)
    records = _select(warehouse, _RECORDS_OF[kind], id=found).get_column("record_id").to_list()[:MOST_RECORDS]
    row_ids = [found] if kind == "row" else []
    about = {
        "rows": """select row_id, source, file, line, byte_offset, fate, q.reason, q.detail from rows
            left join quarantine q using (row_id, source, file, line, byte_offset)
            where list_contains($rows, row_id) or row_id in
            (select unnest(row_ids) from records where list_contains($records, record_id))""",
        "records": """select record_id, source, adapter, task, source_key, source_split, response_count, license,
            left(prompt_text, 80) as prompt from records where list_contains($records, record_id)""",
        "judgments": """select comparison_id, dimension, outcome, strength, annotator_id, n_votes, c.record_id
            from comparisons c where list_contains($records, record_id)""",
        "media": """select media_id, record_id, target, a.index, role, modality, mime, bytes, width, height, duration_s,
            error, note, reference from attachments a join media using (media_id)
            where list_contains($records, record_id) order by record_id, target, a.index""",
        "pairs": """select pair_id, pair_key, record_id, source, dimension, kept, reason, rule, split, component_id,
            n_votes, agreement, margin, tie from pairs where list_contains($records, record_id)""",
    }
    named = {"rows": row_ids, "records": records}
    told = {
        name: _select(warehouse, query, **{key: value for key, value in named.items() if f"${key}" in query}).to_dicts()
        for name, query in about.items()
    }
    subjects = [*records, *[str(pair["pair_id"]) for pair in told["pairs"]], *row_ids, found]
    subjects += [str(judgment["comparison_id"]) for judgment in told["judgments"]]
    subjects += [str(medium["media_id"]) for medium in told["media"]]
    clusters = _select(warehouse, "select * from clusters where list_contains($ids, subject_id)", ids=subjects)
    decisions = _select(warehouse, "select * from decisions where list_contains($ids, subject_id)", ids=subjects)
    story = Story(found, kind, **told, clusters=clusters.to_dicts(), decisions=decisions.to_dicts(), sentences=[])
    return story._replace(sentences=_tell(story))


def _select(warehouse: Warehouse, query: str, **values: object) -> pl.DataFrame:
    return warehouse.sql(query, values)


def _identify(warehouse: Warehouse, start: str) -> tuple[str, str]:
    """Find the one full id that begins with `start`, and what it is an id of."""
    found = find_ids(warehouse, start)
    if not found:
        _refuse_forgotten(warehouse, start)
        raise Terminal(
            f"nothing in this snapshot has the id {start}: the tables hold the ids, pairs.pair_id for example"
        )
    if len(found) > 1:
        raise ambiguous(start, found)
    kind, full = found[0]
    return full, kind


def _refuse_forgotten(warehouse: Warehouse, start: str) -> None:
    """Say of an id that was taken down that it was."""
    was_it = pl.col("digest").str.starts_with(start) | pl.col("row_id").str.starts_with(start)
    for at, reason in read_tombstones(warehouse.home).filter(was_it).select("at", "reason").head(1).iter_rows():
        raise Terminal(f"{start} was taken down at {at}" + (f": {reason}" if reason else ""))


def ambiguous(start: str, found: list[tuple[str, str]]) -> Terminal:
    """Say which ids begin with `start`."""
    return Terminal(f"{start} is the beginning of several ids: {', '.join(f'{kind} {name}' for kind, name in found)}")


def find_ids(warehouse: Warehouse, start: str) -> list[tuple[str, str]]:
    """Return, as kind and id, what has an id that begins with `start` or is called so by its source; at most ten."""
    query = """
        select distinct kind, id from (
            select 'pair' as kind, pair_id as id from pairs where starts_with(pair_id, $start)
            union all select 'record', record_id from records
                where starts_with(record_id, $start) or source_key = $start
            union all select 'row', row_id from rows where starts_with(row_id, $start)
            union all select 'response', response_id from responses where starts_with(response_id, $start)
            union all select 'comparison', comparison_id from comparisons where starts_with(comparison_id, $start)
            union all select 'media', media_id from media where starts_with(media_id, $start))
        order by kind, id limit 10"""
    return [(kind, name) for kind, name in _select(warehouse, query, start=start).iter_rows()]


def _tell(story: Story) -> list[str]:
    """Say in sentences what the tables say."""
    lines = [_tell_row(row) for row in story.rows]
    lines += [
        f"Record {_short(record['record_id'])} has {record['response_count']} responses, "
        f"read by the adapter {record['adapter']}."
        for record in story.records
    ]
    decided = {str(decision["subject_id"]): decision for decision in story.decisions if decision["action"] != "flag"}
    lines += [_tell_silence(decision) for decision in decided.values() if decision["subject"] == "record"]
    lines += [_tell_medium(medium) for medium in story.media]
    lines += [_tell_pair(pair, decided.get(str(pair["pair_id"]))) for pair in story.pairs]
    lines += [_tell_cluster(cluster) for cluster in story.clusters if cluster["partner_id"]]
    flagged = [decision for decision in story.decisions if decision["action"] == "flag"]
    lines += [_tell_flag(flag) for flag in flagged]
    return lines


def _tell_cluster(cluster: dict[str, object]) -> str:
    return (
        f"The {cluster['key']} of {cluster['subject']} {_short(cluster['subject_id'])} "
        f"{_LIKENESS[str(cluster['method'])]} that of {_short(cluster['partner_id'])} "
        f"({cluster['method']}, score {cluster['score']:.2f})."
    )


def _tell_medium(medium: dict[str, object]) -> str:
    size = f"{medium['width']} x {medium['height']} pixels" if medium["width"] else ""
    length = f"{medium['duration_s']:.1f} s" if medium["duration_s"] else ""
    about = ", ".join(str(each) for each in (medium["mime"] or medium["modality"], size, length) if each)
    wrong = f" It cannot be used: {medium['error']}." if medium["error"] else ""
    note = f" {str(medium['note']).capitalize()}." if medium["note"] else ""
    place = f"the {medium['target']} of record {_short(medium['record_id'])}"
    return f"Medium {_short(medium['media_id'])} ({about or 'unknown'}) stands in {place}.{wrong}{note}"


def _tell_row(row: dict[str, object]) -> str:
    place = f"Row {_short(row['row_id'])} of source {row['source']} ({row['file']}, line {row['line']})"
    if row["fate"] == Reason.forgotten:
        return f"{place} is forgotten. {Reason.forgotten.sentence}"
    if not row["reason"]:
        return f"{place} was {row['fate']}."
    return f"{place} was set aside: {_sentence(row['reason'])} {row['detail'] or ''}".strip()


def _tell_silence(decision: dict[str, object]) -> str:
    return f"Record {_short(decision['subject_id'])} has no pair: {_sentence(decision['reason'])}"


def _tell_pair(pair: dict[str, object], decision: dict[str, object] | None) -> str:
    votes = f"{pair['n_votes']} votes, agreement {pair['agreement']:.2f}"
    name = f"Pair {_short(pair['pair_id'])} ({pair['dimension']}, {votes})"
    if pair["kept"]:
        return f"{name} was kept, in split {pair['split']}."
    why = _sentence(pair["reason"])
    if decision is None:
        return f"{name} was not kept: {why}"
    return f"{name} was not kept: {why}{_evidence(decision)}"


def _evidence(decision: dict[str, object]) -> str:
    if decision["stage"] == "decontaminate":
        return f" {_place_in_benchmark(decision)}"
    asked = f"{decision['threshold']} with " if decision["threshold"] else ""
    rule = f" {decision['rule']}: {asked}{decision['value']}." if decision["rule"] else ""
    score = f" (similarity {decision['score']:.2f})" if decision["stage"] in ("near", "semantic") else ""
    partner = f" Its carrier or evidence is {decision['partner_id']}{score}." if decision["partner_id"] else ""
    return rule + partner


def _tell_flag(flag: dict[str, object]) -> str:
    if flag["stage"] == "decontaminate":
        return f"{_place_in_benchmark(flag)} This changed nothing for {_short(flag['subject_id'])}."
    return f"Rule {flag['rule']} marked {_short(flag['subject_id'])}: {flag['value']}."


def _place_in_benchmark(decision: dict[str, object]) -> str:
    """Say where a prompt was found, and how like the benchmark's it is."""
    found = json.loads(str(decision["value"]))
    return (
        f"It is in benchmark {decision['rule']} ({found['file']}, line {found['line']}): "
        f"{found['method']}, score {decision['score']:.2f}."
    )


def _sentence(reason: object) -> str:
    return Reason(str(reason)).sentence


def _short(name: object) -> str:
    return str(name)[:12]
