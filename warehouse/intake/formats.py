"""What a file's name says about its content."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import NamedTuple

FORMATS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".xml": "xml",
    ".xlsx": "xlsx",
    ".txt": "txt",
}
COMPRESSIONS = (".gz", ".zst")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
# A file whose rows can only be told apart by opening it is one shard with this format, and one bad row.
CLOSED = "archive"

KNOWN = f"{' '.join(FORMATS)}, each plain, {' or '.join(COMPRESSIONS)}, or in one of {' '.join(ARCHIVES)}"


class Kind(NamedTuple):
    """The format of a file's rows, and how the file is compressed, if it is."""

    format: str
    compression: str | None


def kind_of(name: str) -> Kind | None:
    """Tell the kind of a file from its suffixes, or nothing if they are not known."""
    lowered = name.lower()
    compression = next((suffix for suffix in COMPRESSIONS if lowered.endswith(suffix)), None)
    stem = lowered.removesuffix(compression or "")
    suffix = "." + stem.rpartition(".")[2]
    return Kind(FORMATS[suffix], compression) if "." in stem and suffix in FORMATS else None


def is_archive(name: str) -> bool:
    """Tell whether a file holds other files."""
    return name.lower().endswith(ARCHIVES)


def matches(name: str, pattern: str) -> bool:
    """Tell whether a path fits a glob as a shell would: `*` stays within a folder, `**` crosses folders."""
    return _fits(name.split("/"), pattern.split("/"))


def _fits(parts: list[str], patterns: list[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_fits(parts[skipped:], patterns[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _fits(parts[1:], patterns[1:])
