"""Foreign Parquet, Arrow and Feather files, read in a child process; every row is given or named as lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from schemas.reasons import Reason
from schemas.rows.batch import BadRow, Rows, Table
from warehouse.intake.tables.worker import Died, Message, borrowed

# What a child hands over at once, at most; a row that needs more is not read.
PORTION_BYTES = 64 << 20
# A file that ends this many children is given up; starting one takes half a second.
MAX_DEATHS = 3
_LOST_AT_ONCE = 10_000


def read(place: Path, form: str) -> Iterator[Table | Rows]:
    """Read a columnar file. Rows that cannot be read, or a file that cannot be opened, come as bad rows."""
    progress = _Progress()
    for death in range(MAX_DEATHS):
        try:
            with borrowed() as worker:
                request = {"place": str(place), "format": form, "with_rows": True, "portion": PORTION_BYTES}
                for message in worker.ask(**request, first_group=progress.first_group):
                    yield from progress.take(message)
        except Died as error:
            yield from progress.died(str(error), is_last=death == MAX_DEATHS - 1)
            if progress.is_over:
                return
        else:
            return


def count(place: Path, form: str) -> int:
    """Count the rows of a columnar file without decoding them; a file that cannot be opened is one bad row."""
    rows = 0
    try:
        with borrowed() as worker:
            for message in worker.ask(place=str(place), format=form, first_group=0, with_rows=False):
                rows += sum(message.header.get("rows", [])) + (message.header["kind"] == "broken")
    except Died:
        rows += 1
    return rows


class _Progress:
    """How far a file has been read, over all children that tried."""

    def __init__(self) -> None:
        self.groups: list[int] | None = None
        self.first_group = 0
        self.row = 0

    @property
    def is_over(self) -> bool:
        """Whether there is nothing left to try."""
        return self.groups is None or self.first_group >= len(self.groups)

    def take(self, message: Message) -> Iterator[Table | Rows]:
        """Turn an answer into rows, good or bad."""
        header = message.header
        match header["kind"]:
            case "groups":
                self.groups = header["rows"]
            case "group":
                self.first_group = header["group"]
                self.row = sum((self.groups or [])[: self.first_group])
            case "rows":
                batch = pa.ipc.open_stream(message.payload).read_next_batch()
                yield Table(self.row + 1, batch)
                self.row += batch.num_rows
            case "bad":
                reason = Reason.not_utf8 if header["is_text"] else Reason.damaged_file
                yield Rows.none_but([BadRow(self.row + 1, None, reason, header["detail"], "")])
                self.row += 1
            case "lost":
                yield from self._lost(header["detail"], self.first_group + 1)
            case "broken":
                yield self._broken(header["detail"])

    def died(self, detail: str, *, is_last: bool) -> Iterator[Rows]:
        """Name what a child took with it: the group it was reading, or all that is left."""
        if self.groups is None:
            yield self._broken(detail)
            return
        self.first_group = len(self.groups) if is_last else self.first_group + 1
        yield from self._lost(detail, self.first_group)

    def _broken(self, detail: str) -> Rows:
        return Rows.none_but([BadRow(self.row + 1, None, Reason.damaged_file, detail, "")])

    def _lost(self, detail: str, end_group: int) -> Iterator[Rows]:
        """Name every row up to the end of a group, so that the rows of the file still add up."""
        end = sum((self.groups or [])[:end_group])
        for start in range(self.row, end, _LOST_AT_ONCE):
            lost = range(start, min(end, start + _LOST_AT_ONCE))
            yield Rows.none_but([BadRow(row + 1, None, Reason.damaged_file, detail, "") for row in lost])
        self.row = max(self.row, end)
