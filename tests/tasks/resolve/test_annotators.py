"""What is known of annotators: how far they agree with others, and what they prefer whatever the answers are."""

from tests.tasks.small_world import curate, plan, record


def annotators(rows):
    return {row["annotator_id"]: row for row in curate(rows, plan())["annotators"].to_dicts()}


def test_habits_are_counted_over_what_can_show_them():
    rows = [
        record("r1", "p1", ["long answer", "short"], ("a", "w"), ("b", "v")),
        record("r2", "p2", ["short", "long answer"], ("b", "w"), ("b", "v")),
        record("r3", "p3", ["tiny", "long answer"], ("a", "w"), ("tie", "v")),
        # as long as the other, so it says nothing of length
        record("r4", "p4", ["same", "size"], ("a", "w")),
    ]
    found = annotators(rows)
    assert found["w"]["annotator_longer_share"] == 2 / 3
    assert found["w"]["annotator_first_share"] == 3 / 4
    assert found["v"]["annotator_longer_share"] == 1 / 2
    assert found["v"]["annotator_tie_share"] == 1 / 3


def test_who_never_chose_between_lengths_has_no_habit():
    found = annotators([record("r", "p", ["same", "size"], ("a", "w"))])
    assert found["w"]["annotator_longer_share"] is None
    assert found["w"]["annotator_first_share"] == 1.0


def test_a_rule_can_read_the_habit():
    rows = [record(f"r{at}", f"p{at}", [f"a longer answer {at}", f"no {at}"], ("a", "w")) for at in range(3)]
    rule = {"name": "lengthy", "drop": "annotator_longer_share > 0.9", "on": "judgments"}
    assert curate(rows, plan(rules=[rule]))["pairs"].is_empty()


def test_the_vote_share_is_that_of_the_chosen_side():
    rows = [
        record("r", "p", ["one", "two"], ("a", "u"), ("a", "v"), ("b", "w"), ("tie", "x")),
        record("s", "q", ["one", "two"], ("b", "u")),
    ]
    shares = dict(curate(rows, plan())["pairs"].select("record_id", "vote_share").rows())
    assert shares == {"r": (2 + 0.5) / 4, "s": 1.0}
