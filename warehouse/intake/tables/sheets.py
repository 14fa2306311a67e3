"""Sheets of xlsx files, read in a child process: a header, then a row for each of the sheet's rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa

from schemas.mapping.layout import Layout
from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Rows
from warehouse.intake.tables.worker import Died, borrowed

PORTION_BYTES = 64 << 20


def read(place: Path, layout: Layout) -> Iterator[Rows]:
    """Read one sheet. An empty cell is null, a whole number is one however the sheet stores it, times are ISO 8601.

    The first row that holds anything is the header, unless `layout` names the columns; rows after the last one that
    holds anything are formatting and no rows. A file that cannot be opened is one bad row.
    """
    sheet = _Sheet(layout)
    request = {"place": str(place), "format": "xlsx", "sheet": layout.sheet, "with_rows": True}
    try:
        with borrowed() as worker:
            for message in worker.ask(**request, portion=PORTION_BYTES):
                match message.header["kind"]:
                    case "rows":
                        yield sheet.take(pa.ipc.open_stream(message.payload).read_next_batch())
                    case "bad" | "broken":
                        yield sheet.lost(message.header["detail"])
    except Died as error:
        yield sheet.lost(str(error))


class _Sheet:
    """The header, once it is known, and the line of the row before."""

    def __init__(self, layout: Layout) -> None:
        self.header: list[Any] = list(layout.columns or [])
        self.line = 0

    def lost(self, detail: str) -> Rows:
        """Name a row, or all that is left, as lost."""
        return Rows.none_but([BadRow(self.line + 1, None, Reason.damaged_file, detail, "")])

    def take(self, batch: pa.RecordBatch) -> Rows:
        """Give the next rows."""
        rows = Rows([], [], [], [], [], [])
        for line, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            self.line, cells = line, orjson.loads(text)
            if all(cell is None for cell in cells):
                rows.blank.append((line, None))
            elif not self.header:
                self.header = [None if cell is None else str(cell) for cell in cells]
            else:
                self._add(rows, line, cells)
        return rows

    def _add(self, rows: Rows, line: int, cells: list[Any]) -> None:
        names = self.header + [None] * (len(cells) - len(self.header))
        cells = cells + [None] * (len(names) - len(cells))
        named = [(name, cell) for name, cell in zip(names, cells, strict=True) if name is not None]
        doc, raw = dict(named), orjson.dumps(cells).decode()
        if len(doc) < len(named):
            rows.bad.append(BadRow(line, None, Reason.duplicate_keys, "the header names a column twice", raw))
        elif any(cell is not None for name, cell in zip(names, cells, strict=True) if name is None):
            rows.bad.append(BadRow(line, None, Reason.torn_row, "a cell stands under no name of the header", raw))
        else:
            rows.docs.append(doc)
            rows.lines.append(line)
            rows.byte_offsets.append(None)
            rows.raw.append(orjson.dumps(doc).decode())
