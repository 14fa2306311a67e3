"""The rows that benchmarks measure with: what was planted is there, whatever the words come from."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks import generate as benchmark
from schemas.text import normalise

ROWS = 500


@pytest.fixture(scope="module")
def made():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "DIALOGUES", Path("there-are-no-dialogues-here"))
        return dict(benchmark.batches(ROWS, seed=7))


@pytest.fixture(scope="module")
def planted(made):
    """Every planted row beside the row it was made from."""
    pref = made["pref"]
    return pref.join(pref, left_on="src", right_on="id", suffix="_of")


def test_four_in_five_rows_are_base_and_the_kinds_share_the_rest(made):
    assert made["pref"]["kind"].value_counts().sort("kind").rows() == [
        ("base", 400), ("exact", 20), ("near", 20), ("norm_exact", 20), ("same_prompt", 20), ("swapped", 20),
    ]  # fmt: skip
    assert made["pref"].columns == ["id", "prompt", "chosen", "rejected", "kind", "src"]
    assert made["pref"]["id"].n_unique() == ROWS


def test_later_rows_have_ids_of_their_own_and_sources_that_exist(made):
    pref, more = made["pref"], made["more"]
    assert not set(pref["id"]) & set(more["id"])
    assert set(more.filter(pl.col("kind") != "base")["src"]) <= set(pref["id"])


def texts(planted, kind, suffix=""):
    return planted.filter(kind=kind).select(f"{side}{suffix}" for side in ("prompt", "chosen", "rejected")).rows()


def test_every_kind_is_what_it_says(planted):
    assert texts(planted, "exact") == texts(planted, "exact", "_of")
    swapped = [(prompt, second, first) for prompt, first, second in texts(planted, "swapped")]
    assert swapped == texts(planted, "swapped", "_of")
    for mine, theirs in zip(texts(planted, "norm_exact"), texts(planted, "norm_exact", "_of"), strict=True):
        assert mine != theirs
        assert normalise(pl.Series(mine)).equals(normalise(pl.Series(theirs)))
    for mine, theirs in zip(texts(planted, "near"), texts(planted, "near", "_of"), strict=True):
        changed = [
            sum(a != b for a, b in zip(x.split(), y.split(), strict=True)) for x, y in zip(mine, theirs, strict=True)
        ]
        assert max(changed) <= 1
    for mine, theirs in zip(texts(planted, "same_prompt"), texts(planted, "same_prompt", "_of"), strict=True):
        assert mine[0] == theirs[0]
        assert mine[1:] != theirs[1:]


def test_republished_rows_prefer_what_was_chosen(made):
    again = made["republished"].with_columns(id=pl.col("item").str.strip_prefix("again-"))
    both = again.join(made["pref"], on="id")
    assert both.height == again.height == 5
    better = pl.when(pl.col("preference") == 1).then("output_1").otherwise("output_2")
    assert both.filter((better == pl.col("chosen")) & (pl.col("instruction") == pl.col("prompt"))).height == 5


def test_files_are_the_same_for_equal_seeds(tmp_path, monkeypatch):
    monkeypatch.setattr(benchmark, "DIALOGUES", tmp_path / "none")
    first = benchmark.generate(100, tmp_path / "first")
    second = benchmark.generate(100, tmp_path / "second", with_text=False)
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in second.values()]
    longer = benchmark.generate(100, tmp_path / "longer", with_text=True)
    row = pl.read_ndjson(longer["pref"]).row(0, named=True)
    assert row["text"] == f"{row['prompt']}\n{row['chosen']}\n{row['rejected']}"
