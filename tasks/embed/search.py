"""Search: everything that is as near to each other as is asked for, by blocks of matrix products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from tasks.embed.stored import Vectors

if TYPE_CHECKING:
    from torch import Tensor

Places = npt.NDArray[np.int64]

# The products of so many things with so many others are in memory at a time.
_ROWS: Final = 1_024
_COLUMNS: Final = 8_192
# Of so many later twins of one thing, the nearest are told.
MOST: Final = 64
# By so much may single precision differ from double at most; what is within it is decided in double precision.
_ROUNDING: Final = 1e-3
# The score of what is told because it is the first, however many are nearer; no cosine is as large.
_HEAD: Final = 2.0


class _Block(NamedTuple):
    """Things found for some rows: the numbers of both, and how near they are."""

    first: Tensor
    second: Tensor
    score: Tensor


def search(vectors: Vectors, parts: Places, threshold: float) -> tuple[Places, Places]:
    """Find the things that may be twins: numbers of both, the first the smaller.

    `parts` has a row for each thing that names its vectors: one, or those of a prompt and of two responses. Two things
    may be twins if their prompts are, and their responses one way round. What is found still has to be decided: it may
    lie below the threshold by what single precision errs. Nothing at or above it is missed, but of a thing with
    more than `MOST` later twins the nearest are told; and each is told with the first of its twins.
    """
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    known = torch.nn.functional.normalize(torch.from_numpy(vectors).to(device), dim=1)
    rows = torch.from_numpy(parts).to(device)
    has_first = torch.zeros(len(parts), dtype=torch.bool, device=device)
    first, second = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for start in range(0, len(parts), _ROWS):
        blocks = [
            _block(known, rows, start, column, threshold - _ROUNDING, has_first)
            for column in range(start, len(parts), _COLUMNS)
        ]
        i, j = _nearest([block for block in blocks if block is not None])
        first.append(i)
        second.append(j)
    return np.concatenate(first), np.concatenate(second)


def _block(known: Tensor, rows: Tensor, start: int, column: int, floor: float, has_first: Tensor) -> _Block | None:
    """Compare some rows with some columns; note in `has_first` which columns have met the first of their twins."""
    import torch

    mine, theirs = rows[start : start + _ROWS], rows[column : column + _COLUMNS]
    score = _scores(known, mine, theirs, floor)
    if score is None:
        return None
    first = torch.arange(start, start + len(mine), device=known.device)
    second = torch.arange(column, column + len(theirs), device=known.device)
    score.masked_fill_((second[None, :] <= first[:, None]) | (score < floor), -1.0)
    best, at = score.topk(min(MOST, score.shape[1]), dim=1)
    i, place = (best > -1.0).nonzero(as_tuple=True)
    found = _Block(first[i], second[at[i, place]], best[i, place])
    met = score > -1.0
    fresh = met.any(dim=0) & ~has_first[second]
    has_first[second[fresh]] = True
    heads = met.to(torch.uint8).argmax(dim=0)[fresh]
    told = _Block(first[heads], second[fresh], torch.full_like(heads, _HEAD, dtype=score.dtype))
    return _Block(*(torch.cat(both) for both in zip(found, told, strict=True)))


def _scores(known: Tensor, mine: Tensor, theirs: Tensor, floor: float) -> Tensor | None:
    """Return the cosine of every two things, the smallest of their parts'; nothing if no prompts are near enough."""
    import torch

    asked = known[mine[:, 0]] @ known[theirs[:, 0]].T
    if not bool((asked >= floor).any()):
        return None
    if mine.shape[1] == 1:
        return asked
    left, right = known[mine[:, 1]], known[mine[:, 2]]
    other_left, other_right = known[theirs[:, 1]].T, known[theirs[:, 2]].T
    straight = torch.minimum(left @ other_left, right @ other_right)
    crossed = torch.minimum(left @ other_right, right @ other_left)
    return torch.minimum(asked, torch.maximum(straight, crossed))


def _nearest(blocks: list[_Block]) -> tuple[Places, Places]:
    """Keep the nearest of each row, and those that are told because they are the first."""
    if not blocks:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    i, j, score = (np.concatenate([block[part].cpu().numpy() for block in blocks]) for part in range(3))
    found = pl.DataFrame({"i": i, "j": j, "score": score}).sort("i", -pl.col("score"), "j")
    is_head = pl.col("score") == _HEAD
    kept = found.filter(is_head | ((~is_head).cum_sum().over("i") <= MOST)).select("i", "j").unique().sort("i", "j")
    return kept["i"].to_numpy(), kept["j"].to_numpy()


def cosines(vectors: Vectors, one: Places, other: Places) -> npt.NDArray[np.float64]:
    """Return the cosine of each two vectors, in double precision and to six digits: no company changes it."""
    found = [np.zeros(0)]
    for start in range(0, len(one), 1 << 14):
        a = vectors[one[start : start + (1 << 14)]].astype(np.float64)
        b = vectors[other[start : start + (1 << 14)]].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", a, a) * np.einsum("ij,ij->i", b, b))
        found.append(np.einsum("ij,ij->i", a, b) / np.where(lengths > 0, lengths, 1.0))
    return np.clip(np.concatenate(found), -1.0, 1.0).round(6)
