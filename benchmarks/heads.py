"""Measures what reward heads learn from public sets, and how well they find wrong labels.

    python benchmarks/heads.py [--data ../shared/data] [--seed 0]

Each set is curated and trained on by the command itself, in a home of its own: 60% of its pairs to learn from, 20% to
tune on, 20% to test on, by whole components. Out of fold, every pair is judged by a head that saw nothing of its
component. A fifth of the labels is then turned round and looked for. Prints Markdown.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import polars as pl
import yaml
from markdown import table
from measuring import measure, program

import warehouse

_UKP = {"path": "ukp-convarg1-full/*.xml.gz", "dimension": "convincingness"}
_GOLD = {
    "prompt": "{debateMetaData.title}\n\n{arg1.stance}",
    "responses": ["arg1.text", "arg2.text"],
    "winner": {"column": "goldLabel", "values": {"a1": "a", "a2": "b", "equal": "tie"}},
    "id": "id",
}
SETS: dict[str, tuple[dict[str, object], list[dict[str, str]]]] = {
    "UKPConvArg1, published gold": ({**_UKP, "mapping": _GOLD}, []),
    "UKPConvArg1, majority": (_UKP, []),
    "UKPConvArg1, unanimous": (_UKP, [{"name": "divided", "drop": "vote_share < 1"}]),
    "hh-rlhf harmless": (
        {"path": "hh-rlhf-harmless-test/*.jsonl.gz", "dimension": "harmlessness", "evaluation_only": False},
        [],
    ),
    "DSP helpful": (
        {"path": "dsp-helpful-webgpt/helpful.test.json.gz", "dimension": "helpfulness", "evaluation_only": False},
        [],
    ),
}
HEAD = {"planted_flips": 0.2, "by_row": True}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory(prefix="heads-") as folder:
        for name in SETS:
            found[name] = _measure(name, given.data.absolute(), Path(folder), given.seed)
    _print(found)


def _measure(name: str, data: Path, folder: Path, seed: int) -> dict[str, dict[str, float]]:
    source, rules = SETS[name]
    # Plans over the same files share a home, so that their texts are embedded once.
    home = folder / str(source["dimension"])
    plan = {
        "name": "heads",
        "sources": [{"name": "set", **source, "path": str(data / str(source["path"]))}],
        "rules": rules,
        "split": {"train": 0.6, "validation": 0.2, "test": 0.2},
        "train": {"head": {**HEAD, "seed": seed}},
    }
    (folder / "plan.yaml").write_text(yaml.safe_dump(plan))
    measure([program("winnow"), "run", str(folder / "plan.yaml"), "--home", str(home)], folder / "log")
    whole = warehouse.open(home).table("evaluations").filter(pl.col("source").is_null() & pl.col("bin").is_null())
    return {row["metric"]: row for row in whole.collect().iter_rows(named=True)}


def _print(found: dict[str, dict[str, dict[str, float]]]) -> None:
    accuracies = ["accuracy", "accuracy_untuned", "accuracy_by_row", "accuracy_by_row_untuned"]
    print(f"\n{table(['set', 'out of fold', 'by length', 'pairs', *accuracies], _accuracies(found, accuracies))}")
    print(f"\n{table(['set', 'average precision', 'chance', 'accuracy with flips'], _flips(found))}")


def _accuracies(found: dict[str, dict[str, dict[str, float]]], names: list[str]) -> list[list[str]]:
    rows = []
    for name, metrics in found.items():
        whole = metrics["accuracy_out_of_fold"]
        interval = f"{whole['value']:.3f} [{whole['low']:.3f}, {whole['high']:.3f}]"
        others = [f"{metrics[each]['value']:.3f}" for each in names]
        rows.append([name, interval, f"{whole['baseline']:.3f}", f"{whole['n']:,}", *others])
    return rows


def _flips(found: dict[str, dict[str, dict[str, float]]]) -> list[list[str]]:
    wanted = [("suspects_found", "value"), ("suspects_found", "baseline"), ("accuracy_with_flips", "value")]
    return [[name, *[f"{metrics[one][of]:.3f}" for one, of in wanted]] for name, metrics in found.items()]


if __name__ == "__main__":
    main()
