"""The configurations of a pushed data set: one for each dimension, and one for each table beside the pairs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import pyarrow as pa

from schemas.media import Modality
from schemas.rules.features import card_features

_ODD = re.compile(r"[^A-Za-z0-9_.-]+")


class SplitFiles(NamedTuple):
    """One split of a configuration: its rows, and the bytes they take in files and in memory."""

    name: str
    rows: int
    bytes: int
    nbytes: int


class Config(NamedTuple):
    """One configuration: its name on the Hub, the dimension of its pairs or the table it holds, and its splits.

    `media` are the columns that hold media, and of which kind.
    """

    name: str
    dimension: str | None
    table: str | None
    schema: pa.Schema
    splits: Sequence[SplitFiles]
    media: Mapping[str, Modality] = {}


def config_names(dimensions: Iterable[str], tables: Iterable[str]) -> dict[str, str]:
    """Name the configuration of each dimension: the dimension itself, as far as the Hub can take it for a name.

    Two dimensions never have one name, and none that of a table.
    """
    taken = set(tables)
    names: dict[str, str] = {}
    # Names that can stay as they are come first, so that no other takes them away.
    for dimension in sorted(dimensions, key=lambda each: (_plain(each) != each, each)):
        name = _plain(dimension)
        if name in taken:
            name = f"{name}-{hashlib.sha256(dimension.encode()).hexdigest()[:8]}"
        taken.add(name)
        names[dimension] = name
    return names


def default_of(pairs: dict[str, int]) -> str:
    """Choose the dimension that is loaded if none is named: `overall`, else the one with the most pairs."""
    return "overall" if "overall" in pairs else min(pairs, key=lambda name: (-pairs[name], name))


def card_configs(configs: Sequence[Config], default: str) -> dict[str, object]:
    """Say the configurations as the metadata of a dataset card does: their files, columns and numbers of rows."""
    files = [
        {
            "config_name": config.name,
            **({"default": True} if config.name == default else {}),
            "data_files": [
                {"split": split.name, "path": f"data/{config.name}/{split.name}-*"} for split in config.splits
            ],
        }
        for config in configs
    ]
    infos = [
        {
            "config_name": config.name,
            "features": card_features(config.schema, config.media),
            "splits": [
                {"name": split.name, "num_bytes": split.nbytes, "num_examples": split.rows} for split in config.splits
            ],
            "download_size": sum(split.bytes for split in config.splits),
            "dataset_size": sum(split.nbytes for split in config.splits),
        }
        for config in configs
    ]
    return {"configs": files, "dataset_info": infos}


def _plain(dimension: str) -> str:
    return _ODD.sub("-", dimension).strip(".-") or "unnamed"
