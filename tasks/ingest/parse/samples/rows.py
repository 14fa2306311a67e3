"""Samples of WebDataset become rows: a column for each part, named by what follows the sample's stem."""

from __future__ import annotations

import base64
from typing import Any, Final

import orjson

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Lines, Rows, Samples
from tasks.ingest.parse.jsonrows import json_rows

STEM: Final = "__key__"
_TEXTS: Final = ("txt", "text", "caption", "cls", "cls2", "id", "url", "transcript")


def sample_rows(samples: Samples) -> Rows:
    """Give the rows of samples: JSON is parsed, text is text, and everything else is bytes, as tables have them.

    The stem is in the column `__key__`, as readers of `datasets` give it. A sample with a bad part is a bad row.
    """
    rows = Rows.none_but([])
    for number, (stem, parts) in enumerate(samples.samples, samples.first_row):
        doc: dict[str, Any] = {STEM: stem}
        wrong: BadRow | None = None
        for name, data in parts.items():
            value = _value(name, data, number)
            wrong = value if isinstance(value, BadRow) and wrong is None else wrong
            doc[name] = value
        if wrong is not None:
            rows.bad.append(wrong)
            continue
        rows.docs.append(doc)
        rows.lines.append(number)
        rows.byte_offsets.append(None)
        rows.raw.append(orjson.dumps(doc).decode())
    return rows


def _value(name: str, data: bytes, number: int) -> Any:
    ending = name.rpartition(".")[2]
    if ending == "json":
        # Whatever the value is, an object around it is a row, and read as strictly as one.
        read = json_rows(Lines([number], [0], [b'{"value":' + data + b"}"], []))
        return read.docs[0]["value"] if read.docs else _bad(number, name, read.bad[0].reason, read.bad[0].detail, data)
    if ending not in _TEXTS:
        return {"$bytes": base64.b64encode(data).decode()}
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        return _bad(number, name, Reason.not_utf8, str(error), data)


def _bad(number: int, name: str, reason: Reason, detail: str, data: bytes) -> BadRow:
    return BadRow.quoting(number, None, reason, f"{name}: {detail}", data)
