"""Bits of vectors: on which side of fixed planes a vector lies. Vectors at a small angle have nearly the same bits."""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Words = npt.NDArray[np.uint64]


@cache
def planes(size: int, count: int) -> Floats:
    """Return `count` planes for vectors of `size` numbers, each number +1 or -1, the same ones for ever."""
    said = hashlib.shake_256(f"planes {size} {count}".encode()).digest(size * count // 8 + 1)
    signs = np.unpackbits(np.frombuffer(said, np.uint8))[: size * count]
    return (signs.astype(np.float32) * 2 - 1).reshape(size, count)


def sides(vectors: Floats, count: int) -> Floats:
    """Return how far each vector lies from each of `count` planes; the sign says on which side.

    The probability of two vectors to differ in a sign is their angle divided by pi (Charikar 2002, sign random
    projections; with signs for normal numbers as Achlioptas 2003).
    """
    return vectors @ planes(vectors.shape[1], count)


def words(margins: Floats) -> Words:
    """Pack the signs of each row into words of 64 bits."""
    packed = np.packbits(margins > 0, axis=1, bitorder="little")
    return np.ascontiguousarray(packed).view(np.uint64)


def distances(one: Words, other: Words) -> npt.NDArray[np.int64]:
    """Return in how many bits the rows of two arrays differ."""
    counted: npt.NDArray[np.int64] = np.bitwise_count(one ^ other).sum(axis=-1, dtype=np.int64)
    return counted
