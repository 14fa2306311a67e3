"""Configurations: every dimension has one, and the Hub's own reader understands what the card says of them."""

import pyarrow as pa
import pytest
from datasets import Features
from hypothesis import given
from hypothesis import strategies as st

from schemas.plan.push import COLUMNS, PUSHED_PAIRS
from schemas.rules.features import card_features, with_features
from schemas.tables import TABLES
from tasks.push.configs import Config, SplitFiles, card_configs, config_names, default_of


def test_dimensions_keep_their_names_where_the_hub_can_take_them():
    names = config_names(["helpfulness", "visual quality", "a/b", "a-b", "metrics", "../x", "???"], ["metrics"])
    assert names["helpfulness"] == "helpfulness"
    assert names["visual quality"] == "visual-quality"
    assert names["a-b"] == "a-b"
    assert names["a/b"].startswith("a-b-")
    assert names["metrics"].startswith("metrics-")
    assert names["../x"] == "x"
    assert names["???"] == "unnamed"


@given(st.lists(st.text(min_size=1), unique=True))
def test_no_two_dimensions_share_a_name_whatever_they_are_called(dimensions):
    names = config_names(dimensions, ["rows"])
    assert sorted(names) == sorted(dimensions)
    assert len({*names.values(), "rows"}) == len(dimensions) + 1
    assert all(name and not set(name) & set('<>:/\\|?* "\n') and name not in (".", "..") for name in names.values())


def test_the_default_is_overall_or_what_has_most_pairs():
    assert default_of({"safety": 9, "overall": 1}) == "overall"
    assert default_of({"safety": 2, "helpfulness": 2, "fun": 1}) == "helpfulness"


SCHEMAS = {"pairs": PUSHED_PAIRS, "records": TABLES["records"], "decisions": TABLES["decisions"]}


@pytest.mark.parametrize("name", SCHEMAS)
def test_features_are_what_datasets_itself_would_say(name):
    schema = SCHEMAS[name]
    expected = Features.from_arrow_schema(schema)
    assert Features._from_yaml_list(card_features(schema)) == expected
    assert Features.from_arrow_schema(with_features(schema)) == expected
    assert card_features(schema) == expected._to_yaml_list()


def test_every_pushed_column_has_its_sentence():
    assert list(COLUMNS) == PUSHED_PAIRS.names


def test_a_configuration_says_its_files_and_rows():
    schema = pa.schema([("pair_id", pa.string())])
    splits = [SplitFiles("train", 3, 30, 300), SplitFiles("test", 1, 10, 100)]
    said = card_configs([Config("fun", "fun", None, schema, splits)], "fun")
    assert said["configs"] == [
        {
            "config_name": "fun",
            "default": True,
            "data_files": [
                {"split": "train", "path": "data/fun/train-*"},
                {"split": "test", "path": "data/fun/test-*"},
            ],
        }
    ]
    assert said["dataset_info"] == [
        {
            "config_name": "fun",
            "features": [{"name": "pair_id", "dtype": "string"}],
            "splits": [
                {"name": "train", "num_bytes": 300, "num_examples": 3},
                {"name": "test", "num_bytes": 100, "num_examples": 1},
            ],
            "download_size": 40,
            "dataset_size": 400,
        }
    ]
