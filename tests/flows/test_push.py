"""What is pushed is what the snapshot keeps, it loads, its card is true, and licences are obeyed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import polars as pl
import pytest
from huggingface_hub import DatasetCard

import warehouse
from flows.publish import prepare as preparing
from flows.publish.push import prepare_into, push
from schemas.errors import BrokenPromise, Terminal
from schemas.plan.push import PUSHED_PAIRS, Push
from tests.flows.here import run
from tests.flows.pushed import REPO, ROWS, content, files_of, graded, read, say, world
from tests.flows.test_runs import write
from tests.loopback.client import connected
from warehouse.push import files as writing
from warehouse.push import read as reading


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Two dimensions, ties, a short answer that a rule drops, a system message, and pairs for evaluation only."""
    return world(tmp_path_factory.mktemp("world"), ROWS)


@pytest.fixture
def hub(monkeypatch):
    with connected(monkeypatch) as fake:
        yield fake


@pytest.mark.parametrize("batch", [7, 10_000])
def test_every_kept_pair_is_pushed_once_in_its_dimension_and_split(home, tmp_path, monkeypatch, batch):
    monkeypatch.setattr(reading, "BATCH", batch)
    opened = warehouse.open(home)
    manifest = prepare_into(opened, Push(repo=REPO), tmp_path / "out")
    kept = opened.pairs().collect()
    files = content(tmp_path / "out")
    found = pl.concat([read(files, "helpfulness"), read(files, "a-fine-tone")])
    same = ["pair_id", "prompt", "chosen", "rejected", "dimension", "margin", "tie", "n_votes", "agreement", "license"]
    assert (
        found.select(*same, split="pushed_split").sort("pair_id").rows()
        == kept.select(*same, "split").sort("pair_id").rows()
    )
    assert set(read(files, "a-fine-tone")["dimension"]) == {"a fine tone"}
    assert (manifest.kept, manifest.pushed, manifest.withheld) == (kept.height, kept.height, {})
    assert sum(file.rows or 0 for file in manifest.files) == kept.height
    assert manifest.licenses == {"MIT": kept.height - 4, "CC-BY-NC-4.0": 4}


def test_a_pair_carries_its_conversation_and_who_wrote_the_answers(home, tmp_path):
    prepare_into(warehouse.open(home), Push(repo=REPO), tmp_path / "out")
    found = read(content(tmp_path / "out"), "a-fine-tone")
    assert found.columns == [*PUSHED_PAIRS.names, "pushed_split"]
    row = found.filter(prompt="Question 41?").row(0, named=True)
    assert (row["system"], row["chosen"], row["rejected"]) == ("Be short.", "Right 41 says so", "Left 41 says so")
    assert (row["chosen_generator"], row["rejected_generator"]) == ("big", "small")
    assert row["prompt_messages"] == [{"role": "user", "content": "Question 41?"}]


def test_annotators_and_raw_rows_are_withheld_unless_they_are_asked_for(home, tmp_path):
    opened = warehouse.open(home)
    prepare_into(opened, Push(repo=REPO), tmp_path / "out")
    people = opened.table("annotators").collect()["annotator_id"].to_list()
    assert len(people) == 3
    texts = {name: data for name, data in content(tmp_path / "out").items() if name.startswith("data/")}
    assert not any("annotator" in column for name in texts for column in pl.read_parquet(texts[name]).columns)
    assert "are not part of this push" in (tmp_path / "out/README.md").read_text()
    tables = ["annotators", "comparisons", "rows", "decisions", "metrics"]
    prepare_into(opened, Push(repo=REPO, tables=tables), tmp_path / "out")
    files = content(tmp_path / "out")
    assert sorted(read(files, "annotators")["annotator_id"]) == sorted(people)
    assert read(files, "decisions").height == opened.table("decisions").collect().height > 0
    kept = opened.pairs().collect()
    pushed = dict(kept.select("record_id", "split").iter_rows())
    comparisons = read(files, "comparisons")
    assert set(comparisons.select("record_id", "pushed_split").iter_rows()) == set(pushed.items())
    fed = opened.table("records").filter(pl.col("record_id").is_in(list(pushed))).collect()["row_ids"].explode()
    assert sorted(read(files, "rows")["row_id"]) == sorted(fed)
    metrics = read(files, "metrics").select("pair_id", "pushed_split")
    assert sorted(metrics.iter_rows()) == sorted(kept.select("pair_id", "split").iter_rows())
    assert "This push contains `annotators`, `comparisons`, `rows`." in (tmp_path / "out/README.md").read_text()


def test_the_same_snapshot_gives_the_same_bytes(home, tmp_path):
    moved = shutil.copytree(home, tmp_path / "moved")
    for name, place in (("one", home), ("other", moved)):
        prepare_into(warehouse.open(place), Push(repo=REPO, tables=["metrics"]), tmp_path / name)
    assert content(tmp_path / "one") == content(tmp_path / "other")


def test_large_splits_have_several_files(home, tmp_path, monkeypatch):
    prepare_into(warehouse.open(home), Push(repo=REPO), tmp_path / "whole")
    monkeypatch.setattr(reading, "BATCH", 20)
    monkeypatch.setattr(writing, "SHARD_BYTES", 1)
    manifest = prepare_into(warehouse.open(home), Push(repo=REPO), tmp_path / "out")
    names = [file.path for file in manifest.files if (file.config, file.split) == ("helpfulness", "train")]
    assert len(names) > 1
    assert names == [f"data/helpfulness/train-{at:05}-of-{len(names):05}.parquet" for at in range(len(names))]
    for config in ("helpfulness", "a-fine-tone"):
        one, other = (read(content(tmp_path / folder), config).sort("pair_id") for folder in ("out", "whole"))
        assert one.rows() == other.rows()


CHILD = """
import json, re, sys
from datasets import get_dataset_config_names, load_dataset
told = {}
for name in get_dataset_config_names("team/data"):
    for split, rows in load_dataset("team/data", name).items():
        told[f"{name}/{split}"] = [rows.num_rows, sorted(rows["pair_id"]), {n: str(f) for n, f in rows.features.items()}]
default = load_dataset("team/data", split="train")
assert sorted(default["pair_id"]) == told["helpfulness/train"][1]
card = open(sys.argv[1]).read()
blocks = re.findall(r"```python\\n(.*?)```", card, re.DOTALL)
assert len(blocks) == 2
for block in blocks:
    names = {}
    exec(block, names)
told["example"] = names["trainable"][0]
told["decided"] = [names["trainable"].num_rows, sum(names["pairs"]["tie"])]
print(json.dumps(told))
"""


def test_what_was_pushed_loads_and_the_cards_examples_run(home, hub, tmp_path):
    push(warehouse.open(home), Push(repo=REPO, tables=["metrics"]))
    card = tmp_path / "README.md"
    card.write_bytes(files_of(hub)["README.md"])
    # The library reads the address of the Hub once, when it is imported.
    surroundings = os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_DISABLE_XET": "1"}
    words = [sys.executable, "-c", CHILD, card]
    done = subprocess.run(words, check=False, env=surroundings, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    example, decided = told.pop("example"), told.pop("decided")
    kept = warehouse.open(home).pairs().collect()
    names = {"helpfulness": "helpfulness", "a fine tone": "a-fine-tone"}
    expected = {
        f"{names[dimension]}/{split}": sorted(rows["pair_id"])
        for (dimension, split), rows in kept.partition_by("dimension", "split", as_dict=True).items()
    }
    assert {name: ids for name, (_, ids, _) in told.items() if not name.startswith("metrics/")} == expected
    kinds = {json.dumps(features) for name, (*_, features) in told.items() if not name.startswith("metrics/")}
    assert len(kinds) == 1
    features = json.loads(kinds.pop())
    # Nothing but the stated types tells that these columns, empty in most of the files, hold text.
    assert features["system"] == features["language"] == "Value('string')"
    assert features["margin"] == "Value('float64')"
    assert [turn["role"] for turn in example["prompt"]] == ["user"]
    assert example["chosen"][0]["role"] == "assistant"
    assert decided[0] + decided[1] == len(expected["helpfulness/train"])


def test_the_card_says_what_the_tables_say(home, tmp_path):
    opened = warehouse.open(home)
    prepare_into(opened, Push(repo=REPO), tmp_path / "out")
    text = (tmp_path / "out/README.md").read_text()
    card = DatasetCard(text)
    assert card.data.license == "other"
    assert card.data.get("license_name") == "see-each-row"
    assert card.data.size_categories == ["n<1K"]
    kept = opened.pairs().collect().height
    for said in (
        f"{kept} pairs are here, of {kept} that the curation kept.",
        "snapshot 1 of the data set world",
        "| tested | tested.jsonl |  | trl-preference | 4 | 4 |",
        "| CC-BY-NC-4.0 | 4 | 0 |",
        f"| MIT | {kept - 4} | {kept - 4} |",
        "| pairs | dropped_by_rule `short` | 2 | A rule of the plan dropped the pair. |",
        "| short | drop | pairs | chosen\\_chars \\< 4 |",
        "| helpfulness | 45 | 4 | 0 |  | 0 | 0 |",
        "The plan names no benchmark to keep out",
    ):
        assert said in text, said
    # All right answers are one letter longer, and one of them, in the right place, is chosen for its tone.
    assert "| graded | a fine tone | 100.0% | 0.0% |" in text
    assert "| graded | helpfulness | 0.0% | 100.0% |" in text
    assert str(home) not in text + (tmp_path / "out/winnow.json").read_text()


def test_absolute_paths_of_a_plan_stay_at_home():
    plan = {
        "sources": [{"path": "/home/me/a.jsonl", "hub": None}, {"path": "data/b.jsonl"}],
        "export": [{"out": "/x/y"}],
    }
    expected = {"sources": [{"path": "a.jsonl", "hub": None}, {"path": "data/b.jsonl"}], "export": [{"out": "y"}]}
    assert preparing.without_places(plan) == expected


@pytest.fixture
def mixed(tmp_path):
    """Some rows are forbidden, some under no licence, some under a name that says nothing."""
    terms = [*["MIT"] * 5, *["proprietary"] * 3, *[None] * 2, "house rules"]
    return world(tmp_path, [graded(n, terms=name) for n, name in enumerate(terms)])


def test_forbidden_rows_refuse_the_push_and_are_counted_by_source(mixed, hub):
    told = say("push", REPO, "--home", mixed)
    assert told.exit_code == 1
    assert told.output.splitlines()[:4] == [
        "licences do not allow this push:",
        "graded: 6 pairs under proprietary. All rights are reserved, so only the owner may pass it on.",
        "graded: 4 pairs under no licence. Nobody says, or the name does not tell, whether the licence allows passing the pair on.",
        "graded: 2 pairs under house rules. Nobody says, or the name does not tell, whether the licence allows passing the pair on.",
    ]
    assert hub.requests == []
    assert say("push", REPO, "--home", mixed, "--allow-unknown-license").exit_code == 1
    assert hub.requests == []


def test_forbidden_rows_can_be_left_out_and_are_counted(mixed, hub):
    told = say("push", REPO, "--home", mixed, "--withhold-forbidden")
    assert told.exit_code == 0, told.output
    assert "pairs     14 of 26 kept" in told.output
    assert "withheld  6 license_forbids: The licence forbids passing the pair on." in told.output
    manifest = json.loads(files_of(hub)["winnow.json"])
    assert (manifest["pushed"], manifest["withheld"]) == (14, {"license_forbids": 6, "license_unknown": 6})
    assert set(read(files_of(hub), "helpfulness")["license"]) == {"MIT", "CC-BY-NC-4.0"}
    assert "14 pairs are here, of 26 that the curation kept." in files_of(hub)["README.md"].decode()
    assert "6 were withheld as license_forbids" in files_of(hub)["README.md"].decode()
    told = say("push", REPO, "--home", mixed, "--withhold-forbidden", "--allow-unknown-license")
    assert "pairs     20 of 26 kept" in told.output
    assert "| unknown | 4 | 0 |" in files_of(hub)["README.md"].decode()


def test_nothing_left_to_push_is_told(tmp_path):
    (tmp_path / "plan.yaml").write_text("name: few\nsources: [{path: few.jsonl, license: proprietary}]\n")
    write(tmp_path / "few.jsonl", [{"prompt": "Who?", "chosen": "Somebody", "rejected": "Nobody"}])
    run(tmp_path / "plan.yaml", tmp_path / "home")
    opened = warehouse.open(tmp_path / "home")
    with pytest.raises(BrokenPromise, match="few: 1 pairs under proprietary"):
        prepare_into(opened, Push(repo=REPO), tmp_path / "out")
    with pytest.raises(Terminal, match=r"snapshot 1 has no pair to push\. 1 license_forbids: The licence forbids"):
        prepare_into(opened, Push(repo=REPO, withhold_forbidden=True), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_licence_of_a_merged_copy_goes_along(tmp_path):
    rows = [graded(1), graded(1, terms="CC-BY-NC-4.0", who="Somebody")]
    home = world(tmp_path, rows)
    manifest = prepare_into(warehouse.open(home), Push(repo=REPO), tmp_path / "out")
    assert manifest.licenses == {"CC-BY-NC-4.0": manifest.pushed}
    found = read(content(tmp_path / "out"), "a-fine-tone").row(0, named=True)
    assert (found["n_votes"], found["license"], found["commercial_ok"]) == (2, "CC-BY-NC-4.0", False)
