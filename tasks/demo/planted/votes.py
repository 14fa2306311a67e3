"""Votes: two answers side by side, judged by several people, one of whom does not care.

Each function plants one kind of thing in the scenes it is given. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from tasks.demo.grammar import Scene, follow_up, good, good_follow_up, poor, poor_follow_up, prompt
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "votes"
_CAREFUL = [f"worker-{number}" for number in range(1, 9)]
_CARELESS = "worker-9"


def multi_vote(scenes: Sequence[Scene]) -> Planted:
    """Plant pairs on which three to five careful people agree."""
    rows = [_row("agreed", at, scene, "g" * (3 + at % 3)) for at, scene in enumerate(scenes)]
    return Planted(rows, [Defect("multi_vote", SOURCE, [row["id"]], "kept", len(row["votes"])) for row in rows])


def uneven_votes(scenes: Sequence[Scene]) -> Planted:
    """Plant pairs with votes both ways and a majority: two against one, or three."""
    rows = [_row("uneven", at, scene, "ggp" if at % 2 else "gpgg") for at, scene in enumerate(scenes)]
    return Planted(rows, [Defect("uneven_votes", SOURCE, [row["id"]], "settled", len(row["votes"])) for row in rows])


def even_votes(scenes: Sequence[Scene]) -> Planted:
    """Plant pairs with as many votes one way as the other."""
    rows = [_row("even", at, scene, "gp" if at % 2 else "gppg") for at, scene in enumerate(scenes)]
    return Planted(rows, [Defect("even_votes", SOURCE, [row["id"]], "contradictory") for row in rows])


def tie(scenes: Sequence[Scene]) -> Planted:
    """Plant pairs that everybody calls equally good, and that are."""
    rows = [_row("tie", at, scene, "ttt", (good(scene, at), good(scene, at + 1))) for at, scene in enumerate(scenes)]
    return Planted(rows, [Defect("tie", SOURCE, [row["id"]], "tie", 3) for row in rows])


def careless(scenes: Sequence[Scene]) -> Planted:
    """Plant pairs that three careful people agree on and that one careless person judges too, mostly the other way."""
    rows = []
    for at, scene in enumerate(scenes):
        row = _row("careless", at, scene, "ggg")
        vote = _label("g" if at % 5 < 2 else "p", at)
        row["votes"].insert(at % 4, {"worker": _CARELESS, "vote": vote})
        rows.append(row)
    return Planted(rows, [Defect("careless", SOURCE, [row["id"]], "careless", 3) for row in rows])


def continued(scenes: Sequence[Scene]) -> Planted:
    """Plant conversations whose next question is a row of its own: its prompt repeats the whole earlier row."""
    talks = [_talk(at, scene, questions=2 + at % 2) for at, scene in enumerate(scenes)]
    defects = [Defect("continued", SOURCE, [row["id"] for row in talk], "one_split") for talk in talks]
    return Planted([row for talk in talks for row in talk], defects)


def _talk(at: int, scene: Scene, questions: int) -> list[Row]:
    talk = [_row("talk", at, scene, "ggg")]
    for depth in range(1, questions):
        before = talk[-1]
        answers = good_follow_up(scene, depth), poor_follow_up(scene, depth)
        row = _row("talk", at, scene, "ggg", answers)
        said = [
            {"role": "assistant", "content": before["answer_b" if at % 2 else "answer_a"]},
            {"role": "user", "content": follow_up(scene, depth)},
        ]
        talk.append(row | {"id": f"{row['id']}-{depth}", "messages": [*before["messages"], *said]})
    return talk


def _row(kind: str, at: int, scene: Scene, votes: str, answers: tuple[str, str] | None = None) -> Row:
    """Lay out a pair; each letter of `votes` is one careful person's: the good answer, the poor one, or a tie."""
    better, worse = answers or (good(scene, at), poor(scene, at // 5))
    first, second = (worse, better) if at % 2 else (better, worse)
    # Halving keeps the choice of people apart from the side that the good answer stands on.
    workers = [_CAREFUL[(at // 2 + 3 * number) % len(_CAREFUL)] for number in range(len(votes))]
    return {
        "id": f"{kind}-{at:04d}",
        "messages": [{"role": "user", "content": prompt(scene)}],
        "answer_a": first,
        "answer_b": second,
        "votes": [{"worker": worker, "vote": _label(vote, at)} for worker, vote in zip(workers, votes, strict=True)],
    }


def _label(vote: str, at: int) -> str:
    """Say which side the good or the poor answer of row `at` stands on."""
    if vote == "t":
        return "tie"
    return "a" if (vote == "g") == (at % 2 == 0) else "b"
