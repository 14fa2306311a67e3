"""Differing words are marked, and nothing is lost."""

from hypothesis import given
from hypothesis import strategies as st

from tasks.report.words import differing


def marked(runs):
    return [run.text for run in runs if run.is_different]


def test_words_that_differ_are_marked():
    left, right = differing("The cat sat on the mat.", "The dog sat on a mat.")
    assert (marked(left), marked(right)) == (["cat", "the"], ["dog", "a"])


def test_equal_texts_have_no_marks():
    assert marked(differing("Same words.", "Same words.")[0]) == []


def test_a_difference_far_down_is_shown():
    same = "word " * 2000
    left, right = differing(same + "yes", same + "no")
    assert (marked(left), marked(right)) == (["yes"], ["no"])
    assert left[0].text == "… "
    assert sum(len(run.text) for run in left) < 500


def test_long_texts_are_cut():
    left, _ = differing("a b " * 5000, "c d " * 5000)
    assert left[-1].text == " …"
    assert sum(len(run.text) for run in left) < 2000


texts = st.text(st.sampled_from("ab c,\n"), max_size=60)


@given(texts, texts)
def test_the_runs_add_up_to_the_texts(a, b):
    left, right = differing(a, b)
    assert ("".join(run.text for run in left), "".join(run.text for run in right)) == (a, b)
    assert [run.text for run in left if not run.is_different] == [
        run.text for run in right if not run.is_different
    ] or a != b
