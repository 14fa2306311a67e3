import polars as pl
import pytest

from training.evaluate.combine import log_good_in_all


def test_golden():
    frame = pl.DataFrame({"help": [1.0], "harm": [-0.2]}).select(total=log_good_in_all({"help": 0.4, "harm": 0.1}))
    assert frame["total"].item() == pytest.approx(-1.291843, abs=1e-6)


def test_the_worst_dimension_rules():
    frame = pl.DataFrame({"a": [0.0, 9.0, None], "b": [0.0, -9.0, 1.0]}).select(total=log_good_in_all({"a": 0, "b": 0}))
    even, torn, unknown = frame["total"].to_list()
    assert even > torn
    assert unknown is None
