"""Measures how many near copies `winnow run` finds, against the truth, by how similar they are.

    python benchmarks/recall.py [--rows 20000] [--seed 11] [--data bench-data]

Makes records with English prompts and answers and with Chinese ones, which have no spaces. Every second record is an
edited copy of another: tokens are exchanged, left out and put in, or the end is cut off, and half of the copies have
their two answers exchanged. The truth is every two distinct prompts, every two distinct answers and every two pairs
whose similarity, computed without sketches, reaches the threshold. Prints Markdown; ends with exit code 1 if something
was reported that is below the threshold or has another similarity than was said.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import zlib
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import polars as pl
from bruteforce import near, normal_form, shingle_sets, similarity, tokens, united
from generate import TEXTS, base_rows, learn
from markdown import share, table
from measuring import measure, program

THRESHOLD = 0.8
EDGES = (0.80, 0.85, 0.90, 0.95)
CHINESE_SHARE = 0.3
# Of a copied text at most so many tokens are changed; a change takes away up to five shingles.
MOST_CHANGED = 0.06
_HAN, _HAN_SIGNS = 0x4E00, 5000
PLAN = {
    "name": "recall",
    "sources": [
        {
            "name": "recall",
            "path": "rows.jsonl",
            "mapping": {
                "id": "id",
                "prompt": "prompt",
                "responses": ["chosen", "rejected"],
                "winner": {"always": "a"},
            },
        }
    ],
}
# What near matching wrote down: two texts, or the ids of two records, and their similarity.
_REPORTED = {
    "prompts": """
        select a.prompt_text, b.prompt_text, score from clusters
        join records a on a.record_id = subject_id join records b on b.record_id = partner_id
        where method = 'near' and subject = 'record'""",
    "answers": """
        with said as (select distinct response_id, text from responses)
        select a.text, b.text, score from clusters
        join said a on a.response_id = subject_id join said b on b.response_id = partner_id
        where method = 'near' and subject = 'response'""",
    "pairs": """
        with said as (select pair_id, source_key from pairs join records using (record_id))
        select a.source_key, b.source_key, score from clusters
        join said a on a.pair_id = subject_id join said b on b.pair_id = partner_id
        where method = 'near' and subject = 'pair'""",
}


class Compared(NamedTuple):
    """What was found of one kind and what is true: the true scores, which of them were reported, and what was wrong."""

    kind: str
    scores: np.ndarray
    is_found: np.ndarray
    below: int
    largest_difference: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--data", type=Path, default=Path("bench-data"))
    given = parser.parse_args()
    rows = records(given.rows, np.random.default_rng(given.seed))
    given.data.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="recall-", dir=given.data) as folder:
        reported = curated(rows, Path(folder))
    compared = [
        compare_texts("prompts", rows["prompt"], reported["prompts"]),
        compare_texts("answers", pl.concat([rows["chosen"], rows["rejected"]]), reported["answers"]),
        compare_pairs(rows, reported["pairs"]),
    ]
    print(as_table(compared))
    sys.exit(1 if any(each.below or each.largest_difference > 1e-9 for each in compared) else 0)


def records(count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Make `count` records, every second one an edited copy of another."""
    base = base_rows(learn(), 0, count - count // 2, rng)
    is_chinese = rng.random(base.height) < CHINESE_SHARE
    made = []
    for at, (name, *texts) in enumerate(base.select("id", *TEXTS).iter_rows()):
        said = [cut(text, is_chinese[at]) for text in texts]
        made.append((name, *[written(each, is_chinese[at]) for each in said]))
        if at < count // 2:
            changed = rng.uniform(0, MOST_CHANGED)
            prompt, *answers = [written(edited(each, changed, is_chinese[at], rng), is_chinese[at]) for each in said]
            made.append((f"copy-{name}", prompt, *(answers if rng.random() < 0.5 else answers[::-1])))
    rows = pl.DataFrame(made, schema=["id", *TEXTS], orient="row")
    return rows.sample(fraction=1.0, shuffle=True, seed=int(rng.integers(1 << 31)))


def cut(text: str, is_chinese: bool) -> list[str]:  # noqa: FBT001
    """Cut an English text into its words; for Chinese, put one sign for each."""
    words = text.split()
    return [chr(_HAN + zlib.crc32(word.encode()) % _HAN_SIGNS) for word in words] if is_chinese else words


def written(said: list[str], is_chinese: bool) -> str:  # noqa: FBT001
    """Write a text again."""
    return ("" if is_chinese else " ").join(said)


def edited(said: list[str], changed: float, is_chinese: bool, rng: np.random.Generator) -> list[str]:  # noqa: FBT001
    """Change a share of the tokens, one at least, in one way or another."""
    count = max(1, round(changed * len(said)))
    if rng.random() < 0.2 and len(said) > 2 * count:
        return said[: -2 * count]
    said = list(said)
    for at, way in zip(rng.integers(len(said), size=count).tolist(), rng.integers(3, size=count), strict=True):
        number = int(rng.integers(1 << 30))
        new = chr(_HAN + number % _HAN_SIGNS) if is_chinese else f"w{number:x}"
        # Exchange a token, put one in, or take one out.
        taken, put = [(1, [new]), (0, [new]), (1, [])][way]
        said[at : at + taken] = put
    return said


def curated(rows: pl.DataFrame, folder: Path) -> dict[str, pl.DataFrame]:
    """Run `winnow` on the rows and return what it wrote down about near copies."""
    rows.write_ndjson(folder / "rows.jsonl")
    (folder / "plan.yaml").write_text(json.dumps(PLAN))
    command = [program("winnow"), "run", str(folder / "plan.yaml"), "--home", str(folder / "home")]
    measure(command, folder / "run.log")
    schema = {"a": pl.String, "b": pl.String, "said": pl.Float64}
    with duckdb.connect(str(folder / "home" / "winnow.duckdb"), read_only=True) as database:
        found = {kind: database.execute(query).fetchall() for kind, query in _REPORTED.items()}
    return {kind: pl.DataFrame(told, schema=schema, orient="row") for kind, told in found.items()}


def compare_texts(kind: str, texts: pl.Series, reported: pl.DataFrame) -> Compared:
    """Compare what was reported about texts with the truth about those that differ in normal form."""
    distinct = sorted({normal_form(text) for text in texts})
    sets = shingle_sets(distinct, tokens)
    numbers = {text: number for number, text in enumerate(distinct)}
    sides = [[numbers[normal_form(text)] for text in reported[side]] for side in ("a", "b")]
    return compare(kind, near(sets, THRESHOLD), numbered(reported, *sides))


def compare_pairs(rows: pl.DataFrame, reported: pl.DataFrame) -> Compared:
    """Compare what was reported about pairs with the truth: near in all they have, and in their answers alone."""
    texts = pl.concat([rows[side] for side in TEXTS])
    sets = shingle_sets(texts.to_list(), tokens)
    places = np.arange(len(texts)).reshape(len(TEXTS), -1)
    by_answers = near(united(sets, places[1:]), THRESHOLD)
    by_all = similarity(united(sets, places), by_answers.select("i", "j"))
    both = by_answers.join(by_all, on=["i", "j"], suffix="_all")
    truth = both.select("i", "j", score=pl.min_horizontal("score", "score_all")).filter(pl.col("score") >= THRESHOLD)
    numbers = {name: number for number, name in enumerate(rows["id"])}
    return compare("pairs", truth, numbered(reported, *[[numbers[name] for name in reported[side]] for side in "ab"]))


def numbered(reported: pl.DataFrame, a: list[int], b: list[int]) -> pl.DataFrame:
    """Name the two sides of what was reported by their numbers, the smaller first, each two once."""
    sides = pl.DataFrame({"a": a, "b": b}, schema={"a": pl.Int64, "b": pl.Int64})
    i, j = sides.select(i=pl.min_horizontal("a", "b"), j=pl.max_horizontal("a", "b"))
    return reported.select(i, j, "said").unique(["i", "j"])


def compare(kind: str, truth: pl.DataFrame, reported: pl.DataFrame) -> Compared:
    """Look every true pair up in what was reported, and the other way round."""
    told = truth.join(reported, on=["i", "j"], how="left")
    difference = (told["score"] - told["said"]).abs().max()
    below = reported.join(truth, on=["i", "j"], how="anti").height
    return Compared(kind, told["score"].to_numpy(), told["said"].is_not_null().to_numpy(), below, difference or 0.0)


def as_table(compared: list[Compared]) -> str:
    """Show what was found, by true similarity."""
    bins = [*zip(EDGES, [*EDGES[1:], 1.0], strict=True)]
    head = ["found of true near", *[f"{low:.2f} to {high:.2f}" for low, high in bins], "below 0.80"]
    rows = [[each.kind, *[found_in(each, *edges) for edges in bins], f"{each.below:,}"] for each in compared]
    return table(head, rows)


def found_in(told: Compared, low: float, high: float) -> str:
    """Say how many of the near copies of a similarity were found; the last bin has its upper edge."""
    inside = (told.scores >= low) & ((told.scores < high) | (high == 1.0))
    return f"{share(int(told.is_found[inside].sum()), int(inside.sum()))} of {inside.sum():,}"


if __name__ == "__main__":
    main()
