"""Numbers and foreign texts as they stand on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.report.wording import MISSING, coded, cut, interval, name, p_value, percent, plural, visible


def test_unseen_signs_are_written_out():
    assert visible("a\x00b\u202ec\u2066d\u200be\ufefff") == "a⟨U+0000⟩b⟨U+202E⟩c⟨U+2066⟩d⟨U+200B⟩e⟨U+FEFF⟩f"
    assert visible("line\r\nnext\ttab") == "line\nnext\ttab"


def test_scripts_stay_as_they_are():
    for text in ("שלום עולם", "سلام دنیا می\u200cخواهم", "नमस्ते", "你好", "👩\u200d🚀"):
        assert visible(text) == text


@given(st.text())
def test_nothing_that_turns_direction_is_left(text):
    assert not set(visible(text)) & {chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200F)}


def test_long_texts_say_what_is_missing():
    assert cut("x" * 700).endswith("… (100 more characters)")
    assert cut("short") == "short"
    assert len(name("n" * 500)) < 40
    assert name("two\nlines") == "two lines"


@pytest.mark.parametrize(
    ("share", "told"),
    [(None, MISSING), (0.0, "0.0%"), (1.0, "100.0%"), (0.99999, "> 99.9%"), (0.00001, "< 0.1%"), (0.5, "50.0%")],
)
def test_shares_never_claim_all_or_nothing(share, told):
    assert percent(share) == told


@pytest.mark.parametrize(("log10", "told"), [(0.0, "1"), (-1.30103, "0.05"), (-3.0, "0.001"), (-854.3, "10⁻⁸⁵⁴")])
def test_p_values_of_any_size(log10, told):
    assert p_value(log10) == told


def test_small_words():
    assert (plural(1, "pair"), plural(1200, "pair")) == ("1 pair", "1,200 pairs")
    assert interval(None, None) == MISSING
    assert coded("a <b> `c<d>`") == "a &lt;b&gt; <code>c&lt;d&gt;</code>"
