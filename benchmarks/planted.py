"""Planted against found: what a home's database says about the rows that `generate.py` planted."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import duckdb

# A planted row belongs to the row it was made from. Rows of the kinds near and same_prompt are other pairs, so nothing
# but their prompt (or their likeness) ties them to it.
_MEMBERS = """
    create temp table members as
    with told as (
        select id, kind, src, case when kind in ('exact', 'norm_exact', 'swapped') then src else id end as root
        from read_json(?, format = 'newline_delimited', columns = {id: 'varchar', kind: 'varchar', src: 'varchar'})
    ), again as (
        select distinct source_key as id, 'republished' as kind, replace(source_key, 'again-', '') as src, src as root
        from records where source = 'republished'
    )
    select told.*, record_id, pair_id, pair_key, dimension, kept, reason, component_id
    from (from told union all from again) told join records on source_key = id join pairs using (record_id)
"""
# Each: planted, found, wrong.
_COUNTS = {
    "exact, norm_exact": """
        with mixed as (select pair_key from members group by pair_key having count(distinct root) > 1)
        select (select count(*) from members where kind in ('exact', 'norm_exact')),
        (select count(*) from members m join members b on b.id = m.src and b.pair_key = m.pair_key
         where m.kind in ('exact', 'norm_exact') and not (m.kept and b.kept)),
        (select count(*) from members semi join mixed using (pair_key) where not kept)""",
    "swapped": """
        with planted as (select distinct root from members where kind = 'swapped'),
        told as (select distinct root from members join contradictions using (pair_key, dimension))
        select (select count(*) from planted), (select count(*) from planted semi join told using (root)),
        (select count(*) from told anti join planted using (root))""",
    "same_prompt": """
        select (select count(*) from members where kind = 'same_prompt'),
        (select count(*) from members m join members b on b.id = m.src and b.component_id = m.component_id
         where m.kind = 'same_prompt'),
        (select count(*) from members where kind = 'same_prompt' and not kept)""",
    "near": """
        with told as (select subject_id from clusters where method = 'near' and subject = 'pair'
                      union select partner_id from clusters where method = 'near' and subject = 'pair')
        select (select count(*) from members where kind = 'near'),
        (select count(*) from members where kind = 'near' and pair_id in (from told)),
        (select count(*) from members where kind in ('base', 'same_prompt') and pair_id in (from told)
         and id not in (select src from members where src <> ''))""",
    "republished": """
        select (select count(*) from members where kind = 'republished'),
        (select count(*) from members m join members b on b.id = m.src and b.pair_key = m.pair_key
         where m.kind = 'republished' and not m.kept),
        (select count(*) from members where kind = 'republished' and kept)""",
}


class Count(NamedTuple):
    """How many things of a kind were planted, found, and wrongly said to be of that kind."""

    kind: str
    planted: int
    found: int
    wrong: int


def count_planted(home: Path, rows: Path) -> list[Count]:
    """Compare the newest snapshot of `home` with the planted `rows`, a file that `generate.py` wrote.

    Wrong is, of copies, a merge of pairs that are not copies; of `same_prompt`, a row that was dropped; of
    `republished`, a row that was kept; of `near`, a pair with no planted likeness.
    """
    with duckdb.connect(str(home / "winnow.duckdb"), read_only=True) as database:
        database.execute(_MEMBERS, [str(rows)])
        return [Count(kind, *database.execute(query).fetchall()[0]) for kind, query in _COUNTS.items()]
