import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse.intake.lines import cut


def cut_up(data, step, **options):
    return list(cut((data[start : start + step] for start in range(0, len(data), step)), **options))


@given(st.lists(st.binary(max_size=6), max_size=12), st.integers(1, 9), st.booleans())
def test_lines_are_the_same_however_the_blocks_fall(pieces, step, has_end):
    data = b"\n".join(pieces) + b"\n" * has_end
    found = cut_up(data, step, byte_offset=100, number=7)
    lines = [line for part in found for line in part.data]
    offsets = [offset for part in found for offset in part.byte_offsets]
    assert b"\n".join(lines) + b"\n" * data.endswith(b"\n") == data
    assert [number for part in found for number in part.numbers] == list(range(7, 7 + len(lines)))
    assert all(data[offset - 100 :].startswith(line) for line, offset in zip(lines, offsets, strict=True))


def test_a_byte_order_mark_is_skipped_at_the_start_of_a_file_only():
    parts = cut_up(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", 2)
    assert [line for part in parts for line in part.data] == [b"a", b"\xef\xbb\xbfb"]
    assert [offset for part in parts for offset in part.byte_offsets] == [3, 5]
    assert [line for part in cut_up(b"\xef\xbb\xbfa\n", 2, byte_offset=10) for line in part.data] == [b"\xef\xbb\xbfa"]


@given(
    st.lists(st.sampled_from([b"", b"ok", b"1234567890", b"12345678901", b"x" * 40]), max_size=8), st.integers(1, 30)
)
def test_a_line_that_is_too_long_costs_only_itself(pieces, step):
    data = b"\n".join(pieces)
    parts = cut_up(data, step, max_bytes=10)
    good = {number: line for part in parts for number, line in zip(part.numbers, part.data, strict=True)}
    bad = {row.line: row for part in parts for row in part.bad}
    offsets = {number: offset for part in parts for number, offset in zip(part.numbers, part.byte_offsets, strict=True)}
    expected = pieces[:-1] if data.endswith(b"\n") or not data else pieces
    assert good == {number: piece for number, piece in enumerate(expected, 1) if len(piece) <= 10}
    assert set(bad) == {number for number, piece in enumerate(expected, 1) if len(piece) > 10}
    places = offsets | {number: row.byte_offset for number, row in bad.items()}
    assert all(data[places[number] :].startswith(piece) for number, piece in enumerate(expected, 1))
    assert all(row.detail == f"{len(expected[number - 1]):,} bytes; the limit is 10" for number, row in bad.items())


def test_an_endless_line_is_never_held():
    def endless():
        yield b'{"a":1}\n{"b":"'
        for _ in range(2000):
            yield bytes(1 << 20)
        yield b'"}\n{"c":3}\n'

    held, bad = [], []
    for part in cut(endless(), max_bytes=1 << 21):
        held += part.data
        bad += part.bad
    assert held == [b'{"a":1}', b'{"c":3}']
    assert [(row.line, row.byte_offset, row.reason, len(row.raw)) for row in bad] == [(2, 8, "too_long", 4096)]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_lines(data):
    assert sum(len(part.data) for part in cut_up(data, 4)) == len(data) // 3
