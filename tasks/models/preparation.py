"""What is done to a picture before a model sees it: resized and cropped as open_clip does it, without torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import PositiveFloat, PositiveInt

from schemas.stage import Settings

Picture = NDArray[np.uint8]
_Color = tuple[float, float, float]
_RESAMPLING = {"bicubic": Image.Resampling.BICUBIC, "bilinear": Image.Resampling.BILINEAR}


class Preparation(Settings):
    """How pictures become what a model was trained on; it can be sent to a process that knows no torch."""

    size: tuple[PositiveInt, PositiveInt]
    mean: _Color = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[PositiveFloat, PositiveFloat, PositiveFloat] = (0.26862954, 0.26130258, 0.27577711)
    interpolation: Literal["bicubic", "bilinear"] = "bicubic"
    resize_mode: Literal["shortest", "longest", "squash"] = "shortest"
    fill_color: int = 0

    def prepare(self, picture: Picture) -> Picture:
        """Return `picture` (h, w, 3) in the model's size; what has that size already is returned as it is."""
        if picture.shape[:2] == self.size:
            return picture
        height, width = self._resized(*picture.shape[:2])
        image = Image.fromarray(picture).resize((width, height), _RESAMPLING[self._interpolation])
        return _cropped(np.asarray(image), self.size, self.fill_color)

    @property
    def _interpolation(self) -> str:
        """The resampling: open_clip takes bicubic for sizes that are no squares, whatever is said."""
        is_oblong = self.size[0] != self.size[1]
        return "bicubic" if self.resize_mode == "shortest" and is_oblong else self.interpolation

    def _resized(self, height: int, width: int) -> tuple[int, int]:
        """Return height and width after resizing, which open_clip rounds in three ways."""
        if self.resize_mode == "squash":
            return self.size
        ratios = (height / self.size[0], width / self.size[1])
        if self.resize_mode == "shortest" and self.size[0] == self.size[1]:
            side = self.size[0]
            return (side, int(side * width / height)) if height <= width else (int(side * height / width), side)
        ratio = max(ratios) if self.resize_mode == "longest" else min(ratios)
        return max(1, round(height / ratio)), max(1, round(width / ratio))


def preparation_from(image_size: Any, said: Mapping[str, Any]) -> Preparation:
    """Read a model's own settings, with open_clip's defaults for the rest. Raises ValueError for nonsense."""
    size = tuple(image_size) if isinstance(image_size, list | tuple) else (image_size, image_size)
    known = {name: said[name] for name in Preparation.model_fields if said.get(name) is not None and name != "size"}
    for color in ("mean", "std"):
        if color in known and not isinstance(known[color], list | tuple):
            known[color] = (known[color],) * 3
    if known.get("interpolation") == "random":
        known["interpolation"] = "bicubic"
    return Preparation(size=size, **known)


def _cropped(picture: Picture, size: tuple[int, int], fill: int) -> Picture:
    """Pad what is too small and cut off what is too large, evenly on both sides."""
    missing = [max(0, wanted - there) for wanted, there in zip(size, picture.shape[:2], strict=True)]
    if any(missing):
        around = [(each // 2, (each + 1) // 2) for each in missing]
        picture = np.pad(picture, [*around, (0, 0)], constant_values=fill)
    top, left = (round((there - wanted) / 2) for wanted, there in zip(size, picture.shape[:2], strict=True))
    return np.ascontiguousarray(picture[top : top + size[0], left : left + size[1]])
