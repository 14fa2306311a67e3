"""Krippendorff's own numbers, and a coincidence matrix written out."""

import itertools
from collections import Counter, defaultdict

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.report.people.alpha import Z95, alpha

# Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, section C: 4 observers, 12 units, values missing
FOUR = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]
# The same author's example of 3 coders and 15 units, as in the encyclopedias
THREE = [
    ". . . . . 3 4 1 2 1 1 3 3 . 3",
    "1 . 2 1 3 3 4 3 . . . . . . .",
    ". . 2 1 3 4 4 . 2 1 1 3 3 . 4",
]


def counts(votes):
    """Votes as (unit, value) to how many judges gave them."""
    counted = Counter(votes)
    return pl.DataFrame(
        [(str(unit), value, n) for (unit, value), n in counted.items()],
        schema={"unit": pl.String, "value": pl.Float64, "n": pl.Int64},
        orient="row",
    )


def table(lines):
    return [(at, float(value)) for line in lines for at, value in enumerate(line.split()) if value != "."]


@pytest.mark.parametrize(
    ("lines", "metric", "value"),
    [
        (FOUR, "nominal", 0.743),
        (FOUR, "ordinal", 0.815),
        (FOUR, "interval", 0.849),
        (THREE, "nominal", 0.691),
        (THREE, "interval", 0.811),
    ],
)
def test_the_published_values(lines, metric, value):
    assert round(alpha(counts(table(lines)), metric).value, 3) == value


def by_hand(votes, metric):
    """Alpha from the coincidence matrix, as the textbook writes it."""
    units = defaultdict(list)
    for unit, value in votes:
        units[unit].append(value)
    matrix = Counter()
    for values in units.values():
        for a, b in itertools.permutations(values, 2):
            matrix[a, b] += 1 / (len(values) - 1)
    whole = Counter()
    for (a, _), n in matrix.items():
        whole[a] += n
    total = sum(whole.values())

    def apart(a, b):
        low, high = sorted((a, b))
        between = sum(n for value, n in whole.items() if low <= value <= high)
        return {
            "nominal": float(a != b),
            "ordinal": (between - (whole[a] + whole[b]) / 2) ** 2 if a != b else 0.0,
            "interval": (a - b) ** 2,
        }[metric]

    observed = sum(n * apart(a, b) for (a, b), n in matrix.items())
    expected = sum(whole[a] * whole[b] * apart(a, b) for a in whole for b in whole) / (total - 1)
    return 1 - observed / expected if expected else None


votes = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5).map(float)), max_size=60)


@given(votes, st.sampled_from(["nominal", "ordinal", "interval"]), st.randoms())
def test_as_the_coincidence_matrix_says_in_any_order(told, metric, random):
    random.shuffle(told)
    many = Counter(unit for unit, _ in told)
    paired = [(unit, value) for unit, value in told if many[unit] > 1]
    found = alpha(counts(told), metric)
    expected = by_hand(paired, metric) if paired else None
    assert found.value == (None if expected is None else pytest.approx(expected, abs=1e-9))
    assert (found.value is None) == (found.why is not None)
    assert (found.values, found.units) == (len(paired), len({unit for unit, _ in paired}))


@pytest.mark.parametrize("metric", ["nominal", "interval"])
def test_the_interval_is_that_of_leaving_out_one_unit_at_a_time(metric):
    told = table(FOUR) + [(unit + 20, value) for unit, value in table(THREE)]
    found = alpha(counts(told), metric)
    units = {unit for unit, _ in told if sum(unit == other for other, _ in told) > 1}
    paired = [(unit, value) for unit, value in told if unit in units]
    without = [by_hand([vote for vote in paired if vote[0] != unit], metric) for unit in units]
    mean, n = sum(without) / len(without), len(without)
    reach = Z95 * (sum((each - mean) ** 2 for each in without) * (n - 1) / n) ** 0.5
    assert (found.low, found.high) == (pytest.approx(found.value - reach), pytest.approx(min(found.value + reach, 1)))


def test_one_vote_per_pair_says_so():
    found = alpha(counts([(1, 1.0), (2, 2.0)]), "nominal")
    assert (found.value, found.why) == (None, "one vote per pair: no agreement can be computed")


def test_votes_that_are_all_the_same_say_so():
    found = alpha(counts([(1, 1.0), (1, 1.0), (2, 1.0), (2, 1.0)]), "ordinal")
    assert (found.value, found.agreement) == (None, 1.0)
    assert "all votes are the same" in found.why


def test_few_units_have_no_interval():
    found = alpha(counts([(1, 1.0), (1, 1.0), (2, 2.0), (2, 2.0)]), "nominal")
    assert (found.value, found.low, found.high) == (1.0, None, None)
