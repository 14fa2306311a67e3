"""What vectors of one space say of each other: how well a picture goes with a text, and what it may show."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from tasks.embed.image_text.model import Vectors

Numbers = NDArray[np.float64]
# The weight of CLIPScore (Hessel et al. 2021), which spreads cosines of pictures and texts over 0 to 1.
_WEIGHT: Final = 2.5


def row_cosines(one: Vectors, other: Vectors) -> Numbers:
    """Return the cosine of each row of `one` with the same row of `other`, in double precision.

    Of the vectors of captions and prompts by one text encoder this is how alike they are. Of a vector of zeros, which
    has no direction, it is 0.
    """
    a, b = one.astype(np.float64), other.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b))
    found: Numbers = np.clip(np.einsum("ij,ij->i", a, b) / np.where(lengths > 0, lengths, 1.0), -1.0, 1.0)
    return found


def clip_score(pictures: Vectors, texts: Vectors) -> Numbers:
    """Return CLIPScore (Hessel et al. 2021) row by row: 2.5 times the cosine, and never less than 0.

    The paper writes "A photo depicts " before each text; whether that was done is up to who embedded the texts.
    """
    scores: Numbers = _WEIGHT * np.maximum(row_cosines(pictures, texts), 0.0)
    return scores


def f_clip_score(misaligned: Numbers, scores: Numbers) -> Numbers:
    """Return the F-CLIPScore of CLIP4DM (Nam et al. 2025): 0 for aligned texts, the more negative the worse.

    `misaligned` is the sum of the attributions of each text's misaligned words, `scores` its CLIPScore. This is not the
    F-CLIPScore of "Vision-Encoders (Already) Know What They See", a mean over a sentence and its nouns.
    """
    found: Numbers = misaligned * (1.0 - scores / _WEIGHT)
    return found
