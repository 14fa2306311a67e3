"""Makes preference records to measure with: a bigram model over real dialogues, and planted defects.

    python benchmarks/generate.py 200000 bench-data/200000 [--seed 7] [--with-text]

Writes `pref_N.jsonl` with N rows, `more_N.jsonl` with a hundredth more to add later, and `republished_N.csv`, a
hundredth of the rows once again in other columns. `kind` says what a row is and `src` which row it was made from:
80% base; 4% each of exact, norm_exact, near, swapped and same_prompt. Where the dialogues are absent, the model learns
from the demo's grammar instead.
"""

from __future__ import annotations

import argparse
import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from tasks.demo.grammar import good, poor, prompt, scenes

DIALOGUES = Path(__file__).parents[1] / "../shared/data/hh-rlhf-harmless-test/test.jsonl.gz"
KINDS = ("exact", "norm_exact", "near", "swapped", "same_prompt")
TEXTS = ("prompt", "chosen", "rejected")
COLUMNS = ("id", *TEXTS, "kind", "src")
_SENTENCES_AT_ONCE = 50_000


class Bigrams(NamedTuple):
    """Which word follows which: the successors of word w are `successors[first[w] : first[w] + count[w]]`."""

    words: pa.Array
    starts: np.ndarray
    lengths: np.ndarray
    first: np.ndarray
    count: np.ndarray
    successors: np.ndarray


def learn() -> Bigrams:
    """Learn the bigrams of the dialogues, or, where there are none, of the demo's grammar."""
    if DIALOGUES.exists():
        lines = gzip.decompress(DIALOGUES.read_bytes()).splitlines()
        texts = [orjson.loads(line)[side] for line in lines for side in ("chosen", "rejected")]
    else:
        print(f"no dialogues at {DIALOGUES}: the words come from the demo's grammar instead")
        world = enumerate(scenes(seed=7)[:1000])
        texts = ["\n\nHuman: ".join([prompt(scene), good(scene, at), poor(scene, at)]) for at, scene in world]
    turns = [turn.split() for text in texts for turn in re.split(r"\n\n(?:Human|Assistant): ", text)]
    return count_bigrams([turn for turn in turns if turn])


def count_bigrams(turns: list[list[str]]) -> Bigrams:
    """Count which word follows which within `turns`."""
    ids: dict[str, int] = {}
    said = [np.array([ids.setdefault(word, len(ids)) for word in turn]) for turn in turns]
    before = np.concatenate([turn[:-1] for turn in said])
    after = np.concatenate([turn[1:] for turn in said])
    count = np.bincount(before, minlength=len(ids))
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    lengths = np.array([len(turn) for turn in said])
    starts = np.array([turn[0] for turn in said])
    return Bigrams(pa.array(list(ids)), starts, lengths, first, count, after[np.argsort(before, kind="stable")])


def sentences(model: Bigrams, lengths: np.ndarray, rng: np.random.Generator) -> pl.Series:
    """Say one sentence of each of the `lengths`, in words."""
    parts = [
        _join(model, _walk(model, part, rng), part)
        for part in np.array_split(lengths, len(lengths) // _SENTENCES_AT_ONCE + 1)
    ]
    return pl.concat([pl.Series(part, dtype=pl.String) for part in parts])


def _walk(model: Bigrams, lengths: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Walk all sentences at once, the longest first, so that those still going are always a prefix."""
    order = np.argsort(-lengths, kind="stable")
    place = (np.cumsum(lengths) - lengths)[order]
    ascending = lengths[order][::-1]
    said = np.empty(int(lengths.sum()), dtype=np.int64)
    word = model.starts[rng.integers(len(model.starts), size=len(lengths))]
    for step in range(int(lengths.max(initial=0))):
        going = len(lengths) - np.searchsorted(ascending, step, side="right")
        word, place = word[:going], place[:going]
        said[place + step] = word
        chosen = model.first[word] + (rng.random(going) * model.count[word]).astype(np.int64)
        restart = model.starts[rng.integers(len(model.starts), size=going)]
        follower = model.successors[np.minimum(chosen, len(model.successors) - 1)]
        word = np.where(model.count[word] > 0, follower, restart)
    return said


def _join(model: Bigrams, said: np.ndarray, lengths: np.ndarray) -> pa.Array:
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(ends), model.words.take(pa.array(said))), " ")


def base_rows(model: Bigrams, first: int, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Make `count` rows of their own, numbered from `first`."""
    asked = np.maximum(4, rng.choice(model.lengths, count))
    answers = [np.maximum(8, rng.choice(model.lengths, count) + 10) for _ in range(2)]
    texts = {side: sentences(model, lengths, rng) for side, lengths in zip(TEXTS, [asked, *answers], strict=True)}
    ids = pl.select(id=pl.format("b{}", pl.int_range(first, first + count)))["id"]
    return pl.DataFrame({"id": ids, **texts}).with_columns(kind=pl.lit("base"), src=pl.lit(""))


def planted_rows(model: Bigrams, base: pl.DataFrame, first: int, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Make `count` rows out of `base` rows, as many of each kind, numbered from `first`."""
    drawn = base[rng.integers(base.height, size=count)].with_columns(src=pl.col("id"))
    parts = [plant(model, kind, drawn[at :: len(KINDS)], rng) for at, kind in enumerate(KINDS)]
    rows = pl.concat([part.with_columns(kind=pl.lit(kind)) for part, kind in zip(parts, KINDS, strict=True)])
    return rows.with_columns(id=pl.format("d{}", pl.int_range(first, first + count))).select(COLUMNS)


def plant(model: Bigrams, kind: str, rows: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Change the texts of `rows` as the `kind` says; `near_swapped` is near and swapped."""
    if kind == "norm_exact":
        is_loud = pl.Series(rng.random(rows.height) < 0.3)
        padded = pl.format("  {} ", "prompt")
        return rows.with_columns(prompt=pl.when(is_loud).then(pl.col("prompt").str.to_uppercase()).otherwise(padded))
    if kind == "near":
        return rows.with_columns(_edit(model, rows[side], rng) for side in TEXTS)
    if kind == "swapped":
        return rows.with_columns(chosen="rejected", rejected="chosen")
    if kind == "near_swapped":
        return plant(model, "swapped", plant(model, "near", rows, rng), rng)
    if kind == "same_prompt":
        lengths = np.full(rows.height, 30)
        return rows.with_columns(sentences(model, lengths, rng).alias(side) for side in ("chosen", "rejected"))
    return rows


def _edit(model: Bigrams, texts: pl.Series, rng: np.random.Generator) -> pl.Series:
    """Replace one word of each text by one that starts a turn."""
    new = model.words.take(pa.array(model.starts[rng.integers(len(model.starts), size=len(texts))])).to_pylist()
    edited = texts.str.split(" ").to_list()
    for words, at, word in zip(edited, rng.random(len(texts)), new, strict=True):
        words[int(at * len(words))] = word
    return pl.Series(texts.name, [" ".join(words) for words in edited], dtype=pl.String)


def republished_rows(base: pl.DataFrame, count: int, rng: np.random.Generator) -> pl.DataFrame:
    """Publish `count` base rows again in other columns; the item says from which row it comes."""
    rows = base[rng.permutation(base.height)[:count]]
    is_first = pl.Series(rng.random(count) < 0.5)
    return rows.select(
        item=pl.format("again-{}", "id"),
        instruction="prompt",
        output_1=pl.when(is_first).then("chosen").otherwise("rejected"),
        output_2=pl.when(is_first).then("rejected").otherwise("chosen"),
        preference=pl.when(is_first).then(1).otherwise(2),
    )


def batches(rows: int, seed: int) -> Iterator[tuple[str, pl.DataFrame]]:
    """Make the three files' rows, one after the other, by the stem of the file's name."""
    model, rng = learn(), np.random.default_rng(seed)
    few = max(len(KINDS), rows // 100)
    planted, more_planted = rows // 5, few // 5
    base = base_rows(model, 0, rows - planted, rng)
    copies = planted_rows(model, base, 0, planted, rng)
    yield "pref", pl.concat([base, copies]).sample(fraction=1.0, shuffle=True, seed=seed)
    fresh = base_rows(model, base.height, few - more_planted, rng)
    later = planted_rows(model, base, planted, more_planted, rng)
    yield "more", pl.concat([fresh, later]).sample(fraction=1.0, shuffle=True, seed=seed)
    yield "republished", republished_rows(base, min(few, base.height), rng)


def generate(rows: int, folder: Path, seed: int = 7, *, with_text: bool = False) -> dict[str, Path]:
    """Write the three files into `folder` and return them by the stem of their names."""
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, frame in batches(rows, seed):
        is_table = name == "republished"
        written[name] = folder / f"{name}_{rows}.{'csv' if is_table else 'jsonl'}"
        aside = written[name].with_suffix(".part")
        if is_table:
            frame.write_csv(aside)
        elif with_text:
            frame.with_columns(text=pl.concat_str(TEXTS, separator="\n")).write_ndjson(aside)
        else:
            frame.write_ndjson(aside)
        aside.replace(written[name])
    return written


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int, metavar="N")
    parser.add_argument("folder", type=Path, metavar="OUT_DIR")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--with-text", action="store_true", help="add the three texts joined, for other tools")
    given = parser.parse_args()
    started = time.perf_counter()
    for path in generate(given.rows, given.folder, given.seed, with_text=given.with_text).values():
        print(f"{path}  {path.stat().st_size / 1e6:,.1f} MB")
    print(f"{time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
