"""What the README and its sister pages say is true: names, sentences, commands with their output, queries, plans."""

import re
import shlex
from collections import Counter
from pathlib import Path
from typing import get_args

import duckdb
import polars as pl
import pytest
import yaml
from pydantic import BaseModel
from typer.testing import CliRunner

import flows.verbs.running
import warehouse
from flows.cli import app
from schemas.mapping.mapping import Mapping
from schemas.plan.export import FORMS
from schemas.plan.file import parse_plan, parse_settings
from schemas.plan.plan import Plan
from schemas.plan.train.language import DpoTraining
from schemas.reasons import Reason
from schemas.rules.metrics import (
    MEASURES,
    MEDIA_MEASURES,
    METRICS,
    MODEL_METRICS,
    PAIR_FLAGS,
    SCORE_MEASURES,
    rule_types,
)
from schemas.tables import TABLES
from tests.flows.here import run

ROOT = Path(__file__).parents[1]
PAGES = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
ROOMS = ["schemas", "tasks", "warehouse", "training", "flows"]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<about>[^\n]*))?\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
QUOTED = set(re.findall(r"`([^`\n]+)`", BLOCK.sub("", README)))


def blocks(kind):
    return [found["text"] for found in BLOCK.finditer(README) if found["kind"] == kind]


def rows_of(heading):
    """The cells of the table under a heading, by its first cell."""
    section = README.split(f"### {heading}\n")[1].split("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1] for cells in lines}


@pytest.fixture(scope="module")
def without_prefect():
    """Let `winnow run` do its work in this process."""

    def bring_up_to_date(plan, home, overrides):
        outcome = run(plan, home, *overrides)
        return outcome.snapshot, outcome.is_new

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows.verbs.running, "bring_up_to_date", bring_up_to_date)
        yield patch


@pytest.fixture(scope="module")
def session(tmp_path_factory, without_prefect):
    """The README's own files in a folder, and every command shown on them: (command, shown lines, printed lines)."""
    without_prefect.chdir(tmp_path_factory.mktemp("readme"))
    without_prefect.setenv("COLUMNS", "100")
    without_prefect.delenv("WINNOW_HOME", raising=False)
    for found in BLOCK.finditer(README):
        if (found["about"] or "").startswith("title="):
            Path(found["about"].removeprefix("title=")).write_text(found["text"])
    said = []
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", "".join(blocks("console")), re.MULTILINE):
        printed = CliRunner().invoke(app, shlex.split(command)[1:]).output
        said.append((command, shown.splitlines(), [line.rstrip() for line in printed.splitlines()]))
    return said


def test_every_command_shown_prints_what_the_readme_shows(session):
    assert len(session) > 10
    for command, shown, printed in session:
        missing = Counter(line for line in shown if line not in ("", "…")) - Counter(printed)
        assert not missing, f"{command} prints:\n" + "\n".join(printed)


def test_every_query_has_an_answer(session):
    views = duckdb.connect(".winnow/winnow.duckdb", read_only=True)
    opened = warehouse.open(".winnow")
    assert len(blocks("sql")) >= 12
    for query in blocks("sql"):
        assert opened.sql(query).columns == [name for name, *_ in views.execute(query).description]


def test_every_query_is_followed_by_its_answer(session):
    opened = warehouse.open(".winnow")
    for query, answer in re.findall(r"```sql\n(.*?)```\n\n```text\n(.*?)```", README, re.DOTALL):
        assert answer.split("\n")[0].split() == opened.sql(query).columns


def test_python_blocks_run(session):
    for text in blocks("python"):
        names = {}
        exec(compile(text, "README.md", "exec"), names)
        assert len(names["dataset"]) == names["train"].height > 0


def test_trainer_blocks_train(session, without_prefect, tmp_path):
    pytest.importorskip("trl", reason="TRL is not installed: pip install 'winnow-curation[train]'")
    from tests.trainers.tiny import save_model

    save_model(tmp_path / "model")
    without_prefect.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")
    for text in blocks("py"):
        names = {}
        exec(compile(text.replace("Qwen/Qwen3-0.6B", str(tmp_path / "model")), "README.md", "exec"), names)
        assert names["trainer"].state.global_step > 0


def test_every_form_of_every_target_is_told():
    section = README.split("## Train on it\n")[1].split("\n## ")[0]
    told = re.findall(r"^\| `([a-z][\w-]*)` \| `([\w-]+)`", section, re.MULTILINE)
    assert sorted(told) == sorted((target, form) for target, forms in FORMS.items() for form in forms)


def test_every_plan_is_valid():
    plans = [text for text in blocks("yaml") if text.startswith("name:")]
    assert len(plans) >= 2
    for text in plans:
        assert parse_plan(text).mistakes == []


def test_every_piece_of_a_mapping_is_valid():
    whole = {"prompt": "question", "responses": ["left", "right"]}
    texts = [text for text in blocks("yaml") if not text.startswith(("name:", "model:"))]
    pieces = [piece for text in texts for piece in yaml.safe_load_all(text)]
    assert len(pieces) > 10
    for piece in pieces:
        Mapping.model_validate(whole | piece)


def test_the_settings_of_a_training_are_valid():
    (text,) = [text for text in blocks("yaml") if text.startswith("model:")]
    assert parse_settings(DpoTraining, text)[1] == []


def test_every_verb_is_explained():
    verbs = {command.name or command.callback.__name__ for command in app.registered_commands}
    assert {named.split()[1] for named in rows_of("Commands")} == verbs
    for verb in verbs:
        assert f"winnow {verb}" in README.split("## Reference")[0]


def test_every_reason_stands_with_its_sentence():
    assert rows_of("Reasons") == {reason.value: reason.sentence for reason in Reason}


def test_every_metric_is_explained():
    section = README.split("### Metrics\n")[1].split("\n### ")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    named = {pl.Int64(): "int", pl.Float64(): "float", pl.Boolean(): "bool", pl.String(): "string"}
    measures = {
        name: [named[measure.dtype], ", ".join(measure.parts)]
        for name, measure in (MEASURES | MEDIA_MEASURES | SCORE_MEASURES).items()
    }
    flags = {name: [named[dtype]] for name, dtype in PAIR_FLAGS.items()}
    told = {name.strip("`"): cells for name, *cells in lines}
    assert {name: cells[:2] for name, cells in told.items() if len(cells) == 4} == measures
    assert {name: cells[:1] for name, cells in told.items() if len(cells) == 2} == flags
    said = {name: [named[dtype]] for name, dtype in MODEL_METRICS.items()}
    assert {name: cells[:1] for name, cells in told.items() if len(cells) == 3} == said


@pytest.mark.parametrize("on", ["pairs", "judgments"])
def test_every_column_that_a_rule_may_read_is_named(on):
    assert rule_types(on).keys() - METRICS.keys() <= QUOTED


def test_every_table_stands_with_its_columns():
    told = rows_of("Tables")
    assert list(told) == list(TABLES)
    assert {name: columns.split(", ")[: len(TABLES[name])] for name, columns in told.items()} == {
        name: schema.names for name, schema in TABLES.items()
    }


def keys_of(model):
    """The keys of a settings model and of all the models in it, as they are written in YAML."""
    for name, field in model.model_fields.items():
        yield field.alias or name
        for part in models_in(field.annotation):
            yield from keys_of(part)


def models_in(annotation):
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in models_in(part)]


def test_every_key_of_a_plan_and_a_mapping_is_explained():
    told = "".join(README.split(f"### {name}\n")[1].split("\n### ")[0] for name in ("Plan", "Mapping", "Rules"))
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", told))))
    assert set(keys_of(Plan)) - words == set()


def test_every_environment_variable_is_explained():
    sources = [path.read_text(encoding="utf-8") for room in ROOMS for path in (ROOT / room).rglob("*.py")]
    named = set(re.findall(r"[\"'](WINNOW_[A-Z_]+|HF_[A-Z]+)[\"']", "\n".join(sources)))
    assert named <= QUOTED


def test_every_word_of_make_is_explained():
    words = re.findall(r"^([a-z-]+):.*## (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert words
    for word, told in words:
        assert f"| `make {word}` | {told} |" in README


@pytest.mark.parametrize("page", PAGES)
def test_every_place_that_a_page_names_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    tops = {path.name for path in ROOT.iterdir()}
    quoted = [name for name in re.findall(r"`([\w./-]+)`", text) if "/" in name and name.split("/")[0] in tops]
    places = [place for place in [*links, *quoted] if not place.startswith("http")]
    assert [place for place in places if not (ROOT / place).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_link_within_a_page_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    headings = {
        re.sub(r"[^\w -]", "", title).lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= headings


def test_the_picture_shows_the_demo():
    picture = (ROOT / "docs/demo.svg").read_text(encoding="utf-8")
    drawn = set(re.sub(r"<[^>]*>", " ", picture).replace("&#160;", " ").split())
    shown = README.split("planted and found\n")[1].split("\n\ntrained on")[0].split()
    assert set(shown) <= drawn
    assert "http" not in re.sub(r"xmlns=\S+|<!--.*?-->", "", picture)
