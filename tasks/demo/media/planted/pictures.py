"""Pictures: what is asked for and two pictures, as names of files or inside the rows, and what happens to pictures.

Each function plants one kind of thing. Ids say the kind, so that a reader can follow a row.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tasks.demo.media.encode import Pixels, as_jpeg, as_png, resized
from tasks.demo.media.gallery import Gallery, hint
from tasks.demo.media.pictures import Picture
from tasks.demo.media.sentences import ask
from tasks.demo.truth import Defect, Planted, Row

SOURCE = "pictures"
DRAWINGS = "drawings"
SIDE = 128
ANYTHING = ("shape", "colour", "count", "size", "where", "background")


def picture_fits(gallery: Gallery, count: int) -> Planted:
    """Plant prompts with a picture that fits and one that does not."""
    rows, files = [], dict[str, bytes]()
    for at in range(count):
        row, more = _row(f"picture-fits-{at:04d}", ask_for(gallery, at), as_png)
        rows.append(row)
        files |= more
    return Planted(rows, [Defect("picture_fits", SOURCE, [row["id"]], "kept", 1) for row in rows], files)


def drawing_fits(gallery: Gallery, count: int) -> Planted:
    """Plant the same with the bytes of the pictures inside the rows."""
    rows = [_drawing(f"drawing-fits-{at:04d}", *ask_for(gallery, at)) for at in range(count)]
    return Planted(rows, [Defect("drawing_fits", DRAWINGS, [row["id"]], "kept", 1) for row in rows])


def wrong_prompt(gallery: Gallery, count: int) -> Planted:
    """Plant prompts that name other shapes in other colours than the chosen picture shows; a model has to tell."""
    rows = []
    for at in range(count):
        shown, named = gallery.mistaken()
        rows.append(_drawing(f"wrong-prompt-{at:04d}", ask(named.caption, at), shown, gallery.picture()))
    return Planted(rows, [Defect("wrong_prompt", DRAWINGS, [row["id"]], "mismatched") for row in rows])


def altered(kind: str, gallery: Gallery, count: int) -> Planted:
    """Plant pictures that come back altered in a row of their own: re-encoded, resized, cropped or brightened."""
    rows, files, defects = [], dict[str, bytes](), []
    for at in range(count):
        name = f"{kind.replace('_', '-')}-{at:04d}"
        prompt, fits, other = ask_for(gallery, at)
        again = gallery.picture()
        first, own = _row(name, (prompt, fits, other), as_png)
        second, more = _row(f"{name}-second", (hint(fits), fits, again), _ALTERED[kind])
        rows += [first, second]
        files |= own | more
        defects.append(Defect(kind, SOURCE, [first["id"], second["id"]], "linked", 1))
    return Planted(rows, defects, files)


def picture_lookalike(gallery: Gallery, count: int) -> Planted:
    """Plant pictures that show the same elsewhere, on the left and on the right: nothing ties them together."""
    rows, files, defects = [], dict[str, bytes](), []
    for at in range(count):
        one, two = gallery.pictures("where")
        keys = []
        for side, shown in (("", one), ("-second", two)):
            prompt = ask(shown.caption, at)
            row, more = _row(f"picture-lookalike-{at:04d}{side}", (prompt, shown, gallery.picture()), as_png)
            rows.append(row)
            files |= more
            keys.append(row["id"])
        defects.append(Defect("picture_lookalike", SOURCE, keys, "apart", 1))
    return Planted(rows, defects, files)


def shared_picture(gallery: Gallery, count: int) -> Planted:
    """Plant one picture in two rows, under one name or under two."""
    rows, files, defects = [], dict[str, bytes](), []
    for at in range(count):
        prompt, fits, other = ask_for(gallery, at)
        first, own = _row(f"shared-picture-{at:04d}", (prompt, fits, other), as_png)
        second, more = _row(f"shared-picture-{at:04d}-second", (hint(fits), fits, gallery.picture()), as_png)
        rows += [first, second if at % 2 else second | {"chosen": first["chosen"]}]
        files |= own | more
        defects.append(Defect("shared_picture", SOURCE, [first["id"], second["id"]], "one_split", 1))
    return Planted(rows, defects, files)


def same_picture(gallery: Gallery, count: int) -> Planted:
    """Plant rows with one picture on both sides, under one name or under two."""
    rows, files, defects = [], dict[str, bytes](), []
    for at in range(count):
        prompt, fits, _ = ask_for(gallery, at)
        row, more = _row(f"same-picture-{at:04d}", (prompt, fits, fits), as_png)
        rows.append(row if at % 2 else row | {"rejected": row["chosen"]})
        files |= more
        defects.append(Defect("same_picture", SOURCE, [row["id"]], "identical_sides"))
    return Planted(rows, defects, files)


def picture_contradiction(gallery: Gallery, count: int) -> Planted:
    """Plant two pictures that one row judges this way and another row the other way."""
    rows, files, defects = [], dict[str, bytes](), []
    for at in range(count):
        first, more = _row(f"picture-contradiction-{at:04d}", ask_for(gallery, at), as_png)
        second = first | {"id": f"{first['id']}-second", "chosen": first["rejected"], "rejected": first["chosen"]}
        rows += [first, second]
        files |= more
        defects.append(Defect("picture_contradiction", SOURCE, [first["id"], second["id"]], "contradictory"))
    return Planted(rows, defects, files)


def misnamed_picture(gallery: Gallery, count: int) -> Planted:
    """Plant JPEG files that are called .png: they are what they are."""
    rows, files = [], dict[str, bytes]()
    for at in range(count):
        row, more = _row(f"misnamed-picture-{at:04d}", ask_for(gallery, at), as_jpeg)
        rows.append(row)
        files |= more
    return Planted(rows, [Defect("misnamed_picture", SOURCE, [row["id"]], "kept", 1) for row in rows], files)


def ask_for(gallery: Gallery, at: int) -> tuple[str, Picture, Picture]:
    """Ask for a picture; return the prompt, the picture, and one that differs in one thing."""
    fits, other = gallery.pictures(*ANYTHING)
    return ask(fits.caption, at), fits, other


def _row(
    name: str, asked: tuple[str, Picture, Picture], encode: Callable[[Pixels], bytes]
) -> tuple[Row, dict[str, bytes]]:
    prompt, chosen, rejected = asked
    files = {f"{name}-a.png": encode(chosen.draw(SIDE)), f"{name}-b.png": as_png(rejected.draw(SIDE))}
    return {"id": name, "prompt": prompt, **dict(zip(("chosen", "rejected"), files, strict=True))}, files


def _drawing(name: str, prompt: str, chosen: Picture, rejected: Picture) -> Row:
    sides = {"chosen": chosen, "rejected": rejected}
    held = {side: {"bytes": as_png(shown.draw(SIDE)), "path": None} for side, shown in sides.items()}
    return {"id": name, "prompt": prompt, **held}


def _brightened(pixels: Pixels) -> Pixels:
    return np.asarray(np.clip(pixels * 1.15 + 6, 0, 255), np.uint8)


def _cropped(pixels: Pixels) -> Pixels:
    edge = len(pixels) // 40
    return pixels[edge:-edge, edge:-edge]


_ALTERED: dict[str, Callable[[Pixels], bytes]] = {
    "picture_reencoded": lambda pixels: as_jpeg(pixels, 60),
    "picture_resized": lambda pixels: as_png(resized(pixels, 0.5)),
    "picture_cropped": lambda pixels: as_png(_cropped(pixels)),
    "picture_brightened": lambda pixels: as_png(_brightened(pixels)),
}
