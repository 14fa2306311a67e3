"""How numbers and foreign texts are written on the page."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

# An en dash stands where there is no number.
MISSING = "\u2013"
_LONGEST = 600
_LONGEST_NAME = 34
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Signs that are not seen and yet change what is seen: controls, marks of direction, joiners of nothing, tags.
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff"
    r"\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)


def visible(text: str) -> str:
    """Write unseen signs as their code points, so that they neither act nor hide; new lines and tabs stay."""
    return _UNSEEN.sub(lambda found: f"⟨U+{ord(found.group()):04X}⟩", text.replace("\r\n", "\n"))


def cut(text: str, longest: int = _LONGEST) -> str:
    """Cut a text and say how much of it is missing."""
    return text if len(text) <= longest else f"{text[:longest]}… ({len(text) - longest:,} more characters)"


def name(text: str) -> str:
    """Write a name that comes from data or plan on one line, and not too long."""
    line = " ".join(visible(text).split())
    return line if len(line) <= _LONGEST_NAME else line[: _LONGEST_NAME - 1] + "…"


def group_name(source: str, dimension: str) -> str:
    """Name a source and, unless it is the usual one, the dimension."""
    return name(source) if dimension == "overall" else f"{name(source)} · {name(dimension)}"


def coded(text: str) -> Markup:
    """Escape a sentence of the report and set what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    return Markup("").join(Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts))


def percent(share: float | None) -> str:
    """Write a share in percent, never rounding to all or nothing what is not."""
    if share is None:
        return MISSING
    rounded = f"{share:.1%}"
    if rounded == "100.0%" and share < 1:
        return "> 99.9%"
    return "< 0.1%" if rounded == "0.0%" and share > 0 else rounded


def interval(low: float | None, high: float | None) -> str:
    """Write an interval of shares in percent."""
    return MISSING if low is None or high is None else f"{low:.1%} to {high:.1%}"


def p_value(log10: float) -> str:
    """Write a p-value that is given by its logarithm."""
    if log10 >= -4:
        return f"{10**log10:.2g}" if log10 < -0.005 else "1"
    return f"10{str(round(log10)).translate(_SUPERSCRIPTS)}"


def span(values: list[float]) -> str:
    """Write the lowest and the highest of some shares."""
    low, high = f"{min(values):.0%}", f"{max(values):.0%}"
    return low if low == high else f"{low} to {high}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
