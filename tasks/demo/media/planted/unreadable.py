"""Unreadable: files that are broken, not what they are called, too large or not there; each pair with one is dropped.

Each function plants one kind of thing. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

from collections.abc import Callable

from tasks.demo.media.encode import as_png, bomb
from tasks.demo.media.gallery import Gallery
from tasks.demo.media.planted.pictures import SIDE, SOURCE, ask_for
from tasks.demo.truth import Defect, Planted

# How each kind breaks the bytes of a picture, and the word that says why the result cannot be read.
_BROKEN: dict[str, tuple[Callable[[bytes], bytes | None], str]] = {
    "truncated_picture": (lambda data: data[: len(data) * 2 // 3], "truncated"),
    "empty_file": (lambda _: b"", "empty"),
    "text_in_disguise": (lambda _: b"This is a text, whatever it is called.\n", "not a medium"),
    "bomb": (lambda _: bomb(), "too large"),
    "missing_file": (lambda _: None, "not found"),
}


def unreadable(kind: str, gallery: Gallery, count: int) -> Planted:
    """Plant pictures of which one, on this side or on that, is unreadable in the way that `kind` says."""
    damage, why = _BROKEN[kind]
    rows, files, defects = [], dict[str, bytes](), []
    for at in range(count):
        name = f"{kind.replace('_', '-')}-{at:04d}"
        prompt, *shown = ask_for(gallery, at)
        places = [f"{name}-a.png", f"{name}-b.png"]
        held = {place: as_png(picture.draw(SIDE)) for place, picture in zip(places, shown, strict=True)}
        damaged = damage(held.pop(places[at % 2]))
        files |= held if damaged is None else held | {places[at % 2]: damaged}
        rows.append({"id": name, "prompt": prompt, "chosen": places[0], "rejected": places[1]})
        defects.append(Defect(kind, SOURCE, [name], f"unreadable: {why}"))
    return Planted(rows, defects, files)
