"""The dataset card: what a pushed snapshot holds, where it is from and how good it is, told from its tables alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
import yaml
from jinja2 import Environment, StrictUndefined

from schemas.licenses import hub_identifier, strictness
from schemas.plan.push import COLUMNS, Push
from schemas.reasons import Reason
from tasks.push.configs import Config, card_configs
from tasks.push.media import media_meaning, task_categories
from tasks.push.tally import add_up

_SIZES = [(1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"),
          (10_000_000, "1M<n<10M"), (100_000_000, "10M<n<100M"), (1_000_000_000, "100M<n<1B")]  # fmt: skip
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class Facts(NamedTuple):
    """What a card is written from.

    `tallies` count the pushed pairs, `tasks` are theirs, `withheld` counts the kept ones that were left out (`reason`,
    `pairs`); `sources` and `contradictions` are tables of the snapshot, `lost` counts what was not kept (`subject`,
    `reason`, `rule`, `n`).
    """

    wanted: Push
    plan: dict[str, Any]
    snapshot: int
    created_at: datetime
    code_version: str
    default: str
    configs: Sequence[Config]
    tallies: Sequence[pl.DataFrame]
    withheld: pl.DataFrame
    sources: pl.DataFrame
    contradictions: pl.DataFrame
    lost: pl.DataFrame
    tasks: Sequence[str]


def card(facts: Facts) -> str:
    """Write the card of a push: metadata that the Hub reads, and text that people read.

    The same facts give the same text; its examples in Python run as they stand.
    """
    pairs = int(add_up(list(facts.tallies))["pairs"].sum())
    metadata = yaml.safe_dump(_metadata(facts, pairs), sort_keys=False, allow_unicode=True, width=120)
    # A card is Markdown; the filter `cell` escapes what is not ours.
    environment = Environment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)  # noqa: S701
    environment.filters |= {"cell": _cell, "share": _share, "number": _number}
    text = environment.from_string(files("tasks.push").joinpath("card.md.jinja").read_text(encoding="utf-8"))
    return f"---\n{metadata}---\n\n" + text.render(_words(facts, pairs))


def _metadata(facts: Facts, pairs: int) -> dict[str, Any]:
    licenses = _counted(facts, "license")["license"].to_list()
    languages = _counted(facts, "language")["language"].to_list()
    known = [each for each in languages if each and _LANGUAGE.fullmatch(each)]
    return {
        **_license(licenses),
        **({"language": sorted(known)} if known else {}),
        "pretty_name": facts.plan["name"],
        "size_categories": [next((name for most, name in _SIZES if pairs < most), "n>1T")],
        "task_categories": task_categories(facts.tasks),
        "tags": ["preference", "rlhf", "dpo", "reward-model", "winnow", *_modalities(facts)],
        **card_configs(facts.configs, facts.default),
    }


def _modalities(facts: Facts) -> list[str]:
    """Name what the rows hold, in the Hub's words."""
    found = {kind for config in facts.configs for kind in config.media.values()}
    return [f"modality:{kind}" for kind in ["text", *sorted(found)]] if found else []


def _columns(facts: Facts) -> dict[str, str]:
    """Tell what the columns of all configurations mean, in their order."""
    dimensions = [config for config in facts.configs if config.dimension is not None]
    names = dict.fromkeys(name for config in dimensions for name in config.schema.names)
    return {name: COLUMNS.get(name) or media_meaning(name) for name in names}


def _license(names: list[str | None]) -> dict[str, str]:
    """Name one licence as the Hub calls it; of several, that there are several: each row says its own."""
    found = {hub_identifier(name) for name in names}
    if len(found) == 1 and "other" not in found:
        return {"license": found.pop()}
    only = names[0] if len(names) == 1 else None
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", only.lower()) if only else "see-each-row"}


def _words(facts: Facts, pairs: int) -> dict[str, Any]:
    dimensions = [config for config in facts.configs if config.dimension is not None]
    first = next(config for config in dimensions if config.name == facts.default)
    filled = max(first.splits, key=lambda split: split.rows)
    plan = facts.plan
    return {
        "wanted": facts.wanted,
        "plan": plan,
        "snapshot": facts.snapshot,
        "created_at": f"{facts.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        "code_version": facts.code_version,
        "default": facts.default,
        "split": filled.name,
        "dimensions": dimensions,
        "beside": [config for config in facts.configs if config.table is not None],
        "columns": _columns(facts),
        "media": first.media,
        "lists": [name for name in first.media if pa.types.is_list(first.schema.field(name).type)],
        "pairs": pairs,
        "withheld": _reasoned(facts.withheld.select(pl.lit("pair").alias("subject"), "reason", rule=None, n="pairs")),
        "kept": pairs + int(facts.withheld["pairs"].sum()),
        "sources": _sources(facts),
        "licenses": _licenses(facts),
        "lost": _reasoned(facts.lost),
        "agreement": _agreement(facts),
        "biases": _biases(facts),
        "benchmarks": (plan.get("decontaminate") or {}).get("against", []),
        "contaminated": _lost_to(facts, Reason.in_benchmark),
        "leaking": _lost_to(facts, Reason.contaminated),
        "rules": [rule | {"action": _action(rule)} for rule in plan.get("rules", [])],
    }


def _counted(facts: Facts, *by: str) -> pl.DataFrame:
    return add_up(list(facts.tallies), *by)


def _sources(facts: Facts) -> list[dict[str, Any]]:
    """List the sources in the plan's order, each with its origin: a data set of the Hub, or the file's bare name."""
    places = {source["name"]: _origin(source) for source in facts.plan["sources"]}
    origins = pl.DataFrame({"source": list(places), "origin": list(places.values())})
    found = facts.sources.join(_counted(facts, "source"), on="source", how="left", maintain_order="left")
    return found.join(origins, on="source", how="left", maintain_order="left").to_dicts()


def _origin(source: dict[str, Any]) -> str:
    hub = source.get("hub")
    return str(hub["repo"]) if hub else str(source.get("path") or "").rpartition("/")[2]


def _licenses(facts: Facts) -> list[dict[str, Any]]:
    counted = _counted(facts, "license").to_dicts()
    return sorted(counted, key=lambda each: (-strictness(each["license"]), each["license"] or ""))


def _reasoned(lost: pl.DataFrame) -> list[dict[str, Any]]:
    return [
        each | {"reason": each["reason"] + (f" `{each['rule']}`" if each["rule"] else ""), "why": _why(each["reason"])}
        for each in lost.to_dicts()
    ]


def _why(reason: str) -> str:
    return Reason(reason).sentence


def _agreement(facts: Facts) -> list[dict[str, Any]]:
    counted = _counted(facts, "dimension").with_columns(
        agreement=pl.when(pl.col("several_votes") > 0).then(pl.col("agreement_sum") / pl.col("several_votes"))
    )
    torn = facts.contradictions.group_by("dimension").agg(
        contradictions=pl.len(), even=(pl.col("settled") == "even").sum()
    )
    return counted.join(torn, on="dimension", how="left", maintain_order="left").fill_null(0).to_dicts()


def _biases(facts: Facts) -> list[dict[str, Any]]:
    return (
        _counted(facts, "source", "dimension")
        .with_columns(
            longer=pl.when(pl.col("length_differs") > 0).then(pl.col("longer_wins") / pl.col("length_differs")),
            first=pl.when(pl.col("place_differs") > 0).then(pl.col("first_wins") / pl.col("place_differs")),
        )
        .to_dicts()
    )


def _lost_to(facts: Facts, reason: Reason) -> int:
    return int(facts.lost.filter((pl.col("subject") == "pair") & (pl.col("reason") == reason.value))["n"].sum())


def _action(rule: dict[str, Any]) -> str:
    return next(action for action in ("drop", "quarantine", "flag") if rule.get(action))


def _cell(value: Any) -> str:
    """Write what a plan or a source says into a cell of a table, so that it is read as text."""
    text = " ".join(str("" if value is None else value).split())
    return re.sub(r"([\\|`*_<>\[\]])", r"\\\1", text)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _number(value: int | None) -> str:
    return f"{value or 0:,}"
