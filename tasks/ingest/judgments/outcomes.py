"""What one judgment says: labels, numbers and scores become an outcome and its strength."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

from schemas.mapping.mapping import Winner
from tasks.ingest.rows.paths import MISSING


class Verdict(NamedTuple):
    """Who is better, and how strongly: 1 for a, -1 for b, 0 for a tie, null where nobody can say."""

    outcome: str
    strength: float | None


INVALID = Verdict("invalid", None)
_STRENGTHS = {"a": 1.0, "b": -1.0, "tie": 0.0}


def label_text(value: Any) -> str:
    """Write a label as the text that a mapping's `values` are compared with: 1, 1.0, '1' and ' 1' are all '1'."""
    if value is None or value is MISSING:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value).strip()
    if text.lower() in ("true", "false"):
        return text.lower()
    found = number(text) if text[:1] in "+-.0123456789" else None
    return text if found is None else str(int(found)) if found == int(found) else repr(found)


def is_true(value: Any) -> bool:
    """Tell whether a flag, however it is spelled, says yes."""
    return label_text(value).lower() in ("true", "1", "yes")


def number(value: Any) -> float | None:
    """Read a finite number from a number or its text; none if there is none."""
    if isinstance(value, bool | int | float):
        found = float(value)
    elif isinstance(value, str):
        try:
            found = float(value)
        except ValueError:
            return None
    else:
        return None
    return found if math.isfinite(found) else None


def labelled(winner: Winner, values: Sequence[Any]) -> list[Verdict]:
    """Translate labels, or numbers on the winner's scale; what neither explains is invalid."""
    known = _known(winner)
    texts = [label_text(value) for value in values]
    unknown = {text: _on_scale(winner.scale, text) for text in set(texts) - set(known)}
    verdicts = known | unknown
    return [verdicts[text] for text in texts]


def _known(winner: Winner) -> dict[str, Verdict]:
    return {
        label_text(label): signed(said) if isinstance(said, float) else Verdict(said, _STRENGTHS.get(said))
        for label, said in winner.values.items()
    }


def _on_scale(scale: tuple[float, float] | None, text: str) -> Verdict:
    found = number(text)
    if scale is None or found is None or not min(scale) <= found <= max(scale):
        return INVALID
    best_a, best_b = scale
    return signed(1.0 - 2.0 * (found - best_a) / (best_b - best_a))


def flagged(winner: Winner, values: Sequence[Sequence[Any]]) -> list[Verdict]:
    """Let the one flag that is set decide; `values` are the flags of each row in the winner's order."""
    outcomes = list(winner.flags)
    verdicts = []
    for flags in values:
        said = [outcome for outcome, flag in zip(outcomes, flags, strict=True) if is_true(flag)]
        verdicts.append(Verdict(said[0], _STRENGTHS.get(said[0])) if len(said) == 1 else INVALID)
    return verdicts


def signed(strength: float) -> Verdict:
    """Let the sign of `strength` decide: plus is a, minus is b."""
    return Verdict("a" if strength > 0 else "b" if strength < 0 else "tie", strength + 0.0)


def scored(winner: Winner, a: Sequence[Any], b: Sequence[Any]) -> list[Verdict]:
    """Let the better of two scores win; equal ones are a tie, and a missing one is invalid."""
    return [_scored(winner, number(left), number(right)) for left, right in zip(a, b, strict=True)]


def _scored(winner: Winner, a: float | None, b: float | None) -> Verdict:
    if a is None or b is None:
        return INVALID
    gap = b - a if winner.lower_is_better else a - b
    if winner.strength_max is None:
        return signed(math.copysign(1.0, gap) if gap else 0.0)
    return signed(max(-1.0, min(1.0, gap / winner.strength_max)))


def by_strength(winner: Winner, values: Sequence[Any]) -> list[Verdict]:
    """Let a signed number decide; one beyond its largest magnitude is invalid, as is anything else."""
    largest = winner.strength_max or 1.0
    sign = -1.0 if winner.strength_signed == "b" else 1.0
    known = _known(winner)
    verdicts = []
    for value in values:
        found = number(value)
        is_known = found is not None and abs(found) <= largest
        verdict = signed(sign * found / largest) if is_known and found is not None else INVALID
        verdicts.append(known.get(label_text(value), verdict) if known else verdict)
    return verdicts


def weighted(winner: Winner, verdicts: Sequence[Verdict], values: Sequence[Any]) -> list[Verdict]:
    """Take the strength of outcomes from an unsigned number; without one it stays as it is."""
    largest = winner.strength_max or 1.0
    weighed = []
    for verdict, value in zip(verdicts, values, strict=True):
        found = number(value)
        if found is None or verdict.outcome not in ("a", "b"):
            weighed.append(verdict)
        else:
            size = min(_weight(winner, abs(found), largest), 1.0)
            weighed.append(Verdict(verdict.outcome, size if verdict.outcome == "a" else -size))
    return weighed


def _weight(winner: Winner, found: float, largest: float) -> float:
    return math.log(max(found, 1.0)) / math.log(largest) if winner.is_ratio else found / largest
