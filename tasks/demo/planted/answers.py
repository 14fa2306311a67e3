"""Answers: rows with a chosen and a rejected text, and what goes wrong with such rows.

Each function plants one kind of thing in the scenes it is given. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from tasks.demo.grammar import Scene, good, poor, prompt
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "answers"
COPIES = "republished"
_ANNOTATORS = 200


def plain(kind: str, scenes: Sequence[Scene]) -> list[Row]:
    """Write one ordinary row a scene, with `kind` in its id."""
    return [_row(kind, at, scene) for at, scene in enumerate(scenes)]


def clean(scenes: Sequence[Scene]) -> Planted:
    """Plant rows with nothing wrong."""
    rows = plain("clean", scenes)
    return Planted(rows, [Defect("clean", SOURCE, [row["id"]], "kept", 1) for row in rows])


def shared_prompt(scenes: Sequence[Scene]) -> Planted:
    """Plant two to four rows that ask the same question and have different answers: a random split would leak."""
    groups = [
        [{**_row("shared", at, scene, variant), "id": f"shared-{at:04d}-{variant}"} for variant in range(2 + at % 3)]
        for at, scene in enumerate(scenes)
    ]
    defects = [Defect("shared_prompt", SOURCE, [row["id"] for row in group], "one_split") for group in groups]
    return Planted([row for group in groups for row in group], defects)


def exact_duplicate(scenes: Sequence[Scene]) -> Planted:
    """Plant rows that are there twice: two votes if nobody knows who voted, one vote of a known annotator."""
    rows = _forget_every_second_annotator(plain("twice", scenes))
    defects = [
        Defect("exact_duplicate", SOURCE, [row["id"]], "merged_exact", 1 if row["annotator"] else 2) for row in rows
    ]
    return Planted([row for row in rows for _ in range(2)], defects)


def normalised_duplicate(scenes: Sequence[Scene]) -> Planted:
    """Plant rows that another annotator saw in other letters: case, white space, full width."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        first, second = _row_and_second_opinion("disguised", at, scene)
        disguise = _DISGUISES[at % len(_DISGUISES)]
        rows += [first, second | {side: disguise(second[side]) for side in ("prompt", "chosen", "rejected")}]
        defects.append(Defect("normalised_duplicate", SOURCE, [first["id"], second["id"]], "merged_normalised", 2))
    return Planted(rows, defects)


def swapped(scenes: Sequence[Scene]) -> Planted:
    """Plant rows whose copy has chosen and rejected exchanged: one vote against one."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        first, second = _row_and_second_opinion("swapped", at, scene)
        rows += [first, _swap(second)]
        defects.append(Defect("swapped", SOURCE, [first["id"], second["id"]], "contradictory"))
    return Planted(rows, defects)


def outvoted(scenes: Sequence[Scene]) -> Planted:
    """Plant rows that two annotators agree on and a third one, with the labels exchanged, does not."""
    rows, defects = [], []
    for at, scene in enumerate(scenes):
        first, second = _row_and_second_opinion("outvoted", at, scene)
        third = _swap(first) | {"id": f"outvoted-{at:04d}-third", "annotator": _annotator(at + 2)}
        rows += [first, second, third]
        keys = [first["id"], second["id"], third["id"]]
        defects.append(Defect("outvoted", SOURCE, keys, "outvoted", 3))
    return Planted(rows, defects)


def identical_sides(scenes: Sequence[Scene]) -> Planted:
    """Plant rows whose two answers are the same text."""
    rows = plain("identical", scenes)
    return _spoilt([row | {"rejected": row["chosen"]} for row in rows], "identical_sides")


def same_up_to_case(scenes: Sequence[Scene]) -> Planted:
    """Plant rows whose two answers differ in case only."""
    rows = plain("cased", scenes)
    return _spoilt([row | {"rejected": row["chosen"].upper()} for row in rows], "same_up_to_case")


def empty_side(scenes: Sequence[Scene]) -> Planted:
    """Plant rows of which one answer is empty, or white space."""
    rows = plain("empty", scenes)
    return _spoilt([row | {_side(at): "" if at % 3 else " \n "} for at, row in enumerate(rows)], "empty_side")


def too_short(scenes: Sequence[Scene]) -> Planted:
    """Plant rows of which one answer has fewer than eight characters."""
    rows = plain("short", scenes)
    short = ("Yes.", "No.", "Maybe.", "Sure!", "Hm.")
    return _spoilt([row | {_side(at): short[at % len(short)]} for at, row in enumerate(rows)], "too_short")


def originals(scenes: Sequence[Scene]) -> list[Row]:
    """Write rows that `republished` publishes again; about half of them by a known annotator."""
    return _forget_every_second_annotator(plain("original", scenes))


def republished(rows: Sequence[Row]) -> Planted:
    """Plant the same rows once more, in a second source with other columns: copies, so each remains one vote."""
    copies = [
        {
            "item": row["id"].replace("original", "item"),
            "instruction": row["prompt"],
            "output_1": row["rejected"] if at % 3 else row["chosen"],
            "output_2": row["chosen"] if at % 3 else row["rejected"],
            "preference": 2 if at % 3 else 1,
        }
        for at, row in enumerate(rows)
    ]
    pairs = zip(copies, rows, strict=True)
    defects = [Defect("republished", COPIES, [copy["item"], row["id"]], "merged_exact", 1) for copy, row in pairs]
    return Planted(copies, defects)


def as_csv(rows: Sequence[Row]) -> bytes:
    """Write rows of equal columns as a CSV file with a header."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _row(kind: str, at: int, scene: Scene, variant: int | None = None) -> Row:
    manner = at if variant is None else variant
    return {
        "id": f"{kind}-{at:04d}",
        "prompt": prompt(scene),
        "chosen": good(scene, manner),
        "rejected": poor(scene, at // 5 if variant is None else variant),
        "annotator": _annotator(at),
    }


def _row_and_second_opinion(kind: str, at: int, scene: Scene) -> tuple[Row, Row]:
    first = _row(kind, at, scene)
    return first, first | {"id": f"{first['id']}-second", "annotator": _annotator(at + 1)}


def _forget_every_second_annotator(rows: list[Row]) -> list[Row]:
    return [row | {"annotator": None} if at % 2 else row for at, row in enumerate(rows)]


def _annotator(at: int) -> str:
    return f"annotator-{at % _ANNOTATORS:03d}"


def _swap(row: Row) -> Row:
    return row | {"chosen": row["rejected"], "rejected": row["chosen"]}


def _side(at: int) -> str:
    return "rejected" if at % 2 else "chosen"


def _spoilt(rows: list[Row], kind: str) -> Planted:
    return Planted(rows, [Defect(kind, SOURCE, [row["id"]], kind) for row in rows])


def _widen(text: str) -> str:
    """Write ASCII in the full-width forms that East Asian keyboards produce."""
    return text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000})


def _space_out(text: str) -> str:
    return "  " + text.replace(" ", "  ").replace(". ", ".\t\n ") + " \n"


def _bind(text: str) -> str:
    return text.replace(" ", "\u00a0").replace("fi", "\ufb01")


_DISGUISES: tuple[Callable[[str], str], ...] = (str.upper, _space_out, _widen, _bind, str.swapcase)
