import numpy as np
import pytest

from schemas.errors import Terminal
from schemas.plan.train.training import ModerationTraining
from tests.training.moderation.planted import LABELS, plant
from training.head.design import Contents
from training.moderation.checkpoint import MEANING, WEIGHTS, load_moderator, save_moderator
from training.moderation.judge import evaluate, find_planted_flips, judge_folds
from training.moderation.learn import features_of, fit_design, learn

CONFIG = ModerationTraining(
    blocks=["prompt", "response"], strengths=[0.01, 1.0, 30.0], folds=5, planted_flips=0.1, least_positives=10
)


def learnt(world, config=CONFIG):
    contents, places, truth, _ = world
    design = fit_design(config, contents, places)
    features = features_of(design, contents, places)
    return learn(design, features, truth, places, config), features


def numbers(rows):
    return {(row.get("dimension"), row["metric"]): row for row in rows}


def judged(world, config=CONFIG):
    found, features = learnt(world, config)
    return numbers(evaluate(found, features, world[2], world[1], world[3], 0))


def test_planted_labels_are_recovered():
    found = judged(plant())
    for label in LABELS:
        row = found[label, "average_precision"]
        assert row["value"] > 0.97
        assert row["low"] <= row["value"] <= row["high"] <= 1.0
        assert row["n"] == 180
        assert row["baseline"] == found[label, "positives"]["value"] / 180
        assert found[label, "f1"]["value"] > 0.85
    assert found[None, "macro_average_precision"]["value"] == pytest.approx(
        np.mean([found[label, "average_precision"]["value"] for label in LABELS])
    )
    assert found[None, "is_safe_accuracy"]["value"] > 0.9 > found[None, "is_safe_accuracy"]["baseline"]


def test_labels_of_chance_are_not_found():
    contents, places, truth, components = plant()
    random = np.random.default_rng(3)
    mixed = {label: random.permutation(values) for label, values in truth.items()}
    found = judged((contents, places, mixed, components))
    assert abs(found[None, "macro_average_precision"]["value"] - 0.3) < 0.12


def test_a_rare_label_is_found_by_what_its_positives_weigh():
    """One in fifty: without weight nobody would ever be called."""
    world = plant(3000, labels=("rare",), share=0.02)
    found, features = learnt(world)
    assert found.positive_weights == {"rare": 10.0}
    rows = numbers(evaluate(found, features, world[2], world[1], world[3], 0))
    assert rows["rare", "average_precision"]["value"] > 0.7
    assert rows["rare", "recall"]["value"] > 0.5
    assert rows["rare", "average_precision"]["baseline"] < 0.04


def test_labels_that_are_too_rare_are_named_and_part_of_no_mean():
    contents, places, truth, components = plant()
    never, few = np.zeros(900), np.zeros(900)
    few[:9] = 1.0
    only_learnt = np.where(places.test, 0.0, truth["hate"])
    more = {**truth, "never": never, "few": few, "untested": only_learnt}
    found = judged((contents, places, more, components))
    assert (found["never", "too_few_positives"]["value"], found["never", "too_few_positives"]["n"]) == (0.0, 900)
    assert found["few", "too_few_positives"]["value"] == 9.0
    assert found["untested", "too_few_positives"]["value"] == only_learnt.sum()
    assert {label for label, metric in found if metric == "average_precision"} == set(LABELS)
    assert found[None, "macro_average_precision"]["value"] > 0.97
    values = [row[part] for row in found.values() for part in ("value", "low", "high") if row.get(part) is not None]
    assert np.isfinite(values).all()


def test_what_nobody_knows_is_neither_learnt_nor_judged():
    contents, places, truth, components = plant()
    gaps = {**truth, "hate": np.where(np.arange(900) % 2 == 0, np.nan, truth["hate"])}
    found = judged((contents, places, gaps, components))
    assert found["hate", "average_precision"]["n"] == 90
    assert found["hate", "average_precision"]["value"] > 0.9


def test_the_order_of_items_does_not_matter():
    contents, places, truth, components = plant()
    order = np.random.default_rng(1).permutation(900)
    mixed = places._replace(**{name: rows[order] for name, rows in places._asdict().items()})
    turned = (contents, mixed, {label: values[order] for label, values in truth.items()}, components[order.tolist()])
    one, other = judged((contents, places, truth, components)), judged(turned)
    assert one.keys() == other.keys()
    for key, row in one.items():
        assert other[key]["value"] == pytest.approx(row["value"], abs=2e-3)
        assert other[key]["n"] == row["n"]


def test_planted_flips_are_found_out_of_fold():
    world = plant(1500)
    found, features = learnt(world)
    _, places, truth, components = world
    flips = numbers(find_planted_flips(found, features, truth, places, components, CONFIG))
    for label in LABELS:
        assert flips[label, "suspects_found"]["value"] > 0.7
        assert flips[label, "suspects_found"]["baseline"] == pytest.approx(0.1, abs=0.03)
    folds = numbers(judge_folds(found, features, truth, components, CONFIG))
    assert folds["hate", "average_precision_out_of_fold"]["value"] > 0.97
    assert folds["hate", "average_precision_out_of_fold"]["n"] == 1500


def test_copies_in_one_component_do_not_flatter_a_fold():
    """Ten copies of each of a few items with labels of chance: only what leaks could be known."""
    contents, _, _, components = plant(60, dim=40)
    contents = Contents(contents.vectors, contents.hand)
    at = np.tile(np.arange(60), 10)
    values = np.tile((np.random.default_rng(2).random(60) < 0.5).astype(float), 10)
    _, places, _, _ = plant(600)
    places = places._replace(prompt=at, content=at + 60)
    config = CONFIG.model_copy(update={"blocks": ["response"]})
    world = (contents, places, {"chance": values}, components[at.tolist()])
    found, features = learnt(world, config)
    rows = judge_folds(found, features, world[2], world[3], config)
    assert rows[0]["value"] < 0.75


def test_what_stands_for_itself_has_no_prompt():
    contents, places, _, _ = plant(50)
    design = fit_design(ModerationTraining(target="media"), contents, places)
    assert design.blocks == ("response", "hand")
    with pytest.raises(Terminal, match="a prompt has no features product"):
        fit_design(ModerationTraining(target="prompt", blocks=["product"]), contents, places)


def test_a_moderator_comes_back_as_it_was(tmp_path):
    world = plant()
    found, features = learnt(world)
    save_moderator(found.moderator, tmp_path, {"taxonomy": "harm"})
    back, about = load_moderator(tmp_path)
    assert about["taxonomy"] == "harm"
    assert np.array_equal(back.probabilities(features), found.moderator.probabilities(features))
    assert back.thresholds == found.moderator.thresholds
    (tmp_path / MEANING).write_text('{"labels": ["a"]}')
    with pytest.raises(Terminal, match="holds no moderator"):
        load_moderator(tmp_path)


def test_damaged_weights_are_refused(tmp_path):
    found, _ = learnt(plant())
    save_moderator(found.moderator, tmp_path, {})
    (tmp_path / WEIGHTS).write_bytes((tmp_path / WEIGHTS).read_bytes()[:50])
    with pytest.raises(Terminal, match="holds no moderator"):
        load_moderator(tmp_path)
