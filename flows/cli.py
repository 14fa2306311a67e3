"""The command `winnow`. Each verb is thin: it reads its options, calls one function and prints what comes back.

Heavy modules are imported inside the verbs, so that `winnow --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

import typer

from schemas.errors import BrokenPromise, WinnowError

P = ParamSpec("P")
R = TypeVar("R")

app = typer.Typer(
    help="Curate human-preference data: deduplicate, resolve contradictions, split without leaks, and say why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

HomeOption = Annotated[
    Path, typer.Option("--home", envvar="WINNOW_HOME", help="The folder of the dataset.", show_default="./.winnow")
]
HOME = Path(".winnow")
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]
PlanArgument = Annotated[Path, typer.Argument(help="The plan, a YAML file.")]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting of the plan.")
]


def polite(verb: Callable[P, R]) -> Callable[P, R]:
    """Print winnow's own errors as one message: exit code 1 for a broken promise, 2 for wrong input, 130 for Ctrl-C."""

    @wraps(verb)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return verb(*args, **kwargs)
        except WinnowError as error:
            typer.secho(str(error), fg="red", err=True)
            raise typer.Exit(1 if isinstance(error, BrokenPromise) else 2) from error
        except KeyboardInterrupt as error:
            raise typer.Exit(130) from error

    return guarded


@app.command()
@polite
def run(
    plan: PlanArgument,
    home: HomeOption = HOME,
    settings: SetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Curate what a plan says and publish a snapshot."""
    from flows.verbs.running import run_plan

    run_plan(plan, home, settings or [], as_json=as_json)


@app.command()
@polite
def check(plan: PlanArgument, home: HomeOption = HOME, settings: SetOption = None) -> None:
    """Validate a plan without running it: every mistake at once, each with its line."""
    from flows.run.order import find_mistakes
    from warehouse.home import Home

    mistakes = find_mistakes(plan, Home.at(home), settings or [])
    for mistake in mistakes:
        typer.echo(f"{plan}: {mistake}", err=True)
    if mistakes:
        raise typer.Exit(2)
    typer.echo(f"{plan} is a valid plan.")


@app.command()
@polite
def sources(
    file: Annotated[Path | None, typer.Argument(help="A file to recognise.")] = None, home: HomeOption = HOME
) -> None:
    """List the adapters; with FILE, say which takes it and show one mapped record."""
    from flows.verbs.answers import show_adapters, show_file

    show_adapters() if file is None else show_file(file, home)


@app.command()
@polite
def status(home: HomeOption = HOME, as_json: JsonOption = False) -> None:
    """Show snapshots, runs, takedowns, and what takes how much room."""
    from flows.verbs.status import show_status

    show_status(home, as_json=as_json)


@app.command()
@polite
def sql(
    query: Annotated[str, typer.Argument(help="A read-only query.")],
    home: HomeOption = HOME,
    at: Annotated[int | None, typer.Option(help="A snapshot's number, instead of the newest.")] = None,
    format: Annotated[str, typer.Option(help="table, csv, json or parquet.")] = "table",  # noqa: A002
) -> None:
    """Answer a SQL query over a snapshot."""
    from flows.verbs.answers import show_query

    show_query(query, home, at, format)


@app.command()
@polite
def why(
    id: Annotated[str, typer.Argument(help="The id, or its beginning, or the source's own key.")],  # noqa: A002
    home: HomeOption = HOME,
    at: Annotated[int | None, typer.Option(help="A snapshot's number, instead of the newest.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Tell the whole story of a row, record, pair, response, judgment or medium."""
    from flows.verbs.answers import show_story

    show_story(id, home, at, as_json=as_json)


@app.command()
@polite
def audit(
    home: HomeOption = HOME,
    deep: Annotated[bool, typer.Option("--deep", help="Also compare every file with its digest.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check the laws of the newest snapshot; exit 1 with the rows that break one."""
    from flows.verbs.answers import show_audit

    show_audit(home, deep=deep, as_json=as_json)


@app.command()
@polite
def diff(
    before: Annotated[int, typer.Argument(help="A snapshot's number.")],
    after: Annotated[int, typer.Argument(help="A later snapshot's number.")],
    home: HomeOption = HOME,
    as_json: JsonOption = False,
) -> None:
    """Show what changed between two snapshots."""
    from flows.verbs.answers import show_difference

    show_difference(before, after, home, as_json=as_json)


@app.command(name="try")
@polite
def try_(
    expression: Annotated[str, typer.Argument(help="What a rule would say after `drop:`.")],
    home: HomeOption = HOME,
    on: Annotated[str, typer.Option(help="pairs or judgments.")] = "pairs",
    as_json: JsonOption = False,
) -> None:
    """Say what a rule would drop of the newest snapshot, without running anything."""
    from flows.trial.show import show_trial

    show_trial(expression, home, on, as_json=as_json)


@app.command()
@polite
def export(
    to: Annotated[str, typer.Option(help="trl, align-anything, safesora, llama-factory or openrlhf.")],
    out: Annotated[Path, typer.Option(help="The folder; an older export in it is replaced.")],
    home: HomeOption = HOME,
    split: Annotated[list[str] | None, typer.Option(help="A split, instead of all; give it several times.")] = None,
    dimension: Annotated[str | None, typer.Option(help="A dimension, or '*' for all of several.")] = None,
    form: Annotated[str, typer.Option(help="preference, implicit, unpaired or prompt-only.")] = "preference",
    format: Annotated[str, typer.Option(help="parquet or jsonl.")] = "parquet",  # noqa: A002
    at: Annotated[int | None, typer.Option(help="A snapshot's number, instead of the newest.")] = None,
) -> None:
    """Write the kept pairs as files that a trainer loads as they are."""
    from flows.verbs.exporting import run_export

    asked = {"to": to, "form": form, "splits": split or [], "dimension": dimension, "format": format}
    run_export(home, at, out, asked)


@app.command()
@polite
def train(
    kind: Annotated[
        str,
        typer.Argument(
            help="head, a reward head on embeddings; moderation, labels from embeddings; or a language model: reward, "
            "dpo, kto."
        ),
    ],
    home: HomeOption = HOME,
    config: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    settings: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a setting, for example seed=1.")
    ] = None,
    at: Annotated[int | None, typer.Option(help="A snapshot's number, instead of the newest.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Train on a snapshot's splits, and publish what the model is worth."""
    from flows.train.show import run_training

    run_training(kind, home, config, settings or [], at, as_json=as_json)


@app.command()
@polite
def forget(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="Ids of rows, records, pairs and so on.")
    ] = None,
    home: HomeOption = HOME,
    annotator: Annotated[list[str] | None, typer.Option(help="A person's name or pseudonym.")] = None,
    key: Annotated[list[str] | None, typer.Option(help="A source's own key of a record.")] = None,
    file: Annotated[list[str] | None, typer.Option(help="A file, as rows.file names it.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only these sources, for --key and --file.")] = None,
    query: Annotated[list[str] | None, typer.Option(help="A SELECT that answers with row_id or record_id.")] = None,
    copies: Annotated[bool, typer.Option("--copies", help="Also rows elsewhere that hold the same pairs.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")] = "",
    by: Annotated[str, typer.Option(help="Who asked for it; it is kept.", show_default="you")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it, instead of showing what would go.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Take rows and people down: out of every snapshot and stored result, and they do not come back."""
    import getpass

    from flows.verbs.forgetting import run_forget
    from warehouse.takedown.wish import Wish

    wish = Wish(
        ids=ids or [], annotators=annotator or [], keys=key or [], files=file or [], sources=source or [],
        queries=query or [], copies=copies,
    )  # fmt: skip
    run_forget(home, wish, reason, by or getpass.getuser(), is_meant=yes, as_json=as_json)


@app.command()
@polite
def report(
    home: HomeOption = HOME,
    at: Annotated[int | None, typer.Option(help="A snapshot's number, instead of the newest.")] = None,
    output: Annotated[Path, typer.Option(help="The HTML file; an older one is replaced.")] = Path("report.html"),
) -> None:
    """Write what a snapshot says about itself as one HTML file with charts."""
    from flows.verbs.reporting import run_report

    run_report(home, at, output)


@app.command()
@polite
def push(
    repo_id: Annotated[str | None, typer.Argument(help="OWNER/NAME of a dataset on the Hub.")] = None,
    home: HomeOption = HOME,
    plan: Annotated[Path | None, typer.Option(help="A plan whose `push` says the rest.")] = None,
    branch: Annotated[str | None, typer.Option(help="A branch, instead of main.")] = None,
    private: Annotated[bool, typer.Option("--private", help="If the dataset is new, nobody else sees it.")] = False,
    table: Annotated[list[str] | None, typer.Option(help="A table beside the pairs; give it several times.")] = None,
    allow_unknown_license: Annotated[
        bool, typer.Option("--allow-unknown-license", help="Push pairs whose licence nobody knows, too.")
    ] = False,
    withhold_forbidden: Annotated[
        bool, typer.Option("--withhold-forbidden", help="Leave out pairs that may not be passed on.")
    ] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Delete files there that no push has written.")] = False,
    into: Annotated[Path | None, typer.Option(help="Write the files to this folder and push nothing.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be pushed, and push nothing.")] = False,
    at: Annotated[int | None, typer.Option(help="A snapshot's number, instead of the newest.")] = None,
) -> None:
    """Make a dataset of the Hugging Face Hub hold a snapshot, in one commit."""
    from flows.publish.push import run_push

    asked = {
        "repo": repo_id,
        "private": private,
        "branch": branch,
        "tables": table,
        "allow_unknown_license": allow_unknown_license,
        "withhold_forbidden": withhold_forbidden,
        "replace": replace,
    }
    run_push(home, at, asked, plan, into, dry_run=dry_run)


@app.command()
@polite
def demo(
    home: Annotated[Path, typer.Option("--home", help="The folder of the demo's dataset.")] = Path(".winnow-demo"),
    seed: Annotated[int, typer.Option(help="Seed of the example data.")] = 7,
    trains: Annotated[bool, typer.Option("--train/--no-train", help="Train on what was kept.")] = True,
) -> None:
    """Curate example data with planted defects, print planted against found, and train on the rest."""
    from flows.demo.show import run_demo

    run_demo(home, seed, trains=trains)


def main() -> None:
    """Run the command line."""
    try:
        app()
    except BrokenPipeError:
        # The reader of a pipe has seen enough; Python would complain once more while it shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()
