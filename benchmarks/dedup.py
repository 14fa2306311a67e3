"""Measures near deduplication of whole texts, like for like: winnow's operators against other deduplicators.

    python benchmarks/dedup.py [--rows 20000] [--repeat 3] [--data bench-data] [--only winnow rensa …]

Every contestant reads the same file (one text a record: prompt, chosen and rejected, one after the other), finds near
copies at a Jaccard similarity of 0.8 of 5-word shingles with two threads, and writes the ids that it keeps; its
process is timed from start to end, and the best of several runs counts. What it kept is then compared with the truth,
which is found without sketches: found are the near pairs of which at most one is left, justified are the rows that
went although their own near copy stayed. Beside it stands `winnow run` on the same rows, which compares prompts,
responses, pairs and conversations, exact and near, counts votes, splits, and writes tables. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from bruteforce import near, shingle_sets
from contestants import Contestant, Outcome, best, named
from generate import TEXTS, generate
from markdown import share, table
from measuring import Measured, measure, program

PLAN = Path(__file__).with_name("plan.yaml")
THRESHOLD = 0.8


class Score(NamedTuple):
    """How good a set of kept rows is: near pairs, those of which at most one is kept; rows gone, those with cause."""

    pairs: int
    found: int
    gone: int
    justified: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("bench-data"))
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="contestants to run, all by default")
    given = parser.parse_args()
    contestants = named(given.only)
    rows, texts = whole_texts(given.rows, given.data / str(given.rows))
    print(f"{given.rows:,} texts, {texts.stat().st_size / 1e6:.0f} MB; {os.cpu_count()} processors", flush=True)
    with tempfile.TemporaryDirectory(prefix="dedup-", dir=given.data) as folder:
        outcomes = [(each, best(each, texts, Path(folder) / each.name, given.repeat)) for each in contestants]
        whole = whole_run(rows, Path(folder), given.repeat)
    scores = scored(pl.read_ndjson(texts), outcomes)
    print("\n" + as_table(outcomes, scores, whole))


def whole_texts(rows: int, folder: Path) -> tuple[Path, Path]:
    """Return the file of `rows` records and the file of their whole texts; make them if they are not there."""
    records, texts = folder / f"pref_{rows}.jsonl", folder / f"texts_{rows}.jsonl"
    if not records.exists():
        generate(rows, folder)
    if not texts.exists():
        aside = texts.with_suffix(".part")
        told = pl.read_ndjson(records).select("id", text=pl.concat_str(TEXTS, separator="\n"))
        told.write_ndjson(aside)
        aside.replace(texts)
    return records, texts


def whole_run(rows: Path, folder: Path, repeat: int) -> Measured:
    """Measure `winnow run` on the records, from nothing, its own Prefect server included."""
    inputs = folder / "inputs"
    inputs.mkdir()
    shutil.copy(PLAN, inputs)
    shutil.copy(rows, inputs)
    taken = []
    for at in range(repeat):
        command = [program("winnow"), "run", str(inputs / PLAN.name), "--set", "sources.1.optional=true"]
        taken.append(measure([*command, "--home", str(folder / f"home-{at}")], folder / "run.log"))
        print(f"  winnow run: {taken[-1].seconds:.2f} s, load {taken[-1].load:.2f}", flush=True)
    return min(taken, key=lambda each: each.seconds)


def scored(rows: pl.DataFrame, outcomes: list[tuple[Contestant, Outcome]]) -> list[Score]:
    """Compare what the contestants kept with the truth, by what each takes for words."""
    truths: dict[Callable[[str], list[str]], pl.DataFrame] = {}
    for each, _ in outcomes:
        if each.cut not in truths:
            truths[each.cut] = near(shingle_sets(rows["text"].to_list(), each.cut), THRESHOLD)
    return [score(truths[each.cut], rows["id"].is_in(outcome.kept.implode())) for each, outcome in outcomes]


def score(truth: pl.DataFrame, kept: pl.Series) -> Score:
    """Count what was found and what went with cause."""
    stays = kept.to_numpy()
    i, j = truth["i"].to_numpy(), truth["j"].to_numpy()
    has_kept_copy = np.zeros(len(stays), np.bool_)
    has_kept_copy[i[stays[j]]] = True
    has_kept_copy[j[stays[i]]] = True
    gone = ~stays
    return Score(len(i), int((~(stays[i] & stays[j])).sum()), int(gone.sum()), int((gone & has_kept_copy).sum()))


def as_table(outcomes: list[tuple[Contestant, Outcome]], scores: list[Score], whole: Measured) -> str:
    """Show the contestants in the order of the race."""
    ours = next((outcome.taken.seconds for each, outcome in outcomes if each.name == "winnow"), None)
    head = ["tool", "seconds", "times winnow", "peak MB", "kept", "near pairs found", "removals justified", "load", ""]
    rows = [
        [
            each.title,
            f"{outcome.taken.seconds:.2f}",
            f"{outcome.taken.seconds / ours:.1f}" if ours else "-",
            f"{outcome.taken.peak_mb:.0f}",
            f"{len(outcome.kept):,}",
            f"{share(told.found, told.pairs)} of {told.pairs:,}",
            f"{share(told.justified, told.gone)} of {told.gone:,}",
            f"{outcome.taken.load:.1f}",
            each.note,
        ]
        for (each, outcome), told in zip(outcomes, scores, strict=True)
    ]
    ratio = f"{whole.seconds / ours:.1f}" if ours else "-"
    timed = [f"{whole.seconds:.2f}", ratio, f"{whole.peak_mb:.0f}"]
    everything = "all of a run: prompts, responses, pairs, votes, splits, tables"
    rows.append(["`winnow run`", *timed, "", "", "", f"{whole.load:.1f}", everything])
    return table(head, rows)


if __name__ == "__main__":
    main()
