"""Similarity of two pictures, looked at place by place, after the crop between them has been found."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from tasks.match.perceptual.lookup import Places
from tasks.signatures.thumbnail import Bytes, Numbers, Rectangles, coefficients, levels, luma, tints

_AT_ONCE: Final = 2_048
_WAVES: Final = 16
# Pictures are compared as 24 x 24 levels, in windows of 6 x 6 that overlap by half.
_GRID, _WINDOW, _STEP = 24, 6, 3
# The variance of a window that counts half, the picture's being 1: what is flat in both says nothing.
_FLAT: Final = 0.02
# Colours are compared on 8 x 8 places. A place is coloured if its chroma is so long; a picture, if its mean square is.
_TINTS, _COLOURED, _GREY = 8, 10.0, 9.0
# Two colours differ if their chromas are more than 60 degrees apart; so many of the coloured places may differ.
_HUE, _MAY_DIFFER, _FEW = 0.5, 0.05, 20
# What is this similar is not looked at again with another crop.
_SURE: Final = 0.9
# The edges are moved by so much at most: in or out, to a side, or one of them alone.
_MOVES: Final = np.array(
    [
        *[(a, b, 0, 0) for a, b in ((-1, -1), (1, 1), (-1, 1), (1, -1))],
        *[(0, 0, a, b) for a, b in ((-1, -1), (1, 1), (-1, 1), (1, -1))],
        *[(a, -a, a, -a) for a in (-1, 1)],
    ],
    np.float64,
)
_STEPS: Final = (0.025, 0.025, 0.0125)


def similarities(signatures: Bytes, part: Places, whole: Places, rectangles: Rectangles) -> Numbers:
    """Return how similar a rectangle of each picture `part` is to a picture `whole`, from -1 to 1, to six digits.

    It is the contrast and structure of SSIM (Wang et al. 2004) of levels of mean 0 and variance 1, averaged over
    windows by how much they show. The rectangle is moved to where the two fit best. Pictures in different colours
    are not similar at all (0), but a grey picture may be the copy of a coloured one.
    """
    found = np.zeros(len(part))
    for start in range(0, len(part), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        found[some] = _similar(signatures[part[some]], signatures[whole[some]], rectangles[some])
    return found.round(6)


def _similar(part: Bytes, whole: Bytes, rectangles: Rectangles) -> Numbers:
    whole_luma = coefficients(luma(whole).astype(np.float64), _everything(len(whole)), _WAVES)
    score = _structure(coefficients(luma(part).astype(np.float64), rectangles, _WAVES), whole_luma)
    unsure = np.flatnonzero(score < _SURE)
    best = rectangles.copy()
    best[unsure] = _fitted(luma(part[unsure]).astype(np.float64), whole_luma[unsure], rectangles[unsure])
    again = _structure(coefficients(luma(part[unsure]).astype(np.float64), best[unsure], _WAVES), whole_luma[unsure])
    moved_well = again > score[unsure]
    best[unsure[~moved_well]] = rectangles[unsure[~moved_well]]
    score[unsure] = np.maximum(score[unsure], again)
    return np.where(_in_other_colours(tints(part), tints(whole), best), 0.0, score)


def _everything(count: int) -> Rectangles:
    return np.tile([0.0, 1.0, 0.0, 1.0], (count, 1))


def _fitted(part: Numbers, whole: Numbers, rectangles: Rectangles) -> Rectangles:
    """Move the edges of each rectangle, in three steps, to where its coefficients are most like those of the whole."""
    waves = 12
    v, u = np.mgrid[:waves, :waves]
    weight = np.hypot(u, v) * (np.hypot(u, v) < waves)
    there = _unit(whole[:, :waves, :waves] * weight)
    best = rectangles
    score = (_unit(coefficients(part, best, waves) * weight) * there).sum(axis=(1, 2))
    for step in _STEPS:
        around = best
        for move in _MOVES:
            moved = np.clip(around + step * move, 0.0, 1.0)
            scored = (_unit(coefficients(part, moved, waves) * weight) * there).sum(axis=(1, 2))
            best = np.where((scored > score)[:, None], moved, best)
            score = np.maximum(score, scored)
    return best


def _unit(waves: Numbers) -> Numbers:
    return np.asarray(waves / np.maximum(np.linalg.norm(waves, axis=(1, 2), keepdims=True), 1e-9))


def _structure(one: Numbers, other: Numbers) -> Numbers:
    a, b = (_windows(_standard(levels(waves, _GRID))) for waves in (one, other))
    var_a, var_b, shared = (a * a).mean(axis=-1), (b * b).mean(axis=-1), (a * b).mean(axis=-1)
    larger = np.maximum(var_a, var_b)
    shown = larger / (larger + _FLAT)
    alike = 2 * shared / np.maximum(var_a + var_b, 1e-9)
    return np.asarray((alike * shown).sum(axis=(1, 2)) / np.maximum(shown.sum(axis=(1, 2)), 1e-9))


def _standard(pictures: Numbers) -> Numbers:
    centred = pictures - pictures.mean(axis=(1, 2), keepdims=True)
    return np.asarray(centred / np.maximum(centred.std(axis=(1, 2), keepdims=True), 1e-3))


def _windows(pictures: Numbers) -> Numbers:
    """Cut pictures into windows, each with a mean of 0: (n, rows, columns, levels)."""
    cut = sliding_window_view(pictures, (_WINDOW, _WINDOW), axis=(1, 2))[:, ::_STEP, ::_STEP]
    flat = cut.reshape(*cut.shape[:3], _WINDOW * _WINDOW)
    return np.asarray(flat - flat.mean(axis=-1, keepdims=True))


def _in_other_colours(part: Numbers, whole: Numbers, rectangles: Rectangles) -> npt.NDArray[np.bool_]:
    seen = [
        np.stack([levels(coefficients(tint[:, each], places, _TINTS), _TINTS) for each in (0, 1)], axis=1)
        for tint, places in ((part, rectangles), (whole, _everything(len(whole))))
    ]
    lengths = [np.hypot(each[:, 0], each[:, 1]) for each in seen]
    is_grey = np.minimum(*((length**2).mean(axis=(1, 2)) for length in lengths)) < _GREY
    cosine = (seen[0] * seen[1]).sum(axis=1) / np.maximum(lengths[0] * lengths[1], 1e-9)
    coloured = np.minimum(*lengths) > _COLOURED
    differing = (coloured & (cosine < _HUE)).sum(axis=(1, 2))
    return np.asarray(~is_grey & (differing > _MAY_DIFFER * np.maximum(coloured.sum(axis=(1, 2)), _FEW)))
