import polars as pl

from tasks.match.torn import torn_prompts

LONG = " ".join(f"word{number}" for number in range(40))


def torn(*rows):
    frame = pl.DataFrame(rows, schema=dict.fromkeys(["pair_id", "prompt", "split"], pl.String), orient="row")
    return torn_prompts(frame, 5, 0.8).rows()


def test_near_prompts_in_two_splits_are_told_with_their_similarity():
    (found,) = torn(("p", LONG, "train"), ("q", LONG + " more", "test"), ("r", "else", "test"))
    assert found[:4] == ("p", "train", "q", "test")
    assert found[4] == 36 / 37


def test_equal_prompts_in_two_splits_are_torn_too():
    assert [row[:4] for row in torn(("p", LONG, "train"), ("q", LONG, "test"))] == [("p", "train", "q", "test")]


def test_near_prompts_in_one_split_and_far_ones_are_not():
    assert torn(("p", LONG, "train"), ("q", LONG + " more", "train"), ("r", "?", "test"), ("s", "!", "train")) == []
    assert torn() == []
