import polars as pl
import pytest

from training.head.hand import hand_features

FRAME = hand_features(
    pl.DataFrame(
        {"text": ["", "I'm sorry, I can't help with that.", "- one\n- two\n\nSo 3 (three)! why?", "你好。谢谢！", None]}
    )
)


def test_all_are_numbers():
    assert FRAME.shape == (5, 36)
    assert FRAME.null_count().sum_horizontal().item() == 0
    assert FRAME.select(pl.all().is_finite().all()).row(0) == (True,) * 36


@pytest.mark.parametrize(
    ("name", "row", "value"),
    [("sorry", 1, 0.6931), ("negations", 1, 0.6931), ("is_refusal", 1, 1.0), ("starts_no", 1, 1.0), ("ends_well", 1, 1.0),
     ("items", 2, 1.0986), ("paragraphs", 2, 0.6931), ("questions", 2, 0.6931), ("ends_well", 3, 1.0), ("sentences", 3, 0.6931)],
)  # fmt: skip
def test_counts(name, row, value):
    assert FRAME[name][row] == pytest.approx(value, abs=1e-3)
