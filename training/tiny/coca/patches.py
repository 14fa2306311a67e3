"""A help in training: what is to be seen in each patch of a picture, which the model is made to say.

Captions alone tell shapes apart only after very many pictures. The head that says it is no part of the finished model.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tasks.demo.media.pictures import COUNTS, SIZES, Group
from tasks.demo.media.shapes import COLOURS, SHAPES, Scene
from training.tiny.coca.model import PATCH, SIDE

_ACROSS = SIDE // PATCH
_NEAR = 0.03
_KINDS = (len(SHAPES) + 1, len(COUNTS), len(SIZES), len(COLOURS))
_WEIGHT = 0.5


def patch_labels(groups: Sequence[Group], scene: Scene) -> NDArray[np.int64]:
    """Return for each patch the shape (0 for none), and the count, size and colour of the group it belongs to."""
    whose = [group for group in groups for _ in range(group.count)]
    at = (np.arange(_ACROSS) + 0.5) / _ACROSS
    places = np.stack(np.meshgrid(at, at), axis=-1).reshape(-1, 1, 2)
    away = np.hypot(*np.moveaxis(places - np.array([(mark.x, mark.y) for mark in scene.marks]), -1, 0))
    beyond = away - np.array([mark.radius for mark in scene.marks])
    nearest = beyond.argmin(axis=1)
    told = np.array([_told(group) for group in whose], np.int64)[nearest]
    told[beyond.min(axis=1) > _NEAR] = 0
    return np.asarray(told)


def _told(group: Group) -> tuple[int, int, int, int]:
    size, colour = list(SIZES).index(group.size), list(COLOURS).index(group.colour)
    return SHAPES.index(group.shape) + 1, group.count - 1, size, colour


class PatchHead(nn.Module):
    """Says what is to be seen in each patch, from what the model knows of it."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.linear = nn.Linear(width, sum(_KINDS))

    def loss(self, seen: Tensor, shown: Tensor) -> Tensor:
        """Return how badly it is said: patches with something in them count as much as all others together."""
        shape, *others = self.linear(seen).flatten(0, 1).split(_KINDS, dim=1)
        right = shown.flatten(0, 1)
        full = right[:, 0] > 0
        parts = [cross_entropy(shape[full], right[full, 0]), cross_entropy(shape[~full], right[~full, 0])]
        parts += [cross_entropy(said[full], right[full, kind]) for kind, said in enumerate(others, start=1)]
        return _WEIGHT * torch.stack(parts).sum()
