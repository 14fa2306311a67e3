"""Measures the spine from end to end: runs `winnow` as a user would and prints each number beside its target.

    python benchmarks/spine.py [--rows 200000] [--repeat 1] [--data bench-data]

In a fresh folder each time: a run from nothing; the same against a running Prefect server; the same again with nothing
new; one with a hundredth of new rows; and `winnow --help`. Of several repeats the best is printed. Ends with exit code
1 if the run with nothing new changed a file, or if what was planted was not found.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from generate import generate
from measuring import Measured, measure, prefect_server, program
from planted import Count, count_planted
from rich.console import Console
from rich.table import Table

PLAN = Path(__file__).with_name("plan.yaml")
TARGET_ROWS = 200_000
# Seconds and megabytes for 200,000 rows on two cores. Of the deduplicators that were measured on rows like these, the
# fastest complete one took 35 s; Prefect's own start takes 10 to 20 s without a server.
TARGETS: dict[str, tuple[float, float]] = {
    "from nothing, no server": (30.0, 3000.0),
    "from nothing, server running": (15.0, 3000.0),
    "nothing new": (2.0, 3000.0),
    "1% new rows, server running": (5.0, 3000.0),
    "winnow --help": (0.5, 200.0),
}

# Most of these are less alike than the threshold; `recall.py` knows how many are not.
_BELOW_THRESHOLD = ("near",)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=TARGET_ROWS)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--data", type=Path, default=Path("bench-data"))
    given = parser.parse_args()
    files = _files(given.rows, given.data / str(given.rows))
    repeats, counts, changed = [], [], []
    for number in range(given.repeat):
        print(f"repeat {number + 1} of {given.repeat}", flush=True)
        with tempfile.TemporaryDirectory(prefix="spine-", dir=given.data) as folder:
            taken, counts, touched = _measure_all(files, Path(folder))
        repeats.append(taken)
        changed += touched
    best = {name: min((taken[name] for taken in repeats), key=lambda one: one.seconds) for name in TARGETS}
    _print(best, counts, given.rows)
    if changed:
        print(f"the run with nothing new changed {len(changed)} files, for example {changed[0]}")
    lost = [one.kind for one in counts if one.found < one.planted and one.kind not in _BELOW_THRESHOLD]
    wrong = [one.kind for one in counts if one.wrong]
    sys.exit(1 if changed or lost or wrong else 0)


def _files(rows: int, folder: Path) -> dict[str, Path]:
    files = {name: folder / f"{name}_{rows}.jsonl" for name in ("pref", "more")}
    files["republished"] = folder / f"republished_{rows}.csv"
    if not all(path.exists() for path in files.values()):
        print(f"making {rows:,} rows in {folder}", flush=True)
        generate(rows, folder)
    return files


def _measure_all(files: dict[str, Path], folder: Path) -> tuple[dict[str, Measured], list[Count], list[str]]:
    """Take every measurement once; return them, what was found, and the files that a run with nothing new changed."""
    inputs = folder / "inputs"
    inputs.mkdir()
    for path in (files["pref"], files["republished"], PLAN):
        shutil.copy(path, inputs)
    plan, rows = str(inputs / PLAN.name), inputs / files["pref"].name
    home, other = folder / "home", folder / "other"
    taken = {}
    taken["from nothing, no server"] = _run(plan, other, folder / "alone.log", {})
    shutil.rmtree(other)
    with prefect_server(folder / "server") as server:
        taken["from nothing, server running"] = _run(plan, home, folder / "new.log", server)
        counts = count_planted(home, rows)
        before = _state(home)
        taken["nothing new"] = _run(plan, home, folder / "again.log", server)
        after = _state(home)
        with rows.open("ab") as file:
            file.write(files["more"].read_bytes())
        taken["1% new rows, server running"] = _run(plan, home, folder / "more.log", server)
    taken["winnow --help"] = measure([program("winnow"), "--help"], folder / "help.log")
    changed = [path for path in {**before, **after} if before.get(path) != after.get(path)]
    return taken, counts, changed


def _run(plan: str, home: Path, log: Path, env: dict[str, str]) -> Measured:
    taken = measure([program("winnow"), "run", plan, "--home", str(home)], log, env)
    print(f"  {log.stem}: {taken.seconds:.1f} s", flush=True)
    return taken


def _state(home: Path) -> dict[str, tuple[int, int]]:
    paths = [path for part in ("tables", "media") for path in (home / part).rglob("*") if path.is_file()]
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in paths}


def _print(best: dict[str, Measured], counts: Sequence[Count], rows: int) -> None:
    console = Console()
    times = Table("measured", "seconds", "target", "peak MB", "target", "load before", title=f"{rows:,} rows")
    for name, taken in best.items():
        # Targets are for one size; only what does not depend on the size is held against them at another.
        applies = rows == TARGET_ROWS or name == "winnow --help"
        seconds, memory = (f"{target:g}" if applies else "-" for target in TARGETS[name])
        times.add_row(name, f"{taken.seconds:.2f}", seconds, f"{taken.peak_mb:.0f}", memory, f"{taken.load:.2f}")
    console.print(times)
    found = Table("planted kind", "planted", "found", "wrong", title="found in the database")
    for one in counts:
        note = " (most are less alike than the threshold)" if one.kind in _BELOW_THRESHOLD else ""
        found.add_row(one.kind + note, f"{one.planted:,}", f"{one.found:,}", f"{one.wrong:,}")
    console.print(found)


if __name__ == "__main__":
    main()
