"""Which stored results hold nothing of what was taken down: those that are made of untouched rows alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from warehouse import frames
from warehouse.store import Receipt

# The note of a receipt that only the reading of a source leaves.
ROWS_COUNTED = "rows_counted"


def key_of(path: str) -> str:
    """Return the key that a file was written under."""
    return path.rsplit("/", 1)[-1].removesuffix(".parquet")


def clean_keys(receipts: Mapping[str, Receipt], published: Collection[str]) -> set[str]:
    """Return the keys that lead back to nothing but `published` rows, which are known to be clean.

    A result whose receipt names no inputs is believed only if it is published itself.
    """
    known: dict[str, bool] = {}
    for key in receipts:
        waiting = [key]
        while waiting:
            inputs = _inputs(receipts, waiting[-1])
            unknown = [each for each in inputs or [] if each not in known and each not in waiting]
            if unknown:
                waiting.append(unknown[0])
                continue
            last = waiting.pop()
            known[last] = _is_row_reader(receipts, last) and last in published
            if inputs is not None:
                known[last] = all(known.get(each, False) for each in inputs)
    return {key for key, is_clean in known.items() if is_clean}


def holds_work(receipt: Receipt) -> bool:
    """Tell whether a key has results that are not published."""
    return any(frames.is_internal(file.table) for file in receipt.files)


def _inputs(receipts: Mapping[str, Receipt], key: str) -> list[str] | None:
    return receipts[key].notes.get("inputs") if key in receipts else None


def _is_row_reader(receipts: Mapping[str, Receipt], key: str) -> bool:
    """Tell whether a result is that of reading a source, rather than of a step that did not say its inputs."""
    return key in receipts and (ROWS_COUNTED in receipts[key].notes or not holds_work(receipts[key]))
