"""Units of work: an operator and the stored results it reads. Nothing here knows Prefect."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field, replace

import polars as pl

from flows.embed.pin_media import NO_MODELS, MediaStages
from flows.embed.step import EmbedStep
from flows.media.find import FindStep, ReferenceStep
from flows.media.look import LookStep
from flows.media.passes import PassStep
from flows.media.places import Places
from flows.piece import Piece
from flows.shards import batches, by_file, names_of
from schemas.media import Found
from schemas.plan.plan import Plan
from schemas.rows.batch import Shard
from schemas.stage import Stage
from tasks.decontaminate.benchmark import Benchmark
from tasks.embed.embed import Embed
from tasks.ingest.ingest import Ingest
from tasks.ingest.media.rows import Media
from tasks.ingest.rows.pseudonym import Pseudonym
from warehouse.home import Home
from warehouse.intake import count_rows
from warehouse.media.shelf import BlobShelf
from warehouse.store import Receipt, Store
from warehouse.takedown.tombstones import read_forgotten


@dataclass(frozen=True)
class Step(Piece):
    """Apply `stage` to stored tables. `inputs` says, for each table, under which keys its rows lie.

    The keys of `unkeyed` tables stay out of the step's own key, because the stage's settings speak for their content.
    With `slice_` (i, n) the step sees one n-th of each table that its stage lets itself be cut by.
    """

    stage: Stage
    inputs: dict[str, list[str]] = field(default_factory=dict)
    of: str = ""
    unkeyed: tuple[str, ...] = ()
    slice_: tuple[int, int] = (0, 1)

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        keyed = [(table, keys) for table, keys in self.inputs.items() if table not in self.unkeyed]
        part = [f"{self.slice_}"] if self.slice_[1] > 1 else []
        return self.stage.key(*[f"{table}:{key}" for table, keys in keyed for key in keys], *part)

    @property
    def keys(self) -> list[str]:
        """Name the result and what it is made of."""
        return [self.key, *self._inputs]

    @property
    def _inputs(self) -> list[str]:
        return sorted({key for keys in self.inputs.values() for key in keys})

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return type(self.stage).__name__

    @property
    def name(self) -> str:
        """Say in two words what is done to what."""
        return f"{self.stage_name} {self.of}".strip()

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        frames = {table.lstrip("_"): self._scan(store, table) for table in self.inputs}
        tables: dict[str, pl.DataFrame] = self.stage(**frames)  # type: ignore[operator]
        return store.write(self.key, tables, {"inputs": self._inputs})

    def _scan(self, store: Store, table: str) -> pl.LazyFrame:
        """Read a table, or the slice of it: ids are digests, so equal ranges of them hold equal shares of the rows."""
        frame, column = store.scan(self.inputs[table], table), self.stage.cut_by.get(table)
        at, parts = self.slice_
        if column is None or parts == 1:
            return frame
        first, end = f"{(at << 32) // parts:08x}", f"{(at + 1 << 32) // parts:08x}"
        frame = frame.filter(pl.col(column) >= first) if at else frame
        return frame.filter(pl.col(column) < end) if at + 1 < parts else frame


@dataclass(frozen=True)
class IngestStep(Piece):
    """Read some consecutive shards of a source and turn their rows into facts: one large one, or many small ones.

    `repeats` is the key of a table that counts how often rows occur earlier in the source, `repeats_digest` the digest
    of what it says of these shards. `partners` are the shards of a join's second file, which is read whole. `forgotten`
    names what was taken down from these files; what was taken down elsewhere in the source does not come back either.
    `places` are where media are looked for that the rows only name, `found` is the key of what was found there.
    """

    ingest: Ingest
    shards: tuple[Shard, ...]
    pseudonym_of: str
    limit: int | None = None
    repeats: str | None = None
    repeats_digest: str | None = None
    partners: tuple[Shard, ...] = ()
    forgotten: str = ""
    places: Places | None = None
    found: str | None = None

    @property
    def source(self) -> str:
        """Name the source."""
        return self.ingest.source

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        said = [*names_of(self.shards), self.pseudonym_of, f"{self.limit}", f"{self.repeats_digest}"]
        return self.ingest.key(*said, *names_of(self.partners), *filter(None, [self.forgotten, self.found]))

    @property
    def place(self) -> str:
        """Name the first of the shards uniquely within the source."""
        return f"{self.shards[0].file}:{self.shards[0].start}"

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return "Ingest"

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        first = self.shards[0]
        more = f" and {len(self.shards) - 1} more" if len(self.shards) > 1 else ""
        return f"Ingest {first.file}" + (f" at {first.start:,}" if first.start else "") + more

    def after(self, repeats: str, own: pl.DataFrame) -> IngestStep:
        """Return the same step for shards some of whose rows occurred before, as `own` counts them."""
        said = hashlib.sha256(own.select("row_digest", "earlier").write_csv().encode()).hexdigest()[:32]
        return replace(self, repeats=repeats, repeats_digest=said)

    def where(self, found: pl.DataFrame, store: Store) -> IngestStep:
        """Return the same step knowing what its references led to: reference, sha256, bytes, modality, error."""
        said = hashlib.sha256(found.write_csv().encode()).hexdigest()[:32]
        store.write(key := f"led-{said}", {"_led": found})
        return replace(self, found=key)

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        tables = self._ingest(store)
        counted = sum(count_rows(shard) for shard in self.shards)
        counted = min(counted, self.limit) if self.limit is not None else counted
        notes = {"rows_counted": counted + sum(count_rows(shard) for shard in self.partners)}
        return store.write(self.key, tables, notes)

    def _ingest(self, store: Store) -> dict[str, pl.DataFrame]:
        pseudonym = Pseudonym(store.home.pseudonym_key())
        seen = self._seen_before(store)
        parts: dict[str, list[pl.DataFrame]] = defaultdict(list)
        forgotten = read_forgotten(store.home, self.source)
        partners = self.ingest.gather(batches(self.partners), pseudonym, forgotten)
        shelf = BlobShelf(store.home)
        media = Media(shelf, self._found(store))
        read = batches(self.shards, self.limit)
        for file, rows in by_file(read) if self.ingest.mapping.group is not None else read:
            tables = self.ingest(rows, file, pseudonym, seen, partners, forgotten, media)
            for digest, times in tables["_digests"].iter_rows():
                seen[digest] = seen.get(digest, 0) + times
            for table, frame in tables.items():
                parts[table].append(frame)
        for tables in partners.tables(pl.concat(parts["records"])) if partners is not None else ():
            for table, frame in tables.items():
                parts[table].append(frame)
        shelf.settle()
        facts = {table: pl.concat(frames) for table, frames in parts.items()}
        facts["_blobs"] = facts["_blobs"].unique().sort("media_id", "reference")
        facts["_annotators"] = facts.pop("annotators").select("annotator_id", "source").unique()
        counted = facts["_digests"].group_by("row_digest").agg(pl.col("n").sum().cast(pl.Int64))
        return facts | {"_digests": counted.with_columns(shard=pl.lit(self.place))}

    def _found(self, store: Store) -> dict[str, Found]:
        if self.found is None:
            return {}
        led = store.scan([self.found], "_led").select("reference", *Found._fields).collect()
        return {reference: Found(*said) for reference, *said in led.iter_rows()}

    def _seen_before(self, store: Store) -> dict[str, int]:
        if self.repeats is None:
            return {}
        known = store.scan([self.repeats], "_repeats").filter(pl.col("shard") == self.place).collect()
        return dict(zip(known["row_digest"], known["earlier"], strict=True))


@dataclass(frozen=True)
class BenchmarkStep(Piece):
    """Read the prompts of one benchmark."""

    benchmark: Benchmark
    shards: tuple[Shard, ...]

    @property
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""
        return self.benchmark.key(*names_of(self.shards))

    @property
    def stage_name(self) -> str:
        """Name the operator."""
        return "Benchmark"

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return f"Read benchmark {self.benchmark.benchmark}"

    def make(self, store: Store) -> Receipt:
        """Do the work and store the result."""
        prompts = [self.benchmark(rows.docs, rows.lines, file) for file, rows in batches(self.shards)]
        return store.write(self.key, {"_benchmarks": pl.concat(prompts)}, {"inputs": []})


@dataclass(frozen=True)
class Chain:
    """What is done to the rows of some shards as soon as they are read, in one place: pairing, and what follows."""

    ingest: IngestStep
    pairing: Step
    measuring: Step
    sketching: list[Step]
    benchmarks: list[BenchmarkStep]
    leaks: list[Step]

    @property
    def key(self) -> str:
        """Name the last result, which is there when all are."""
        return self._later[-1].key

    @property
    def keys(self) -> list[str]:
        """Name all results, and what they are made of."""
        read = [step.key for step in self.benchmarks]
        return [self.ingest.key, *read, *[key for step in self._later if isinstance(step, Step) for key in step.keys]]

    @property
    def _later(self) -> list[Step | BenchmarkStep]:
        return [self.pairing, self.measuring, *self.sketching, *self.benchmarks, *self.leaks]

    @property
    def bytes(self) -> int:
        """How much there is to read, as it is stored."""
        return sum(shard.bytes for shard in self.ingest.shards)

    @property
    def stage_name(self) -> str:
        """Name the first operator."""
        return self.ingest.stage_name

    @property
    def name(self) -> str:
        """Say in a few words what is done to what."""
        return self.ingest.name

    def is_done(self, store: Store) -> bool:
        """Tell whether all results are there."""
        return self.ingest.is_done(store) and all(step.is_done(store) for step in self._later)

    def perform(self, store: Store) -> Receipt:
        """Do what is not done yet, and store the results."""
        self.ingest.perform(store)
        return [step.perform(store) for step in self._later][-1]


Work = Step | Chain | EmbedStep | ReferenceStep | FindStep | LookStep | PassStep


@dataclass(frozen=True)
class Order:
    """Everything a run needs to know before its first row is read.

    `trained` is the key of what trainings have said, if the plan reads it.
    """

    plan: Plan
    ingests: list[IngestStep]
    benchmarks: list[BenchmarkStep]
    run_key: str
    trained: str | None = None
    encoder: Embed | None = None
    media: MediaStages = NO_MODELS


def fingerprint(home: Home) -> str:
    """Name the home's pseudonym key without giving it away: results made with another key are other results."""
    return hashlib.sha256(b"fingerprint" + home.pseudonym_key()).hexdigest()[:16]
