"""Charts are well-formed, bounded and escaped, whatever they are given."""

from itertools import pairwise

import numpy as np
import pytest
from lxml import etree

from flows.report.charts.columns import Column, columns
from flows.report.charts.forest import MOST_LINES, SHARES, Estimate, forest
from flows.report.charts.panels import MOST_PANELS, Axis, Curve, Panel, Point, panels, rounded
from flows.report.charts.scatter import HEIGHT, Dot, Pinned, fit, scatter
from flows.report.charts.stacked import MOST_BARS, Part, stacked
from flows.report.charts.svg import WIDTH
from flows.report.charts.waveform import waveform
from tasks.report.media.envelope import envelope

EVIL = "\"><script>alert(1)</script>'&"


def parsed(chart):
    """The drawing as a tree; anything that is not well-formed raises."""
    return etree.fromstring(chart)


def test_names_are_escaped_and_whole():
    charts = [
        stacked([(EVIL, [Part(EVIL, 3, "kept"), Part("none", 0, "dropped")])], EVIL),
        forest([Estimate(EVIL, 0.5, 0.4, 0.6, EVIL), Estimate(EVIL, None, None, None, EVIL)], SHARES, EVIL),
        columns([Column(EVIL, 5, EVIL), Column("b", 0, second=7)], EVIL, middle=True),
        scatter([Dot(1, 2, "kept", EVIL)], [Pinned(Dot(1, 2, "kept", EVIL), EVIL)], EVIL),
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


def test_a_second_value_stands_on_the_same_line():
    told = forest([Estimate("a", 0.25, None, None, "", beside=0.75, says="other")], SHARES, "shares")
    (first,), (second,) = parsed(told).xpath("//circle"), parsed(told).xpath("//path")
    marks = {each.text: float(each.get("x")) for each in parsed(told).xpath("//text[@class='axis']")}
    assert float(first.get("cx")) == marks["25%"]
    assert second.get("d").startswith(f"M{marks['75%']} ")


def test_points_of_a_panel_stand_where_its_axes_say():
    x, y = Axis(0, 10, [(0, "0"), (10, "10")], "x"), Axis(0, 1, [(0, "low"), (1, "high")], "y")
    told = panels(
        [Panel(EVIL, [Curve("accent", [Point(0, 0, "a"), Point(10, 1, EVIL)])], x, y)], EVIL, across=1, height=100
    )
    tree = parsed(told)
    low, high = tree.xpath("//circle")
    marks = {each.text: each for each in tree.xpath("//text")}
    assert float(low.get("cx")) == float(marks["0"].get("x"))
    assert float(high.get("cx")) == float(marks["10"].get("x"))
    assert float(low.get("cy")) - float(high.get("cy")) == 100
    assert EVIL in "".join(tree.itertext())


def test_many_panels_are_cut_and_do_not_overlap():
    axis = Axis(0, 1, [], "a")
    many = [Panel(f"panel {at}", [Curve("accent", [Point(0, 0, "p")])], axis, axis) for at in range(20)]
    corners = [
        (each.get("cx"), each.get("cy")) for each in parsed(panels(many, "many", across=3, height=50)).xpath("//circle")
    ]
    assert len(set(corners)) == MOST_PANELS


@pytest.mark.parametrize("values", [[0.5], [0.0, 0.0], [0.61, 0.693], [1e-9, 2e-9], [3.0, 40000.0], [-2.0, 5.0]])
def test_round_axes_hold_their_values(values):
    axis = rounded(values, "loss")
    assert axis.low <= min(values) <= max(values) <= axis.high
    assert axis.low < axis.high
    assert 2 <= len(axis.marks) <= 8
    assert len({mark for _, mark in axis.marks}) == len(axis.marks)


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


def test_a_map_keeps_its_distances_in_proportion_and_its_dots_on_the_canvas():
    points = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0], [3.0, 1.0]])
    places = fit(points)
    across, up = places[1] - places[0], places[2] - places[0]
    assert across[0] == pytest.approx(-3 * up[1])
    assert across[1] == up[0] == 0
    assert (places > 0).all()
    assert (places < [WIDTH, HEIGHT]).all()
    assert fit(points[:1]).tolist() == [[WIDTH / 2, HEIGHT / 2]]


def test_silence_has_a_band_where_it_is():
    loud = np.sin(np.arange(1000) / 3)
    samples = np.concatenate([loud, np.zeros(1000), loud, np.zeros(500)]).astype(np.float32)
    tree = parsed(waveform(envelope(samples, 70), EVIL))
    assert tree.get("aria-label") == EVIL
    width = float(tree.get("viewBox").split()[2])
    bands = [(float(each.get("x")) / width, float(each.get("width")) / width) for each in tree.xpath("//rect")]
    assert np.array(bands) == pytest.approx(np.array([(2 / 7, 2 / 7), (6 / 7, 1 / 7)]), abs=0.01)


def test_a_sound_that_is_silent_throughout_is_one_band():
    tree = parsed(waveform(envelope(np.zeros(100, np.float32), 50), "silence"))
    (band,) = tree.xpath("//rect")
    assert float(band.get("width")) == float(tree.get("viewBox").split()[2])
