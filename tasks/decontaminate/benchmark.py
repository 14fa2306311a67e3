"""Benchmark: the prompts of a file that models are judged by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import polars as pl

from schemas.errors import Terminal
from schemas.stage import Stage

# What published benchmarks call their prompts; several of them in one row are several prompts.
COLUMNS = ("prompt", "prompt_en", "instruction", "question", "turns", "caption", "text", "input")
PROMPTS = pl.Schema({"benchmark": pl.String, "file": pl.String, "line": pl.Int64, "text": pl.String})


class Benchmark(Stage):
    """Take the prompts out of a benchmark's rows: from the columns named, or from those that benchmarks usually have.

    A list gives a prompt for each of its elements, a message its content.
    """

    reads: ClassVar = ()
    benchmark: str
    columns: list[str] | None = None

    def __call__(self, docs: Sequence[dict[str, Any]], lines: Sequence[int], file: str) -> pl.DataFrame:
        """Return `benchmark, file, line, text`, one row for every prompt.

        Raises Terminal if no row has such a column: a benchmark without prompts would let everything through.
        """
        names = self.columns or COLUMNS
        found = [
            (self.benchmark, file, line, text)
            for doc, line in zip(docs, lines, strict=True)
            for name in names
            for text in _texts(doc.get(name))
        ]
        if docs and not found:
            known = ", ".join(map(str, docs[0]))
            wanted = ", ".join(names)
            raise Terminal(
                f"no row of the benchmark {file} has a prompt in {wanted}; its columns are {known}: "
                f"say `columns: [...]` under decontaminate.against"
            )
        return pl.DataFrame(found, schema=PROMPTS, orient="row")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        yield from _texts(value.get("content", value.get("value")))
