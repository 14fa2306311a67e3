"""The chapter on contradictions and copies, side by side and with differing words marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from flows.report.material import Material
from flows.report.parts import Example, Fact, Figure, Section, Side, Table
from flows.report.wording import cut, name, plural, visible
from tasks.report.words import Run, differing

_MOST_OF_A_KIND = 3
_LONGEST_TEXT = 1200
_COUNTS = """
    select array_to_string(sources, ' + ') as sources, method, count(*) as n,
    count(*) filter (settled = 'even') as even from contradictions group by all order by n desc, sources, method"""
_LIKE = ("near_duplicate", "semantic_duplicate")
_ALIKE = {"near": "near copies", "semantic": "rows that mean the same"}
# The closest votes first; not more than a few of the same sources.
_DISPUTED = """
    select c.*, p.pair_id, p.prompt, p.chosen, p.rejected, p.n_votes, p.vote_share, p.dimension from (
        select *, row_number() over (partition by sources order by abs(votes_a - votes_b) / (votes_a + votes_b),
            votes_a + votes_b desc, pair_key) as place from contradictions where method not in ('near', 'semantic')) c
    join (select *, row_number() over (partition by pair_key, dimension order by pair_id) as copy from pairs) p
    using (pair_key, dimension)
    where place <= $most and copy = 1 order by place, c.sources, pair_key limit $all"""
_OPPOSED = """
    select c.method, c.votes_a, c.votes_b, a.pair_id as left_id, b.pair_id as right_id, a.prompt as left_prompt,
    a.chosen as left_chosen, a.rejected as left_rejected, b.prompt as right_prompt, b.chosen as right_chosen,
    b.rejected as right_rejected from contradictions c join pairs a on a.pair_id = c.ids[1]
    join pairs b on b.pair_id = c.ids[2] where method in ('near', 'semantic') order by c.ids limit $most"""
_COPIES = """
    select d.reason, d.score, a.pair_id as left_id, b.pair_id as right_id, a.source, b.source as other,
    a.prompt as left_prompt, a.chosen as left_chosen, a.rejected as left_rejected, b.prompt as right_prompt,
    b.chosen as right_chosen, b.rejected as right_rejected from (
        select *, row_number() over (partition by reason order by subject_id) as place from decisions
        where subject = 'pair' and reason in ('near_duplicate', 'semantic_duplicate', 'merged_normalised')
        and partner_id is not null) d
    join pairs a on a.pair_id = d.subject_id join pairs b on b.pair_id = d.partner_id
    where place <= $most order by reason desc, place"""
_MERGES = """
    select p.source as source, k.source as kept_in, p.reason, count(*) as n from decisions d
    join pairs p on p.pair_id = d.subject_id join pairs k on k.pair_id = d.partner_id
    where d.subject = 'pair'
    and p.reason in ('merged_exact', 'merged_normalised', 'near_duplicate', 'semantic_duplicate')
    group by all order by n desc, p.source, k.source, p.reason"""


def copies(material: Material) -> Section:
    """Show contradictions and copies, a few of each in full."""
    counts, merges = material.opened.sql(_COUNTS), material.opened.sql(_MERGES)
    contradictions, repeated = int(counts["n"].sum()), int(merges["n"].sum())
    even = int(counts["even"].sum())
    return Section(
        "copies",
        "Contradictions and copies",
        "The same two answers to the same prompt may be judged both ways, and the same judgment may be written down "
        "twice; sides, case, white space and a few words do not hide it.",
        [_contradictions(material, counts, contradictions, even), _copies(material, merges, repeated)],
        [
            Fact("contradictions", f"{contradictions:,}", f"{even:,} without a majority"),
            Fact("copies", f"{repeated:,}", "pairs that repeat a kept one"),
        ],
        plural(contradictions, "contradiction"),
    )


def _contradictions(material: Material, counts: pl.DataFrame, total: int, even: int) -> Figure:
    if not total:
        return Figure("Contradictions", "No two votes on the same pair contradict each other.")
    rows = [[name(sources), method, f"{n:,}", f"{even:,}"] for sources, method, n, even in counts.iter_rows()]
    policy = material.plan.dedupe.contradictions
    said = {
        "majority": "the majority decides, and even ones are dropped",
        "keep": "the majority decides, and even ones are kept as ties",
        "drop": "all of them are dropped",
    }
    asked = {"most": _MOST_OF_A_KIND, "all": 2 * _MOST_OF_A_KIND}
    disputed = [_disputed(row) for row in material.opened.sql(_DISPUTED, asked).to_dicts()]
    opposed = [_opposed(row) for row in material.opened.sql(_OPPOSED, {"most": _MOST_OF_A_KIND}).to_dicts()]
    return Figure(
        "Contradictions",
        f"{plural(total, 'pair')} have votes for both sides, {even:,} of them equally many; here {said[policy]}.",
        table=Table(["sources", "found as", "contradictions", "even"], rows, texts=2),
        examples=[*disputed, *opposed],
    )


def _disputed(row: dict[str, Any]) -> Example:
    left, right = _marked(row["chosen"] or "", row["rejected"] or "")
    share = row["vote_share"] if row["vote_share"] is not None else 0.5
    votes = plural(row["n_votes"], "vote")
    return Example(
        f"{share:.0%} against {1 - share:.0%} of {votes} · pair {row['pair_id'][:12]}",
        [Side(f"preferred by {share:.0%}", left), Side(f"preferred by {1 - share:.0%}", right)],
        cut(visible(row["prompt"] or "")),
    )


def _opposed(row: dict[str, Any]) -> Example:
    # What one row chose the other rejected; in the same order only the words differ.
    left, right = _marked(_whole(row, "left"), _whole(row, "right", ("prompt", "rejected", "chosen")))
    return Example(
        f"{_ALIKE[row['method']]} judged opposite ways, {row['votes_a']:.0f} to {row['votes_b']:.0f} votes · pairs "
        f"{row['left_id'][:12]} and {row['right_id'][:12]}",
        [Side("one row", left), Side("the other one", right)],
    )


def _copies(material: Material, merges: pl.DataFrame, total: int) -> Figure:
    if not total:
        return Figure("Copies", "No pair repeats another one.")
    rows = [[name(source), name(kept), reason, f"{n:,}"] for source, kept, reason, n in merges.iter_rows()]
    examples = []
    for row in material.opened.sql(_COPIES, {"most": _MOST_OF_A_KIND}).to_dicts():
        left, right = _marked(_whole(row, "left"), _whole(row, "right"))
        similar = f", similarity {row['score']:.2f}" if row["reason"] in _LIKE and row["score"] else ""
        title = f"{row['reason']}{similar} · pairs {row['left_id'][:12]} and {row['right_id'][:12]}"
        examples.append(Example(title, [Side("the copy", left), Side("what is kept in its place", right)]))
    return Figure(
        "Copies",
        f"{plural(total, 'pair')} repeat another one, up to case and white space, to nearly all words or to meaning, "
        "and are merged into it or dropped for it, so that nothing counts twice or lies in two splits.",
        table=Table(["source", "kept in", "how", "pairs"], rows, texts=3),
        examples=examples,
    )


def _whole(row: dict[str, Any], side: str, parts: Sequence[str] = ("prompt", "chosen", "rejected")) -> str:
    return "\n\n".join(f"{part.upper()}\n{row[f'{side}_{part}'] or ''}" for part in parts)


def _marked(left: str, right: str) -> tuple[list[Run], list[Run]]:
    sides = differing(visible(left), visible(right))
    return _shortened(sides[0]), _shortened(sides[1])


def _shortened(runs: list[Run]) -> list[Run]:
    """A text without spaces is one long word, so words alone do not bound a page."""
    told: list[Run] = []
    room = _LONGEST_TEXT
    for run in runs:
        if room <= 0:
            return [*told, Run(" …", is_different=False)]
        told.append(Run(run.text[:room], run.is_different))
        room -= len(run.text)
    return told
