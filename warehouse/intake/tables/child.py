"""The child process that reads foreign columnar files: what kills a reader, or makes it hang, ends only this process.

Run as a script, so that it loads nothing but Arrow, and a reader of sheets if it is asked for one. Requests come as
JSON lines on standard input. Answers go to standard output: the lengths of header and payload, a JSON header that names
its `kind`, and a payload in Arrow's stream format.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import resource
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.parquet as pq

LENGTHS = struct.Struct(">II")
BATCH_BYTES = 4 << 20
BATCH_ROWS = 1024
# Above this, a row group's word for its own length is not to be believed.
MAX_GROUP_ROWS = 1 << 24
_NO_BYTES = memoryview(b"")

Request = dict[str, Any]


def main(memory: int, seconds: float) -> None:
    """Answer requests until standard input ends, within `memory` bytes and `seconds` for each step."""
    with contextlib.suppress(ValueError, OSError):  # not every system lets a process limit itself
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        with _guarded(seconds):
            try:
                _answer(request, lambda: signal.setitimer(signal.ITIMER_REAL, seconds))
            except (Exception, MemoryError) as error:  # whatever a foreign file provokes is a finding about the file
                _send("broken", detail=_said(error))
        _send("end")


def _answer(request: Request, breathe: Callable[[], object]) -> None:
    for kind, header, batch in _READERS.get(request["format"], _arrow)(request):
        breathe()
        _send(kind, None if batch is None else _stream(batch), **header)
        breathe()


Answer = tuple[str, dict[str, Any], pa.RecordBatch | None]


def _parquet(request: Request) -> Iterator[Answer]:
    file = pq.ParquetFile(request["place"], page_checksum_verification=True, pre_buffer=False)
    # A footer has no checksum, but says some things twice.
    rows = _group_rows(file.metadata)
    _check_types(file)
    yield "groups", {"rows": rows}, None
    for group in range(request["first_group"], len(rows) if request["with_rows"] else 0):
        yield "group", {"group": group}, None
        yield from _group(file, group, rows[group], request["portion"])


def _group_rows(metadata: Any) -> list[int]:
    groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
    rows = [group.num_rows for group in groups]
    if sum(rows) != metadata.num_rows or not all(0 <= count <= MAX_GROUP_ROWS for count in rows):
        raise ValueError("the footer contradicts itself about the number of rows")
    for index in range(len(metadata.schema)):
        column = metadata.schema.column(index)
        for group in groups:
            chunk = group.column(index)
            is_short = column.max_repetition_level == 0 and chunk.num_values != group.num_rows
            if chunk.path_in_schema != column.path or is_short:
                raise ValueError(f"the footer contradicts itself about column {column.path}")
    return rows


def _check_types(file: Any) -> None:
    """Compare the two places where Arrow states the types in a footer: one flipped bit would turn a text to bytes."""
    for index in range(len(file.schema)):
        if str(file.schema.column(index).logical_type) == "Undefined":
            raise ValueError(f"the footer gives column {file.schema.column(index).path} a type that does not exist")
    stated = (file.metadata.metadata or {}).get(b"ARROW:schema")
    if stated is None:
        return
    first = pa.ipc.read_schema(pa.py_buffer(base64.b64decode(stated)))
    if list(map(_family, first)) != list(map(_family, file.schema_arrow)):
        raise ValueError("the footer contradicts itself about the types of its columns")


def _family(field: pa.Field) -> tuple[Any, ...]:
    """A field's name and what kind of type it has, as far as writing it to Parquet and reading it back keeps it."""
    kind = field.type
    while isinstance(kind, pa.BaseExtensionType) or pa.types.is_dictionary(kind):
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind.storage_type
    if pa.types.is_nested(kind):
        children = [kind.field(index) for index in range(kind.num_fields)]
        names = [child.name for child in children] if pa.types.is_struct(kind) else []
        return field.name, names, [_family(child)[1:] for child in children]
    name = re.split(r"[\[(]", str(kind))[0].removeprefix("large_").removesuffix("_view")
    return field.name, re.sub(r"\d+$", "", name).removeprefix("u")


def _group(file: Any, group: int, rows: int, portion: int) -> Iterator[Answer]:
    weight = file.metadata.row_group(group).total_byte_size // max(rows, 1) + 1
    size = max(1, min(BATCH_ROWS, BATCH_BYTES // weight))
    seen = 0
    try:
        for batch in file.iter_batches(batch_size=size, row_groups=[group], use_threads=False):
            yield from _checked(batch, portion)
            seen += batch.num_rows
    except (Exception, MemoryError) as error:
        yield "lost", {"detail": f"row group {group}: {_said(error)}"}, None
    else:
        if seen != rows:
            yield "lost", {"detail": f"row group {group}: {seen} of its {rows} rows are there"}, None


def _arrow(request: Request) -> Iterator[Answer]:
    """Give the batches of an Arrow file or stream; what comes after a damaged one is lost."""
    for batch in _arrow_batches(request["place"]):
        if batch.num_rows > MAX_GROUP_ROWS:
            raise ValueError(f"a batch claims to hold {batch.num_rows:,} rows")
        yield "counted", {"rows": [batch.num_rows]}, None
        for start in range(0, batch.num_rows if request["with_rows"] else 0, BATCH_ROWS):
            yield from _checked(batch.slice(start, BATCH_ROWS), request["portion"])


def _arrow_batches(place: str) -> Iterator[pa.RecordBatch]:
    with pa.memory_map(place) as source:
        is_file = source.read(6) == b"ARROW1"
        source.seek(0)
        if is_file:
            file = pa.ipc.open_file(source)
            yield from (file.get_batch(index) for index in range(file.num_record_batches))
        else:
            yield from pa.ipc.open_stream(source)


def _sheet(request: Request) -> Iterator[Answer]:
    """Give each row of a sheet with its number and its cells as a JSON list, up to the last that holds anything."""
    import python_calamine  # only few children ever need it

    book = python_calamine.CalamineWorkbook.from_path(request["place"])
    name = request["sheet"]
    sheet = book.get_sheet_by_index(0) if name is None else book.get_sheet_by_name(name)
    rows = [[_cell(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
    filled = [at for at, row in enumerate(rows) if any(cell is not None for cell in row)]
    for start in range(filled[0], filled[-1] + 1, BATCH_ROWS) if filled else ():
        places = range(start, min(start + BATCH_ROWS, filled[-1] + 1))
        texts = pa.array([json.dumps(rows[at]) for at in places], pa.large_string())
        lines = pa.array([at + 1 for at in places], pa.int64())
        yield from _checked(pa.RecordBatch.from_arrays([lines, texts], ["line", "cells"]), request["portion"])


def _cell(value: Any) -> Any:
    """Say a cell as JSON: nothing for an empty one, a whole number for a number without a fraction."""
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str | bool | int | float):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def _checked(batch: pa.RecordBatch, portion: int) -> Iterator[Answer]:
    """Give the runs of rows that are what they claim to be, and name the rows that are not."""
    try:
        batch.validate(full=True)
    except pa.ArrowInvalid:
        for start in range(batch.num_rows):
            row = batch.slice(start, 1)
            try:
                row.validate(full=True)
            except pa.ArrowInvalid as error:
                yield "bad", {"detail": _said(error), "is_text": "UTF8" in str(error)}, None
            else:
                yield from _portions(row, portion)
    else:
        yield from _portions(batch, portion)


def _portions(batch: pa.RecordBatch, portion: int) -> Iterator[Answer]:
    """Write out what a dictionary or a view abbreviates, in portions that the parent can hold whatever it was."""
    flat = _flat(batch)
    if flat is not None and flat.nbytes <= portion:
        yield "rows", {}, flat
    elif batch.num_rows > 1:
        middle = batch.num_rows // 2
        yield from _portions(batch.slice(0, middle), portion)
        yield from _portions(batch.slice(middle), portion)
    else:
        yield "bad", {"detail": f"the row needs more than {portion:,} bytes", "is_text": False}, None


def _flat(batch: pa.RecordBatch) -> pa.RecordBatch | None:
    fields = [field.with_type(_flat_type(field.type)) for field in batch.schema]
    try:
        return batch.cast(pa.schema(fields))
    except MemoryError:
        return None


def _flat_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _flat_type(kind.value_type)
    if pa.types.is_string(kind) or pa.types.is_string_view(kind):
        return pa.large_string()
    if pa.types.is_binary(kind) or pa.types.is_binary_view(kind):
        return pa.large_binary()
    if pa.types.is_struct(kind):
        fields = [kind.field(index) for index in range(kind.num_fields)]
        return pa.struct([field.with_type(_flat_type(field.type)) for field in fields])
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_flat_type(kind.value_type)))
    return kind


def _stream(batch: pa.RecordBatch) -> memoryview:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return memoryview(sink.getvalue())


_READERS: dict[str, Callable[[Request], Iterator[Answer]]] = {"parquet": _parquet, "xlsx": _sheet}


def _send(kind: str, payload: memoryview | None = None, **header: Any) -> None:
    # Waiting for a slow reader is not hanging.
    signal.setitimer(signal.ITIMER_REAL, 0)
    payload = _NO_BYTES if payload is None else payload
    said = json.dumps({"kind": kind, **header}).encode()
    sys.stdout.buffer.write(LENGTHS.pack(len(said), payload.nbytes))
    sys.stdout.buffer.write(said)
    sys.stdout.buffer.write(payload)
    sys.stdout.buffer.flush()


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0][:500]}"


@contextlib.contextmanager
def _guarded(seconds: float) -> Iterator[None]:
    """Let the system end this process when a step takes longer than `seconds`, even inside Arrow."""
    signal.setitimer(signal.ITIMER_REAL, seconds)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def _run() -> NoReturn:
    main(int(sys.argv[1]), float(sys.argv[2]))
    sys.exit(0)


if __name__ == "__main__":
    _run()
