"""Waveforms: the outline of a sound around its middle line, silence as a band of its own."""

from __future__ import annotations

from markupsafe import Markup

from tasks.report.media.envelope import Envelope

WIDTH, HEIGHT = 160, 64
# A quiet sound is drawn larger, so that its shape is seen; silence is not.
_QUIETEST = 0.05


def waveform(outline: Envelope, label: str) -> Markup:
    """Draw a sound to the full height, unless it is very quiet; `label` is what a screen reader says."""
    step, middle = WIDTH / len(outline.low), HEIGHT / 2
    loudest = max(float(-outline.low.min()), float(outline.high.max()), _QUIETEST)
    scale = (middle - 3) / loudest
    places = [(at + 0.5) * step for at in range(len(outline.low))]
    above = [(x, middle - max(high, 0.0) * scale - 0.4) for x, high in zip(places, outline.high.tolist(), strict=True)]
    below = [(x, middle - min(low, 0.0) * scale + 0.4) for x, low in zip(places, outline.low.tolist(), strict=True)]
    around = " L".join(f"{x:.1f} {y:.1f}" for x, y in [*above, *reversed(below)])
    shapes = [
        Markup('<rect class="silence" x="{:.1f}" y="0" width="{:.1f}" height="{}"/>').format(
            first * step, count * step, HEIGHT
        )
        for first, count in _runs(outline)
    ]
    shapes.append(Markup('<path class="sound" d="M{}Z"/>').format(around))
    head = Markup(
        '<svg class="wave" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
    ).format(WIDTH, HEIGHT, label)
    return head + Markup("").join(shapes) + Markup("</svg>")


def _runs(outline: Envelope) -> list[tuple[int, int]]:
    """Where each stretch of silence begins, and of how many parts it is."""
    runs: list[tuple[int, int]] = []
    for at in outline.is_silent.nonzero()[0].tolist():
        if runs and sum(runs[-1]) == at:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((at, 1))
    return runs
