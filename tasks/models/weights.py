"""Weights are read, never run: safetensors, or pickles that hold tensors and nothing else."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from schemas.errors import Terminal

if TYPE_CHECKING:
    from torch import Tensor

# What torch reads with weights_only; everything else that is called weights somewhere is refused.
PICKLES: Final = (".pt", ".pth", ".bin")
# Settings by which libraries are told to import Python that lies beside a model.
_CODE: Final = ("auto_map", "trust_remote_code", "custom_pipelines")
_CONVERT: Final = "convert it to safetensors where it comes from, or take another model"


def check_weights(file: Path) -> None:
    """Refuse weights that are not there, damaged or more than tensors. Raises Terminal that says which."""
    if file.suffix == ".safetensors":
        _check_safetensors(file)
    else:
        read_pickle(file)


def read_weights(file: Path) -> dict[str, Tensor]:
    """Read the tensors of a checkpoint by name. Raises what `check_weights` raises."""
    if file.suffix != ".safetensors":
        return tensors_in(read_pickle(file), file)
    from safetensors.torch import load_file

    _check_safetensors(file)
    return load_file(file)


def read_pickle(file: Path) -> Any:
    """Read a checkpoint of torch that holds tensors and plain values. Raises Terminal for any other."""
    import torch

    if not file.is_file():
        raise Terminal(f"{file} is not there")
    if file.suffix not in PICKLES:
        raise Terminal(f"{file} is no checkpoint: weights are .safetensors, or {', '.join(PICKLES)}")
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise Terminal(f"{file} holds more than weights, so reading it could run code: {_CONVERT}") from error
    except Exception as error:  # whatever the reader of a damaged file stumbles over
        raise Terminal(f"{file} cannot be read as weights ({_first_line(error)}): {_CONVERT}") from error


def tensors_in(checkpoint: Any, file: Path) -> dict[str, Tensor]:
    """Return the tensors of what a pickle held, by name. Raises Terminal if it is something else."""
    import torch

    if isinstance(checkpoint, dict) and all(isinstance(each, torch.Tensor) for each in checkpoint.values()):
        return checkpoint
    raise Terminal(f"{file} holds no tensors by name: it is no checkpoint of this kind of model")


def read_settings(file: Path) -> dict[str, Any]:
    """Read a model's JSON. Raises Terminal if it is none, or if it names code that would be run."""
    try:
        said = orjson.loads(file.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise Terminal(f"{file} cannot be read: {_first_line(error)}") from error
    if not isinstance(said, dict):
        raise Terminal(f"{file} is not an object of settings")
    named = next((name for name in _names_in(said) if name in _CODE), None)
    if named is not None:
        raise Terminal(f"{file} says {named}, which names code to be run: winnow runs no code of models")
    return said


def refuse_code(folder: Path) -> None:
    """Refuse a model's folder if any settings in it name code. Raises Terminal that says which and how."""
    for file in sorted(folder.glob("*.json")):
        if file.name.endswith(("config.json", "index.json")):
            read_settings(file)


def _check_safetensors(file: Path) -> None:
    from safetensors import SafetensorError, safe_open

    if not file.is_file():
        raise Terminal(f"{file} is not there")
    try:
        with safe_open(file, framework="pt") as opened:
            names = opened.keys()
    except (SafetensorError, OSError) as error:
        raise Terminal(f"{file} is damaged ({_first_line(error)}): fetch it again") from error
    if not names:
        raise Terminal(f"{file} holds no tensors: fetch it again")


def _names_in(said: Any) -> list[str]:
    """List the names of all settings, at any depth."""
    names: list[str] = []
    rest = [said]
    while rest:
        each = rest.pop()
        if isinstance(each, dict):
            names += each
            rest += each.values()
        elif isinstance(each, list):
            rest += each
    return names


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:300] or type(error).__name__
