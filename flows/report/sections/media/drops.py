"""What was dropped, by reason and rule: prompt and media of a few pairs, with what the rule read."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import polars as pl

from flows.report.parts import Figure, Group, Said, Sheet, Tile
from flows.report.sections.media.darkroom import Darkroom, Developed
from flows.report.sections.media.known import cut_line
from flows.report.wording import cut, name, plural, visible
from schemas.reasons import Reason
from warehouse.database import Warehouse

_MOST_REASONS: Final = 6
_MOST_OF_A_REASON: Final = 8
MOST_TILES: Final = 90
_SHORT: Final = 300
# Pairs with media of their own, first of their reason by id, which is a digest.
_EXAMPLES = """
    with beside as (select distinct record_id, case when target = 'response' then target_id end as response_id
        from attachments where role = 'content'),
    own as (select distinct p.pair_id from pairs p join beside b on b.record_id = p.record_id
        and (b.response_id is null or b.response_id in (p.chosen_id, p.rejected_id))
        where not p.kept and p.reason is not null),
    placed as (select pair_id, reason, rule, count(*) over (partition by reason, rule) as n,
        row_number() over (partition by reason, rule order by pair_id) as place
        from pairs semi join own using (pair_id)),
    few as (select * from placed where place <= $most),
    read as (select subject_id, reason, rule, min(value) as value, min(score) as score, min(threshold) as threshold
        from decisions where subject = 'pair' and subject_id in (select pair_id from few) group by all)
    select f.*, p.prompt, p.chosen, p.rejected, r.value, r.score, r.threshold from few f
    join pairs p using (pair_id) left join read r on r.subject_id = f.pair_id and r.reason = f.reason
        and r.rule is not distinct from f.rule
    order by f.n desc, f.reason, f.rule, f.place"""
_MEDIA = """
    select distinct p.pair_id, a.media_id, a.index, case when a.target = 'prompt' then 'prompt'
        when a.target_id = p.chosen_id then 'chosen' else 'rejected' end as side
    from pairs p join attachments a on a.record_id = p.record_id
        and (a.target = 'prompt' or a.target_id in (p.chosen_id, p.rejected_id))
    where a.role = 'content' and p.pair_id in (select unnest($ids)) order by p.pair_id, side, a.index, a.media_id"""
_TONES: Final = {"prompt": "muted", "chosen": "kept", "rejected": "dropped"}


def drops(opened: Warehouse, darkroom: Darkroom) -> list[Figure]:
    """Show pairs with media that are not kept, if there are any."""
    found = opened.sql(_EXAMPLES, {"most": _MOST_OF_A_REASON})
    if found.is_empty():
        return []
    reasons = found.select("reason", "rule", "n").unique(maintain_order=True)
    told = reasons.head(_MOST_REASONS)
    examples = found.join(told, on=["reason", "rule", "n"], how="semi", nulls_equal=True, maintain_order="left")
    media = opened.sql(_MEDIA, {"ids": examples["pair_id"].to_list()})
    firsts = media.unique(["pair_id", "side"], keep="first", maintain_order=True)
    examples = _fitting(examples, firsts)
    shown = firsts.join(examples, on="pair_id", how="semi")
    developed = darkroom.develop(shown["media_id"])
    sides: dict[str, dict[str, str]] = {}
    for pair_id, media_id, _, side in shown.iter_rows():
        sides.setdefault(pair_id, {})[side] = media_id
    sheets = []
    for reason, rule, n in told.iter_rows():
        rows = examples.filter(pl.col("reason") == reason, pl.col("rule").eq_missing(rule)).to_dicts()
        groups = [_group(row, sides.get(row["pair_id"], {}), developed) for row in rows]
        sheets.append(Sheet(groups, _title(reason, rule, n), _says(reason, [row["threshold"] for row in rows])))
    total = int(reasons["n"].sum())
    others = f" The {len(told)} most frequent of {len(reasons)} reasons." if len(reasons) > len(told) else ""
    return [
        Figure(
            "What was dropped",
            f"{plural(total, 'pair')} with media are not kept: a few of each reason and rule, chosen by their ids, "
            f"with what the rule read. Their texts are folded.{others}",
            sheets=sheets,
        )
    ]


def _fitting(examples: pl.DataFrame, firsts: pl.DataFrame) -> pl.DataFrame:
    """Keep as many examples as the page has room for: the first of every reason, then the second, and so on."""
    tiles = firsts.group_by("pair_id").agg(tiles=pl.len())
    counted = examples.join(tiles, on="pair_id", how="left", maintain_order="left").with_row_index("order")
    room = counted.sort("place", "order").filter(pl.col("tiles").fill_null(0).cum_sum() <= MOST_TILES)
    return room.sort("order")


def _title(reason: str, rule: str | None, n: int) -> str:
    by = f" by {name(rule)}" if rule and rule != reason else ""
    return f"{reason}{by}: {plural(n, 'pair')}"


def _says(reason: str, thresholds: Sequence[str | None]) -> str:
    """Explain a reason, and quote the expression of its rule."""
    sentence = Reason(reason).sentence if reason in set(Reason) else ""
    asked = next((each for each in thresholds if each), None)
    return f"{sentence} `{cut_line(asked)}`" if asked else sentence


def _group(row: Mapping[str, Any], sides: Mapping[str, str], developed: Mapping[str, Developed]) -> Group:
    tiles: list[Tile] = []
    texts = [Said("prompt", cut(visible(row["prompt"]), _SHORT))] if row["prompt"] else []
    for side, tone in _TONES.items():
        each = developed.get(sides.get(side, ""))
        if each is not None:
            tiles.append(each.tile(side, tone))
        elif side != "prompt" and row[side]:
            texts.append(Said(side, cut(visible(row[side]), _SHORT)))
    read = _read(row)
    return Group(tiles, f"pair {row['pair_id'][:12]}" + (f" · {read}" if read else ""), texts)


def _read(row: Mapping[str, Any]) -> str:
    """Say which numbers decided. What is no number may be a text of the data and is left out."""
    if row["score"] is not None:
        return f"similarity {row['score']:.2f}"
    try:
        told = json.loads(row["value"] or "null")
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    numbers = ((key, value) for key, value in told.items() if isinstance(value, int | float))
    return ", ".join(f"{name(key)} {_number(value)}" for key, value in numbers)


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"
