"""The table `sources`: what was read, how, and how many rows an independent count found."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

from flows.run.steps import IngestStep
from schemas.plan.plan import Plan
from schemas.plan.sources import Source
from schemas.rows.batch import Shard
from schemas.tables import FACTS
from tasks.ingest.licenses import is_commercial
from warehouse.store import Store


def describe_sources(plan: Plan, steps: Sequence[IngestStep], store: Store) -> str:
    """Store one row per source of the plan, in its order, and return the key."""
    rows = [_describe(source, [step for step in steps if step.source == source.name], store) for source in plan.sources]
    frame = pl.DataFrame(rows, schema=pl.Schema(FACTS["sources"]))
    key = "sources-" + hashlib.sha256(frame.write_json().encode()).hexdigest()[:32]
    store.write(key, {"sources": frame}, {"inputs": []})
    return key


def _describe(source: Source, steps: Sequence[IngestStep], store: Store) -> dict[str, object]:
    ingest = steps[0].ingest if steps else None
    receipts = [receipt for step in steps if (receipt := store.receipt(step.key)) is not None]
    shards = [shard for step in steps for shard in (*step.shards, *step.partners)]
    license_name = ingest.license if ingest else source.license
    return {
        "source": source.name,
        "adapter": ingest.adapter if ingest else source.adapter,
        "path": source.path or (source.hub.repo if source.hub else None),
        "files": len({shard.file for shard in shards}),
        "bytes": sum(shard.bytes for shard in shards),
        "rows_counted": sum(int(receipt.notes["rows_counted"]) for receipt in receipts),
        "revision": _revision(shards),
        "dimension": source.dimension,
        "license": license_name,
        "commercial_ok": is_commercial(license_name),
        "evaluation_only": bool(ingest.evaluation_only if ingest else source.evaluation_only),
        "mapping": ingest.mapping.model_dump_json(exclude_defaults=True) if ingest else None,
    }


def _revision(shards: Sequence[Shard]) -> str | None:
    """Files of the Hub are named repo@revision/file."""
    named = [shard.file.split("@")[1].split("/")[0] for shard in shards if "@" in shard.file]
    return named[0] if named else None
