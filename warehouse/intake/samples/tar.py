"""Tar files of WebDataset: consecutive members with one stem are a row, read in one pass and never unpacked."""

from __future__ import annotations

import re
import tarfile
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, Final, cast

from schemas.media import modality_of_name
from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Rows, Samples
from warehouse.intake.archive import Member, TarSource
from warehouse.intake.stream import BLOCK

FORMAT: Final = "webdataset"
MAX_SAMPLE_BYTES: Final = 256 << 20
_BATCH_BYTES: Final = 8 << 20
# `folder/000123.jpg_0.jpg`: everything up to the first dot of the last part is the stem.
_NAME: Final = re.compile(r"(?P<stem>(?:.*/)?[^./][^./]*)\.(?P<rest>[^/]+)")


def is_sharded(name: str, members: Sequence[Member]) -> bool:
    """Tell whether an archive is a shard of samples: most members share their stem with a medium."""
    stems = [stem_of(member.name) for member in members]
    sizes = Counter(stem for stem in stems if stem is not None)
    pairs = zip(stems, members, strict=True)
    shown = {stem for stem, member in pairs if stem is not None and modality_of_name(member.name) is not None}
    shared = sum(sizes[stem] for stem in shown if sizes[stem] > 1)
    return not name.lower().endswith(".zip") and 2 * shared > len(members)


def stem_of(name: str) -> str | None:
    """Name the sample that a member belongs to; none if it belongs to no sample."""
    found = _NAME.fullmatch(name)
    return None if found is None else found["stem"]


def read(place: Path) -> Iterator[Samples | Rows]:
    """Give the samples of a tar file in their order; one of more than `MAX_SAMPLE_BYTES` bytes is a bad row."""
    batch, size, first = list[tuple[str, dict[str, bytes]]](), 0, 1
    with tarfile.open(fileobj=cast("IO[bytes]", TarSource([place])), mode="r|", bufsize=BLOCK) as archive:
        for number, (stem, infos) in enumerate(_by_sample(archive), 1):
            parts, held = _parts(archive, infos)
            if held <= MAX_SAMPLE_BYTES:
                batch.append((stem, parts))
                size += held
            if size > _BATCH_BYTES or held > MAX_SAMPLE_BYTES:
                yield Samples(first, batch)
                batch, size, first = [], 0, number + 1
            if held > MAX_SAMPLE_BYTES:
                yield Rows.none_but([_too_long(number, stem, held)])
    yield Samples(first, batch)


def count(place: Path) -> int:
    """Count the samples of a tar file without reading what they hold."""
    with tarfile.open(fileobj=cast("IO[bytes]", TarSource([place])), mode="r|", bufsize=BLOCK) as archive:
        stems = [stem_of(info.name) for info in archive if info.isreg()]
    return sum(1 for _ in groupby(stem for stem in stems if stem is not None))


def _by_sample(archive: tarfile.TarFile) -> Iterator[tuple[str, Iterator[tarfile.TarInfo]]]:
    named = (info for info in archive if info.isreg() and stem_of(info.name) is not None)
    return groupby(named, key=lambda info: stem_of(info.name) or "")


def _parts(archive: tarfile.TarFile, infos: Iterator[tarfile.TarInfo]) -> tuple[dict[str, bytes], int]:
    """Read the members of a sample by what follows their stem; of one that is too long, only how long it is."""
    parts: dict[str, bytes] = {}
    size = 0
    for info in infos:
        size += info.size
        file = archive.extractfile(info) if size <= MAX_SAMPLE_BYTES else None
        if file is not None:
            parts[info.name[len(stem_of(info.name) or "") + 1 :].lower()] = file.read()
    return parts, size


def _too_long(number: int, stem: str, size: int) -> BadRow:
    detail = f"the sample {stem} has {size:,} bytes, and at most {MAX_SAMPLE_BYTES:,} are read"
    return BadRow(number, None, Reason.too_long, detail, stem)
