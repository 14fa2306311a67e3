"""Charts are well-formed, bounded and escaped, whatever they are given."""

from itertools import pairwise

import pytest
from lxml import etree

from flows.report.charts.columns import Column, columns
from flows.report.charts.forest import MOST_LINES, SHARES, Estimate, forest
from flows.report.charts.stacked import MOST_BARS, Part, stacked

EVIL = "\"><script>alert(1)</script>'&"


def parsed(chart):
    """The drawing as a tree; anything that is not well-formed raises."""
    return etree.fromstring(chart)


def test_names_are_escaped_and_whole():
    charts = [
        stacked([(EVIL, [Part(EVIL, 3, "kept"), Part("none", 0, "dropped")])], EVIL),
        forest([Estimate(EVIL, 0.5, 0.4, 0.6, EVIL), Estimate(EVIL, None, None, None, EVIL)], SHARES, EVIL),
        columns([Column(EVIL, 5, EVIL), Column("b", 0, second=7)], EVIL, middle=True),
    ]
    for chart in charts:
        tree = parsed(chart)
        assert tree.get("aria-label") == EVIL
        assert tree.xpath("//*[local-name()='script']") == []
        assert EVIL in "".join(tree.itertext())


def test_parts_fill_the_bar_by_their_shares():
    tree = parsed(stacked([("a", [Part("x", 30, "kept"), Part("y", 10, "dropped")])], "bars"))
    widths = [float(each.get("width")) + 1 for each in tree.xpath("//rect")]
    assert round(widths[0] / widths[1], 1) == 3.0


def test_an_empty_bar_draws_nothing():
    assert parsed(stacked([("a", [Part("x", 0, "kept")])], "bars")).xpath("//rect") == []


def test_values_stand_where_they_are():
    told = forest([Estimate(str(at), at / 4, None, None, "") for at in range(5)], SHARES, "shares")
    places = [float(each.get("cx")) for each in parsed(told).xpath("//circle")]
    steps = [b - a for a, b in pairwise(places)]
    assert min(steps) == pytest.approx(max(steps), abs=0.2)
    assert min(steps) > 100


def test_columns_are_as_high_as_their_numbers():
    tree = parsed(columns([Column("a", 10), Column("b", 40), Column("c", 0)], "columns"))
    heights = [float(each.get("height")) for each in tree.xpath("//rect")]
    assert heights[1] / heights[0] == 4.0
    assert heights[2] == 0.0


def test_long_lists_are_cut():
    many = [Estimate(str(at), 0.5, None, None, "") for at in range(200)]
    assert len(parsed(forest(many, SHARES, "shares")).xpath("//circle")) == MOST_LINES
    bars = [(str(at), [Part("x", 1, "kept")]) for at in range(200)]
    assert len(parsed(stacked(bars, "bars")).xpath("//rect")) == MOST_BARS
