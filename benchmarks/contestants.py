"""The deduplicators of texts that winnow is measured against; `make bench-peers` gives each an environment."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl
from bruteforce import tokens, words
from measuring import Measured, measure

HERE = Path(__file__).parent
VENVS = HERE.parent / "bench-data" / "venvs"
THREADS = 2
_TWO_THREADS = {name: str(THREADS) for name in ("POLARS_MAX_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS")}


class Contestant(NamedTuple):
    """A deduplicator: the script that runs it, and what it takes for the words of a text."""

    name: str
    script: str
    cut: Callable[[str], list[str]]
    note: str

    @property
    def python(self) -> Path:
        """The Python of its environment; winnow has the one that runs this."""
        return Path(sys.executable) if self.name == "winnow" else VENVS / self.name / "bin" / "python"

    @property
    def title(self) -> str:
        """Its name and version."""
        known = HERE / "peers" / f"{self.name}.txt"
        pins = [line.split("==") for line in known.read_text().splitlines()] if known.exists() else []
        return f"{self.name} {pins[0][1]}" if pins else self.name


CONTESTANTS = (
    Contestant("winnow", "with_winnow.py", tokens, "every similarity verified on the text"),
    Contestant("rensa", "with_rensa.py", words, "similarities estimated from signatures"),
    Contestant("datasketch", "with_datasketch.py", words, "one process, not verified"),
    Contestant("data-juicer", "with_data_juicer.py", words, "two processes, not verified"),
    # Its own words come from spaCy, without punctuation; winnow's tokens are the nearest to them.
    Contestant("datatrove", "with_datatrove.py", tokens, "two workers, not verified"),
)


class Outcome(NamedTuple):
    """What a contestant took, and which of the rows it kept."""

    taken: Measured
    kept: pl.Series


def named(names: list[str]) -> list[Contestant]:
    """Return the contestants called `names`, all if there are none; exits where one is unknown or not installed."""
    unknown = set(names) - {each.name for each in CONTESTANTS}
    chosen = [each for each in CONTESTANTS if not names or each.name in names]
    missing = [each.name for each in chosen if not each.python.exists()]
    if unknown:
        sys.exit(f"there is no contestant {', '.join(sorted(unknown))}")
    if missing:
        sys.exit(f"not installed: {', '.join(missing)}; `make bench-peers` installs them, --only leaves them out")
    return chosen


def run(contestant: Contestant, texts: Path, folder: Path) -> Outcome:
    """Let `contestant` deduplicate the file `texts` (id, text) in a fresh `folder`, as a process of its own."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [str(contestant.python), str(HERE / "peers" / contestant.script), str(texts), str(folder)]
    path = {"PYTHONPATH": str(HERE.parent) if contestant.name == "winnow" else ""}
    taken = measure(command, folder / "log.txt", {**_TWO_THREADS, **path})
    kept = pl.Series("id", (folder / "kept.txt").read_text().split(), dtype=pl.String)
    return Outcome(taken, kept)


def best(contestant: Contestant, texts: Path, folder: Path, repeat: int) -> Outcome:
    """Run `contestant` several times and return the quickest outcome; say so if they differ."""
    outcomes = [run(contestant, texts, folder) for _ in range(repeat)]
    if any(not each.kept.sort().equals(outcomes[0].kept.sort()) for each in outcomes):
        print(f"{contestant.name} does not keep the same rows every time")
    for each in outcomes:
        print(f"  {contestant.title}: {each.taken.seconds:.2f} s, load {each.taken.load:.2f}", flush=True)
    return min(outcomes, key=lambda each: each.taken.seconds)
