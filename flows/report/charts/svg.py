"""The few shapes that charts are made of. Every text is escaped by `Markup.format`."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

WIDTH = 760
# A letter of a label is so wide at most, nearly always.
_LETTER = 7.0


def svg(height: float, label: str, shapes: Iterable[Markup]) -> Markup:
    """Draw shapes on a canvas of the page's width; `label` is what a screen reader says."""
    head = Markup('<svg viewBox="0 0 {} {:.0f}" role="img" aria-label="{}">').format(WIDTH, height, label)
    return head + Markup("").join(shapes) + Markup("</svg>")


def room_for(names: Iterable[str]) -> float:
    """Return how wide the space left of the bars must be for these names."""
    return min(max((len(each) for each in names), default=0) * _LETTER + 20, WIDTH / 3)


def rect(x: float, y: float, width: float, height: float, tone: str, title: str) -> Markup:
    """Draw a filled box that says its `title` to who points at it."""
    return Markup(
        '<rect class="t-{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"><title>{}</title></rect>'
    ).format(tone, x, y, max(width, 0.0), max(height, 0.0), title)


def line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Markup:
    """Draw a line of the kind `grid`, `reference` or `whisker`."""
    return Markup('<line class="{}" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>').format(kind, x1, y1, x2, y2)


def dot(x: float, y: float, tone: str, title: str, radius: float = 5) -> Markup:
    """Draw a dot that says its `title`."""
    return Markup('<circle class="t-{}" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"><title>{}</title></circle>').format(
        tone, x, y, radius, title
    )


def diamond(x: float, y: float, tone: str, title: str) -> Markup:
    """Draw a diamond that says its `title`: a second value beside a dot."""
    return Markup('<path class="t-{}" d="M{:.1f} {:.1f}l5 8l-5 8l-5-8z"><title>{}</title></path>').format(
        tone, x, y - 8, title
    )


def path(points: Iterable[tuple[float, float]], kind: str) -> Markup:
    """Draw a line through points."""
    return Markup('<path class="{}" d="M{}"/>').format(kind, " L".join(f"{x:.1f} {y:.1f}" for x, y in points))


def text(x: float, y: float, words: str, anchor: str = "start", kind: str = "label") -> Markup:
    """Write words; `anchor` is start, middle or end."""
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(kind, x, y, anchor, words)
