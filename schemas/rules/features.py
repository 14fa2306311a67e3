"""Arrow types in the words of the library `datasets`, so that it need not guess them, not even of a file without rows.

Lists are written in the old spelling, which versions before 4 know as well.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa

from schemas.media import Modality

# What `datasets` has of a medium in a file.
MEDIUM: Final = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_NO_MEDIA: Final[Mapping[str, Modality]] = {}


def with_features(schema: pa.Schema, media: Mapping[str, Modality] = _NO_MEDIA) -> pa.Schema:
    """Say the types of a schema in its metadata, where `datasets` looks for them in a Parquet file.

    Columns of `MEDIUM`, or of lists of it, that `media` names are played and shown as what it says.
    """
    features = {
        field.name: _playable(field.type, media[field.name]) if field.name in media else _feature(field.type)
        for field in schema
    }
    return schema.with_metadata({"huggingface": json.dumps({"info": {"features": features}})})


def card_features(schema: pa.Schema, media: Mapping[str, Modality] = _NO_MEDIA) -> list[dict[str, Any]]:
    """Say the types of a schema, and which columns are media, as the metadata of a dataset card does."""
    return [
        {
            "name": field.name,
            **(_played(field.type, media[field.name]) if field.name in media else _of_card(field.type)),
        }
        for field in schema
    ]


def _playable(kind: pa.DataType, modality: Modality) -> Any:
    said = {"_type": modality.capitalize()}
    return [said] if pa.types.is_list(kind) else said


def _played(kind: pa.DataType, modality: Modality) -> dict[str, Any]:
    return {"list" if pa.types.is_list(kind) else "dtype": modality}


def _feature(kind: pa.DataType) -> Any:
    if pa.types.is_list(kind):
        return [_feature(kind.value_type)]
    if pa.types.is_struct(kind):
        return {field.name: _feature(field.type) for field in kind}
    return {"dtype": _name(kind), "_type": "Value"}


def _of_card(kind: pa.DataType) -> dict[str, Any]:
    if pa.types.is_list(kind):
        return {"list": _bare(_of_card(kind.value_type))}
    if pa.types.is_struct(kind):
        return {"struct": card_features(pa.schema(list(kind)))}
    return {"dtype": _name(kind)}


def _bare(said: dict[str, Any]) -> Any:
    """Leave out the one key of a type inside a list, as `datasets` does."""
    return next(iter(said.values())) if said.keys() <= {"dtype", "struct"} else said


def _name(kind: pa.DataType) -> str:
    return {"double": "float64"}.get(str(kind), str(kind))
