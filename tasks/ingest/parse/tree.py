"""One XML document → rows: one for each child of its root."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple
from xml.parsers import expat

import orjson

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Rows

# Counted with the root. An element takes up to two levels of JSON, an object and a list.
MAX_DEPTH = 100
TEXT = "#text"
_STEP = 1 << 20


class _Refused(Exception):
    """Raised inside the handlers."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


def tree_rows(data: bytes) -> Iterator[Rows]:
    """Give the rows of an XML document; what follows its first mistake is one bad row.

    An attribute becomes `@name`, an element of mere text a text, and an element whose children all share one tag
    always a list of them; only mixed children make a repeated tag a list and a single one none. Document types are
    refused, and entities with them.
    """
    builder = _Builder()
    try:
        for start in range(0, len(data), _STEP):
            builder.parser.Parse(data[start : start + _STEP], start + _STEP >= len(data))
            yield builder.emptied()
        if not data:
            builder.parser.Parse(b"", True)  # noqa: FBT003  (the parser takes no names)
    except expat.ExpatError as error:
        yield builder.failed(Reason.not_xml, str(error), data)
    except _Refused as error:
        yield builder.failed(error.reason, str(error), data)


class _Element(NamedTuple):
    """An element that is not closed yet: its attributes, its closed children by tag, and the texts between them."""

    attributes: dict[str, str]
    children: dict[str, list[Any]]
    texts: list[str]

    def value(self) -> Any:
        """Return the element as an object, or as a text if it is nothing else."""
        text = "".join(self.texts)
        if not self.children and not self.attributes:
            return text
        made: dict[str, Any] = {f"@{name}": value for name, value in self.attributes.items()}
        is_list = len(self.children) == 1
        for tag, values in self.children.items():
            made[tag] = values if is_list or len(values) > 1 else values[0]
        has_text = text and not (self.children and text.isspace())
        return {**made, TEXT: text} if has_text else made


class _Builder:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.open: list[_Element] = []
        self.place = (1, 0)
        self.rows = Rows([], [], [], [], [], [])

    def emptied(self) -> Rows:
        """Return the rows that are complete."""
        rows, self.rows = self.rows, Rows([], [], [], [], [], [])
        return rows

    def failed(self, reason: Reason, detail: str, data: bytes) -> Rows:
        """Return the rows that are complete, and what cannot be read as a bad one."""
        line, offset = self.place if len(self.open) > 1 else self._here()
        self.rows.bad.append(BadRow.quoting(line, offset, reason, detail, data[offset:]))
        return self.emptied()

    def _here(self) -> tuple[int, int]:
        return self.parser.CurrentLineNumber, self.parser.CurrentByteIndex

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self.open) == MAX_DEPTH:
            raise _Refused(Reason.too_deep, f"more than {MAX_DEPTH} levels at {tag}")
        if len(self.open) == 1:
            self.place = self._here()
        self.open.append(_Element(attributes, {}, []))

    def _text(self, text: str) -> None:
        if len(self.open) > 1:
            self.open[-1].texts.append(text)

    def _end(self, tag: str) -> None:
        value = self.open.pop().value()
        if len(self.open) > 1:
            self.open[-1].children.setdefault(tag, []).append(value)
        elif self.open:
            doc = value if isinstance(value, dict) else {TEXT: value}
            self.rows.docs.append(doc)
            self.rows.lines.append(self.place[0])
            self.rows.byte_offsets.append(self.place[1])
            self.rows.raw.append(orjson.dumps(doc).decode())

    def _refuse_doctype(self, name: str, *_: object) -> None:
        raise _Refused(Reason.not_xml, f"the document type {name} is refused: remove <!DOCTYPE …>")
