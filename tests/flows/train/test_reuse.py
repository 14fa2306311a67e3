"""What a training said, read by rules of the next run: planted flips go, stay gone, and are judged again."""

import json
import math

import polars as pl
import pytest

import warehouse
from flows.run import line
from flows.run.order import prepare, valid_plan
from flows.train.head import train_head
from flows.trial.trial import try_rule
from flows.verbs.nulls import warn_of_nulls
from schemas.errors import Terminal
from schemas.plan.train.training import HeadTraining, TextModel
from tests.flows.here import broken, run
from tests.training.tiny import save_encoder
from training.data import candidates as all_candidates
from training.data import read_judged
from warehouse.answers.explain import explain
from warehouse.home import Home
from warehouse.takedown.takedown import preview, take_down
from warehouse.takedown.wish import Wish

PLAN = """
name: world
sources:
  - {name: one, path: one.jsonl, dimension: help}
  - {name: two, path: two.jsonl, dimension: harm, optional: true}
rules:
  - {name: doubted, drop: "suspect_probability > 0.6"}
split: {train: 0.6, validation: 0.2, test: 0.2}
"""
FLIPPED = range(4, 160, 13)
RULES = 'rules=[{name: doubted, drop: "suspect_probability > 0.6"}, {name: long, drop: "chosen_chars > 58"}]'
SUBJECTS = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "hazel", "ivory", "jade"]


def row(n, *, flip=False, end=""):
    """The good answer is twice as long: what counts alone can learn."""
    about = f"{SUBJECTS[n % 10]} {SUBJECTS[n // 10 % 10]} {n}"
    good, poor = f"this is a good answer to {about} and to all of that{end}", f"poor {about}"
    said = {"prompt": f"what is {about}", "chosen": good, "rejected": poor}
    return said | ({"chosen": poor, "rejected": good} if flip else {})


def write(place, said):
    place.write_text("".join(json.dumps(each) + "\n" for each in said))


@pytest.fixture
def world(tmp_path):
    (tmp_path / "plan.yaml").write_text(PLAN)
    write(tmp_path / "one.jsonl", [row(n, flip=n in FLIPPED) for n in range(160)])
    save_encoder(tmp_path / "encoder")
    return tmp_path


def curate(world, *overrides):
    return run(world / "plan.yaml", world / "home", *overrides)


def train(world, **settings):
    config = HeadTraining(encoder=TextModel(path="encoder"), blocks=["hand"], **settings)
    return train_head(warehouse.open(world / "home"), config, world, lambda *_: None)


def table(world, name, at=None):
    return warehouse.open(world / "home", at).table(name).collect()


def dropped(world, rule="doubted"):
    """The numbers of the rows that the rule dropped."""
    gone = table(world, "pairs").filter(pl.col("rule") == rule)
    return sorted(int(prompt.split()[-1]) for prompt in gone["prompt"])


def judged(world):
    return table(world, "suspects").select("pair_id", "probability", "fold").sort("pair_id")


def test_planted_flips_are_dropped_by_the_run_after_the_training(world):
    curate(world)
    assert dropped(world) == []
    trained = train(world)
    assert curate(world).is_new
    assert dropped(world) == list(FLIPPED)
    assert broken(world / "home") == []
    pairs = table(world, "pairs").filter(rule="doubted")
    assert set(pairs["reason"]) == {"dropped_by_rule"}
    gone = pairs["pair_id"][0]
    said = table(world, "suspects").filter(pair_id=gone)["probability"].item()
    (told,) = [each for each in explain(warehouse.open(world / "home"), gone).sentences if "not kept" in each]
    assert "doubted: suspect_probability > 0.6 with" in told
    assert f'"training_id":"{trained.training_id}"' in told
    assert json.loads(told.split(" with ")[1].removesuffix("."))["suspect_probability"] == pytest.approx(said)


def test_curating_and_training_in_turns_comes_to_rest(world):
    curate(world)
    first = train(world)
    before = judged(world)
    assert curate(world).is_new
    second = train(world)
    assert second.training_id != first.training_id
    # The second head learnt from fewer pairs; what was judged, and how, is the same.
    assert second.is_new
    assert judged(world).equals(before)
    assert set(table(world, "suspects")["model"]) == {first.training_id}
    resting = table(world, "pairs").sort("pair_id")
    for _ in range(2):
        assert not curate(world).is_new
        assert not train(world).is_new
    assert table(world, "pairs").sort("pair_id").equals(resting)
    assert dropped(world) == list(FLIPPED)


def test_labels_are_judged_anew_to_the_same_end_although_the_doubted_are_gone(world):
    curate(world)
    first = train(world)
    before = judged(world)
    curate(world)
    # Another seed changes nothing but the name: all folds are learnt again.
    again = train(world, seed=1)
    assert set(table(world, "suspects")["model"]) == {again.training_id} != {first.training_id}
    assert judged(world).equals(before)
    assert not curate(world).is_new


def test_heads_learn_from_what_is_kept_and_are_compared_on_all_candidates(world):
    curate(world)
    first = train(world)
    curate(world)
    second = train(world)
    assert (first.folder / "head.safetensors").read_bytes() != (second.folder / "head.safetensors").read_bytes()
    told = table(world, "evaluations").filter((pl.col("metric") == "accuracy") & pl.col("source").is_null())
    in_all = told.filter(pl.col("bin").is_null())
    assert in_all["n"].n_unique() == 1
    # A flipped label of the test split is still held against the head.
    opened = warehouse.open(world / "home")
    candidates = read_judged(all_candidates(opened), ["test"], None)
    flipped = candidates.filter(~pl.col("kept")).height
    assert flipped > 0
    assert in_all["value"].to_list() == [pytest.approx(1 - flipped / candidates.height)] * 2


@pytest.mark.parametrize("near", ["", "dedupe.near=null"])
def test_copies_of_a_doubted_pair_do_not_take_its_place(world, near):
    overrides = [near] if near else []
    said = [row(n, flip=n in FLIPPED) for n in range(160)]
    first, second = FLIPPED[:2]
    copies = [row(first, flip=True), {**row(second, flip=True), "prompt": row(second)["prompt"].upper()}]
    write(world / "one.jsonl", [*said, *copies])
    for _ in range(3):
        curate(world, *overrides)
        train(world)
    flipped = table(world, "pairs").filter(
        pl.col("prompt").str.to_lowercase().is_in([row(n)["prompt"] for n in FLIPPED])
    )
    assert flipped.height == len(FLIPPED) + 2
    assert not flipped["kept"].any()
    assert sorted(flipped["reason"].value_counts().rows()) == [
        ("dropped_by_rule", len(FLIPPED)), ("merged_exact", 1), ("merged_normalised", 1),
    ]  # fmt: skip
    assert broken(world / "home") == []


def test_near_copies_of_a_doubted_pair_do_not_take_its_place(world):
    extra = " and some more of the same that goes on for a good while so that one word makes no difference"
    said = [row(n, flip=n in FLIPPED, end=extra) for n in range(160)]
    near = {name: text + (" still" if name == "rejected" else "") for name, text in said[FLIPPED[0]].items()}
    write(world / "one.jsonl", [*said, near])
    curate(world)
    assert table(world, "pairs").filter(reason="near_duplicate").height == 1
    for _ in range(2):
        train(world)
        curate(world)
    assert dropped(world) == list(FLIPPED)
    assert table(world, "pairs").filter(reason="near_duplicate").height == 1


def test_a_plan_that_reads_nothing_of_it_does_not_notice_trainings(world):
    plain = ["rules=[]"]
    home = Home.at(world / "home")
    curate(world, *plain)
    key = prepare(valid_plan(world / "plan.yaml", plain), world, home).run_key
    train(world)
    assert prepare(valid_plan(world / "plan.yaml", plain), world, home).run_key == key
    assert not curate(world, *plain).is_new


def test_the_first_run_says_once_that_nobody_has_trained(world):
    curate(world, RULES)
    opened = warehouse.open(world / "home")
    assert warn_of_nulls(opened) == [
        "no training yet: suspect_probability is null and doubted does not fire; after `winnow train head` the next "
        "run knows it"
    ]
    with pytest.raises(Terminal, match="no training yet"):
        try_rule(opened, "suspect_probability > 0.5")
    train(world)
    curate(world, RULES)
    assert warn_of_nulls(warehouse.open(world / "home")) == []


def test_trying_a_rule_asks_the_newest_training(world):
    curate(world, "rules=[]")
    train(world)
    trial = try_rule(warehouse.open(world / "home"), "suspect_probability > 0.6 and chosen_chars < 30")
    assert (trial.dropped, trial.counted, trial.nulls["suspect_probability"]) == (len(FLIPPED), 160, 0)


def test_other_rules_come_first_wherever_they_stand(world):
    curate(world, RULES)
    train(world)
    long = dropped(world, "long")
    assert long
    curate(world, 'rules=[{name: doubted, drop: "suspect_probability >= 0"}, {name: long, drop: "chosen_chars > 58"}]')
    assert dropped(world, "long") == long
    assert len(dropped(world)) == 160 - len(long)


def test_what_is_set_aside_or_marked_is_judged_again(world):
    rules = 'rules=[{name: doubted, quarantine: "suspect_probability > 0.6"}, {name: sure, flag: "suspect_probability < 0.4"}]'
    curate(world, rules)
    train(world)
    curate(world, rules)
    assert set(table(world, "pairs").filter(rule="doubted")["reason"]) == {"quarantined_by_rule"}
    assert dropped(world) == list(FLIPPED)
    marked = table(world, "decisions").filter(rule="sure")
    kept = table(world, "pairs").filter("kept")["pair_id"]
    assert marked.height > 100
    assert set(marked["subject_id"]) <= set(kept)
    train(world, seed=1)
    assert set(table(world, "suspects")["pair_id"]) == set(table(world, "pairs")["pair_id"])


def test_a_label_that_was_put_right_is_doubted_no_more(world):
    curate(world)
    train(world)
    curate(world)
    write(world / "one.jsonl", [row(n, flip=n in FLIPPED[1:]) for n in range(170)])
    curate(world)
    assert dropped(world) == list(FLIPPED[1:])
    metrics = table(world, "metrics").filter(pl.col("suspect_probability").is_null())
    assert metrics.height == 11


def test_slices_change_nothing(world, monkeypatch):
    curate(world)
    train(world)
    curate(world)
    whole = {name: table(world, name) for name in ("pairs", "metrics", "decisions")}
    monkeypatch.setattr(line, "SLICE_ROWS", 50)
    curate(world, "keep_snapshots=9")
    for name, before in whole.items():
        by = [pl.first(), *([pl.col("stage")] if name == "decisions" else [])]
        assert table(world, name).sort(by).equals(before.sort(by))


@pytest.fixture
def two(world):
    write(world / "two.jsonl", [row(n, flip=True) for n in range(200, 300)])
    return world


def combined(world, side):
    """The sum of the logarithms of sigma(r - r_ref), by hand."""
    rewards = table(world, "rewards")
    total = {}
    for each in rewards.iter_rows(named=True):
        term = -math.log1p(math.exp(each["reference"] - each["reward"]))
        place = (each["pair_key"], each["response_id"])
        total[place] = total.get(place, 0.0) + term
    pairs = table(world, "pairs").sort("pair_id")
    return [total[key, answer] for key, answer in pairs.select("pair_key", f"{side}_id").iter_rows()]


METRICS = "metrics=[chosen_combined_reward, rejected_combined_reward, combined_reward_gap]"


def test_rewards_of_all_dimensions_are_combined(two):
    curate(two, "rules=[]", METRICS)
    assert table(two, "metrics")["combined_reward_gap"].null_count() == 260
    train(two)
    rewards = table(two, "rewards")
    assert rewards.height == 260 * 2 * 2
    assert rewards.group_by("dimension").agg(pl.col("reference").n_unique())["reference"].to_list() == [1, 1]
    pairs = table(two, "pairs")
    of_train = pl.concat([
        pairs.filter(split="train").select("pair_key", response_id=f"{side}_id") for side in ("chosen", "rejected")
    ])  # fmt: skip
    seen = rewards.join(of_train, on=["pair_key", "response_id"], how="semi")
    for (dimension,), group in seen.group_by("dimension"):
        reference = rewards.filter(dimension=dimension)["reference"][0]
        assert group["reward"].quantile(0.85, "linear") == pytest.approx(reference)
    assert curate(two, "rules=[]", METRICS).is_new
    metrics = table(two, "metrics").sort("pair_id")
    for side in ("chosen", "rejected"):
        assert metrics[f"{side}_combined_reward"].to_list() == pytest.approx(combined(two, side))
    assert metrics["combined_reward_gap"].to_list() == pytest.approx(
        (metrics["chosen_combined_reward"] - metrics["rejected_combined_reward"]).to_list()
    )


def test_a_rule_reads_combined_rewards_and_comes_to_rest(two):
    rule = 'rules=[{name: bad, drop: "chosen_combined_reward < -3"}]'
    for _ in range(2):
        curate(two, rule)
        train(two)
    assert not curate(two, rule).is_new
    expected = [value < -3 for value in combined(two, "chosen")]
    assert 0 < sum(expected) < 260
    assert (~table(two, "pairs").sort("pair_id")["kept"]).to_list() == expected
    gone = table(two, "decisions").filter(rule="bad")
    assert set(gone["stage"]) == {"models"}
    assert json.loads(gone["value"][0]).keys() == {"chosen_combined_reward", "training_id"}


def test_one_dimension_is_combined_of_one_term(world):
    curate(world, "rules=[]", METRICS)
    train(world)
    curate(world, "rules=[]", METRICS)
    metrics = table(world, "metrics").sort("pair_id")
    assert metrics["chosen_combined_reward"].to_list() == pytest.approx(combined(world, "chosen"))


def test_what_was_said_of_a_forgotten_pair_goes_with_it(world):
    curate(world)
    train(world)
    curate(world)
    gone = table(world, "pairs").filter(rule="doubted").row(0, named=True)
    home = Home.at(world / "home")
    take_down(home, preview(home, Wish(ids=[gone["pair_id"]])).tombstones, "", "")
    assert table(world, "suspects").filter(pair_id=gone["pair_id"]).is_empty()
    assert table(world, "rewards").filter(pair_key=gone["pair_key"]).is_empty()
    curate(world)
    assert dropped(world) == [n for n in FLIPPED if str(n) != gone["prompt"].split()[-1]]
