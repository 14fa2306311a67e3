"""Which expressions may be rules."""

import polars as pl
import pytest

from schemas.rules.expressions import BadExpression, columns_of, compile_rule
from schemas.rules.metrics import MEASURES, metric_types, rule_types
from tasks.measure.measure import OF_A_TEXT, OF_ITS_LANGUAGE

TYPES = {"n": pl.Int64(), "text": pl.String(), "share": pl.Float64(), "is_it": pl.Boolean()}
ROWS = pl.DataFrame(
    {"n": [1, 5, None], "text": ["x", None, "yes"], "share": [0.1, 0.9, None], "is_it": [True, False, None]}
)


@pytest.mark.parametrize(
    ("expression", "answers"),
    [
        ("n < 3", [True, False, None]),
        ("n < 3 or share > 0.5", [True, True, None]),
        ("not is_it", [False, True, None]),
        ("text like 'y%'", [False, None, True]),
        ("length(text) >= 3 and n is null", [False, False, True]),
        ("n between 2 and 9", [False, True, None]),
        ("text in ('x', 'y')", [True, None, False]),
        ("case when n > 3 then is_it else false end", [False, False, False]),
        ("text = 'now()'", [False, None, False]),
        ("coalesce(share, 0) < 0.5", [True, False, True]),
        ("regexp_like(text, '^y')", [False, None, True]),
    ],
)
def test_scalar_expressions_answer_row_by_row(expression, answers):
    assert ROWS.select(a=compile_rule(expression, TYPES))["a"].to_list() == answers


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("n > avg(n)", "depend on other rows"),
        ("count(*) > 1 and n > 0", "depend on other rows"),
        ("first(n) = 1", "depend on other rows"),
        ("row_number() over (order by n) < 3", "depend on other rows"),
        ("n < 3 or (select 1) = 1", "depend on other rows|not a scalar"),
        ("n > 1 and now() > '2020-01-01'", "asks the clock"),
        ("n > 1 and current_date > '2020-01-01'", "asks the clock"),
        ("random() < 0.5 and n > 0", "not a scalar SQL expression"),
        ("n", "answers with Int64, not with true or false"),
        ("n < 'three'", "cannot be evaluated"),
        ("m < 3", "unknown metric or column 'm'"),
        ("tex = 'x'", "did you mean text"),
        ("1 < 2", "reads no column"),
        ("drop table pairs", "not a scalar SQL expression"),
        ("n < 3; drop table pairs", "not a scalar SQL expression"),
        ("", "not a scalar SQL expression"),
    ],
)
def test_everything_else_is_refused(expression, message):
    with pytest.raises(BadExpression, match=message):
        compile_rule(expression, TYPES)


def test_columns_are_named_once():
    assert columns_of("n < 3 or n > 9 and share < 1") == ["n", "share"]


def test_every_metric_has_a_measure_and_a_type():
    assert set(MEASURES) == {*OF_A_TEXT, *OF_ITS_LANGUAGE, "tokens", "prompt_overlap"}
    for on in ("pairs", "judgments"):
        for name in rule_types(on):
            compile_rule(f"{name} is null", rule_types(on))
    assert set(metric_types()) <= set(rule_types("pairs"))
