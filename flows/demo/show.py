"""Make example data with planted defects, curate it, compare found with planted, train on it and prepare a push."""

from __future__ import annotations

import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
import polars as pl
from rich.table import Table

import warehouse
from flows.demo.training import can_train, tell_trained, train_demo
from flows.publish.push import lines_of, prepare_into
from flows.verbs.reporting import run_report
from flows.verbs.running import bring_up_to_date, show
from flows.verbs.screen import drawn, screen
from schemas.errors import BrokenPromise
from schemas.plan.push import Push
from tasks.demo.judge import judge
from tasks.demo.judge_models import JUDGED_MODELS_BY, judge_models
from tasks.demo.kinds import GROUPS
from tasks.demo.media.generate import WRONG_PROMPT, generate_media
from tasks.demo.media.planted.sounds import Spoken
from tasks.demo.text import generate
from tasks.demo.truth import Demo
from warehouse.disk import write_bytes
from warehouse.home import Home
from warehouse.tiny.unpack import unpack_tiny

JUDGED_BY = ["records", "comparisons", "pairs", "contradictions", "decisions", "quarantine", "clusters", "attachments"]


def run_demo(home_path: Path, seed: int, *, trains: bool) -> None:
    """Curate the demo's data, print planted against found, train if `trains` says so, prepare a push and a report.

    Raises BrokenPromise if anything planted is missed.
    """
    demo = generate(seed).beside(generate_media(seed, spoken=spoken_samples(home_path)))
    plan = write_demo(demo, home_path)
    snapshot, is_new = bring_up_to_date(plan, home_path, [])
    show(snapshot, home_path, is_new=is_new, as_json=False)
    verdict = judge_demo(demo, home_path)
    console = screen()
    console.print(_drawn(verdict))
    if can_see():
        console.print("", drawn(judge_seen(demo, home_path)))
    else:
        console.print("\nTo find wrong prompts takes models: pip install 'winnow-curation\\[models]', and run it again")
    if trains:
        _train(home_path, plan.parent, seed)
    _prepare_push(home_path, plan.parent / "push")
    console.print("\nThe report, to be opened in a browser:")
    run_report(home_path, None, plan.parent / "report.html")
    console.print(f"\nThe data and the plan lie in {plan.parent}; try")
    lost = warehouse.open(home_path).sql("select row_id from quarantine order by row_id limit 1").item()
    for example in ('sql "select reason, count(*) from pairs group by all"', "audit", f"why {lost}"):
        console.print(f"  winnow {example} --home {home_path}")
    missed = verdict.select(pl.col("missed", "wrong").sum()).row(0)
    if any(missed):
        raise BrokenPromise(f"of what was planted, {missed[0]} were missed and {missed[1]} are wrong")


def _train(home_path: Path, folder: Path, seed: int) -> None:
    console = screen()
    if not can_train():
        console.print("\nTraining needs more libraries: pip install 'winnow-curation\\[train]', and run the demo again")
        return
    started = time.monotonic()
    console.print("\nTraining reward heads and a language model on what was kept; this takes some minutes")
    done = train_demo(Home.at(home_path), folder, seed, sees=can_see())
    console.print(drawn(tell_trained(done)))
    console.print(f"Training took {time.monotonic() - started:.0f} s")


def _prepare_push(home_path: Path, folder: Path) -> None:
    wanted = Push(repo="somebody/winnow-demo")
    manifest = prepare_into(warehouse.open(home_path), wanted, folder)
    for line in lines_of(manifest, wanted, f"prepared  in {folder}; nothing was pushed"):
        screen().print(line, highlight=False, markup=False)


def write_demo(demo: Demo, home_path: Path) -> Path:
    """Write the demo's files and plan beside the home; return the plan's path."""
    home = Home.at(home_path)
    folder = home.path.with_name(f"{home.path.name}-files")
    for name, content in {**demo.files, "plan.yaml": demo.plan.encode()}.items():
        write_bytes(folder / name, home.aside, content)
    return folder / "plan.yaml"


def judge_demo(demo: Demo, home_path: Path) -> pl.DataFrame:
    """Compare the newest snapshot with the demo's truth, kind by kind."""
    opened = warehouse.open(home_path)
    return judge(demo.truth, {name: opened.table(name).collect() for name in JUDGED_BY})


def can_see() -> bool:
    """Tell whether the models that come with winnow can be used."""
    return find_spec("open_clip") is not None and find_spec("whisper") is not None


def spoken_samples(home_path: Path) -> list[Spoken]:
    """Read the spoken sentences that come with the models; none where the models cannot be used."""
    if not can_see():
        return []
    folder = unpack_tiny(Home.at(home_path)) / "samples"
    sentences: dict[str, str] = orjson.loads((folder / "sentences.json").read_bytes())
    return [Spoken(sentence, (folder / name).read_bytes()) for name, sentence in sorted(sentences.items())]


def judge_seen(demo: Demo, home_path: Path) -> pl.DataFrame:
    """Say how much the models found in the newest snapshot of what only models can find."""
    opened = warehouse.open(home_path)
    return judge_models(demo.truth, {name: opened.table(name).collect() for name in JUDGED_MODELS_BY}, WRONG_PROMPT)


def _drawn(verdict: pl.DataFrame) -> Table:
    """Draw the verdict in groups of kinds; what belongs to none comes last."""
    table = Table(box=None, pad_edge=False, header_style="bold", title="planted and found", title_justify="left")
    for name in verdict.columns:
        table.add_column(name, justify="left" if name == "kind" else "right")
    rows = {row["kind"]: row for row in verdict.iter_rows(named=True)}
    for group, kinds in GROUPS.items():
        table.add_row(f"[bold]{group}[/bold]")
        # What takes models is planted only where there are some.
        for kind in [kind for kind in kinds if kind in rows]:
            _add(table, rows.pop(kind), indent="  ")
    for row in rows.values():
        _add(table, row)
    return table


def _add(table: Table, row: dict[str, Any], indent: str = "") -> None:
    kind, *numbers = row.values()
    is_right = row["missed"] == row["wrong"] == 0
    table.add_row(indent + kind, *[f"{number:,}" for number in numbers], style="green" if is_right else "red")
