"""The blocks of numbers at the end of a run."""

import io

from rich.console import Console

from flows.verbs.counts import MOST_COLUMNS, to_markdown, to_tables


def counts(sources):
    rows = [{"source": f"s{at}", "fate": "mapped", "n": 1000 + at} for at in range(sources)]
    bad = [{"source": "s1", "fate": "torn_row", "n": 2}]
    return {"rows": [*rows, *bad], "records": [], "pairs": []}


def printed(sources):
    console = Console(file=io.StringIO(), width=120)
    console.print(to_tables(counts(sources))[0])
    return [line.split() for line in console.file.getvalue().splitlines()]


def test_few_sources_have_a_column_each():
    assert printed(2) == [
        ["rows"],
        ["fate", "s0", "s1", "sum"],
        ["mapped", "1,000", "1,001", "2,001"],
        ["torn_row", "·", "2", "2"],
    ]


def test_where_both_are_many_each_fate_names_its_sources():
    rows = [{"source": f"s{at}", "fate": "mapped", "n": at + 1} for at in range(MOST_COLUMNS + 1)]
    bad = [{"source": f"s{at % 2}", "fate": f"torn_{at}", "n": 1000 - at} for at in range(MOST_COLUMNS)]
    more = [{"source": "s5", "fate": "torn_7", "n": 2000}]
    told = {"rows": [*rows, *bad, *more], "records": [], "pairs": []}
    console = Console(file=io.StringIO(), width=120)
    console.print(to_tables(told)[0])
    lines = [line.split() for line in console.file.getvalue().splitlines()]
    assert lines[1] == ["fate", "sum", "by", "source"]
    assert " ".join(lines[2]) == "mapped 45 s8 9, s7 8, s6 7, s5 6, s4 5, s3 4, s2 3, s1 2, s0 1"
    assert [" ".join(line) for line in lines[3:5]] == ["torn_7 2,993 s5 2,000, s1 993", "torn_0 1,000 s0 1,000"]
    assert len(lines) == 3 + MOST_COLUMNS
    assert "| torn_7 | 2,993 | s5 2,000, s1 993 |" in to_markdown(told)


def test_many_sources_have_a_line_each():
    lines = printed(MOST_COLUMNS + 1)
    assert lines[1] == ["source", "mapped", "torn_row"]
    assert lines[2:4] == [["s0", "1,000", "·"], ["s1", "1,001", "2"]]
    assert lines[-1] == ["sum", "9,036", "2"]
    assert "| s1 | 1,001 | 2 |" in to_markdown(counts(MOST_COLUMNS + 1))
