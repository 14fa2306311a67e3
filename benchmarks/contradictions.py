"""Measures what becomes of contradictory labels: how many are deleted without a word, and how many are told.

    python benchmarks/contradictions.py [--rows 20000] [--data bench-data] [--only winnow rensa …]

Plants pairs whose two labels contradict each other, each beside one pair of its own: the same texts with chosen and
rejected exchanged, and the same after one word of each text was changed. Of the latter those count that are near
copies (prompt and answers together, and answers alone, at a similarity of 0.8). A deduplicator that is given the whole
text of each record has deleted one label silently if at most one of the two records is left; beside that stands the
share of records with one prompt and other answers that lost one, which no duplicate explains. `winnow run` on the same
records has told a contradiction if the table `contradictions` names both records. Prints Markdown; ends with exit code
1 if winnow did not tell one of them.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import polars as pl
from bruteforce import shingle_sets, similarity, tokens, united
from contestants import named, run
from generate import COLUMNS, TEXTS, base_rows, learn, plant
from markdown import share, table
from measuring import measure, program

THRESHOLD = 0.8
KINDS = ("swapped", "near_swapped", "same_prompt")
PLANTED_SHARE = 0.05
PLAN = {
    "name": "contradictions",
    "sources": [
        {
            "name": "bench",
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
# Judgments of one pair contradict each other there, or those of two near pairs.
_TOLD = """
    with said as (select source_key, pair_id, pair_key, dimension from pairs join records using (record_id)),
    near as (select row_number() over () as number, unnest(ids) as pair_id from contradictions where method = 'near')
    select a.source_key as src, b.source_key as id from contradictions
    join said a using (pair_key, dimension) join said b using (pair_key, dimension) where method <> 'near'
    union
    select a.source_key, b.source_key from near x join near y using (number)
    join said a on a.pair_id = x.pair_id join said b on b.pair_id = y.pair_id
"""
_KEPT = "select source_key from pairs join records using (record_id) where kept"
_PAIRS = {"src": pl.String, "id": pl.String}


class Curated(NamedTuple):
    """What `winnow run` left and told: the ids of the rows with a kept pair, and the contradicting rows by two."""

    kept: pl.Series
    told: pl.DataFrame


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--data", type=Path, default=Path("bench-data"))
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="contestants to run, all by default")
    given = parser.parse_args()
    contestants = named(given.only)
    rows = records(given.rows, np.random.default_rng(given.seed))
    planted = near_enough(rows)
    given.data.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="contradictions-", dir=given.data) as name:
        folder = Path(name)
        ours = curated(rows, folder)
        texts = folder / "texts.jsonl"
        rows.select("id", text=pl.concat_str(TEXTS, separator="\n")).write_ndjson(texts)
        lines = [
            [f"{each.title}, whole texts", *shares(planted, run(each, texts, folder / each.name).kept)]
            for each in contestants
        ]
    told = planted.join(ours.told, on=["src", "id"], how="semi")
    untold = planted.join(ours.told, on=["src", "id"], how="anti")
    head = ["", *[f"{kind}: one side silently gone" for kind in KINDS], *[f"{kind}: told" for kind in KINDS[:2]]]
    lines = [[*line, "0", "0"] for line in lines]
    lines.append(["`winnow run`", *shares(untold, ours.kept, planted), *counts(told, planted)])
    print(table(head, lines))
    sys.exit(1 if untold.filter(pl.col("kind") != "same_prompt").height else 0)


def records(count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Make `count` records, of which each planted one has a base record of its own."""
    model, each = learn(), int(count * PLANTED_SHARE)
    base = base_rows(model, 0, count - len(KINDS) * each, rng)
    drawn = base[rng.permutation(base.height)[: len(KINDS) * each]].with_columns(src=pl.col("id"))
    parts = [
        plant(model, kind, drawn[at :: len(KINDS)], rng).with_columns(kind=pl.lit(kind))
        for at, kind in enumerate(KINDS)
    ]
    planted = pl.concat(parts).with_columns(id=pl.format("{}-{}", "kind", "id"))
    return pl.concat([base, planted.select(COLUMNS)]).sample(
        fraction=1.0, shuffle=True, seed=int(rng.integers(1 << 31))
    )


def near_enough(rows: pl.DataFrame) -> pl.DataFrame:
    """List what was planted, `kind, src, id`, without the near contradictions whose texts are not near."""
    planted = rows.filter(pl.col("src") != "").select("kind", "src", "id")
    numbers = dict(zip(rows["id"], range(rows.height), strict=True))
    sides = [
        planted[side].replace_strict(numbers, return_dtype=pl.Int64).alias(name)
        for side, name in zip(("src", "id"), "ij", strict=True)
    ]
    sets = shingle_sets(pl.concat([rows[side] for side in TEXTS]).to_list(), tokens)
    places = np.arange(len(TEXTS) * rows.height).reshape(len(TEXTS), -1)
    told = planted.with_columns(*sides)
    for name, parts in (("all", places), ("answers", places[1:])):
        alike = similarity(united(sets, parts), told.select("i", "j").unique()).rename({"score": name})
        told = told.join(alike, on=["i", "j"], how="left")
    is_near = pl.min_horizontal("all", "answers") >= THRESHOLD
    return told.filter((pl.col("kind") != "near_swapped") | is_near).select("kind", "src", "id")


def curated(rows: pl.DataFrame, folder: Path) -> Curated:
    """Run `winnow` on the rows and return what it kept and told."""
    rows.write_ndjson(folder / "rows.jsonl")
    (folder / "plan.yaml").write_text(json.dumps(PLAN))
    command = [program("winnow"), "run", str(folder / "plan.yaml"), "--home", str(folder / "home")]
    measure(command, folder / "run.log")
    with duckdb.connect(str(folder / "home" / "winnow.duckdb"), read_only=True) as database:
        kept = [name for (name,) in database.execute(_KEPT).fetchall()]
        told = database.execute(_TOLD).fetchall()
    return Curated(pl.Series("id", kept, dtype=pl.String), pl.DataFrame(told, schema=_PAIRS, orient="row"))


def shares(planted: pl.DataFrame, kept: pl.Series, of: pl.DataFrame | None = None) -> list[str]:
    """Say for each kind of what share of all planted (`of`) one side is gone, or both are."""
    known = kept.implode()
    gone = planted.filter(~(pl.col("src").is_in(known) & pl.col("id").is_in(known)))
    return counts(gone, planted if of is None else of, KINDS)


def counts(some: pl.DataFrame, planted: pl.DataFrame, kinds: tuple[str, ...] = KINDS[:2]) -> list[str]:
    """Say for each kind what share of the planted ones `some` are."""
    number = [[frame.filter(pl.col("kind") == kind).height for frame in (some, planted)] for kind in kinds]
    return [f"{share(part, whole)} of {whole:,}" for part, whole in number]


if __name__ == "__main__":
    main()
