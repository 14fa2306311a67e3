import numpy as np
import pytest
import torch

from tasks.demo.media.pictures import Group, Picture
from tasks.demo.media.shapes import COLOURS, SHAPES
from training.tiny.coca.patches import PatchHead, patch_labels


def test_a_patch_is_told_what_it_shows():
    star, rings = Group("star", "red", 1, "large"), Group("ring", "blue", 2, "small")
    picture = Picture((star, rings), "left of", "white")
    told = patch_labels(picture.groups, picture.scene()).reshape(8, 8, 4)
    left = {tuple(row) for row in told[:, :4].reshape(-1, 4).tolist()}
    right = {tuple(row) for row in told[:, 4:].reshape(-1, 4).tolist()}
    nothing = (0, 0, 0, 0)
    assert left == {nothing, (SHAPES.index("star") + 1, 0, 1, list(COLOURS).index("red"))}
    assert right == {nothing, (SHAPES.index("ring") + 1, 1, 0, list(COLOURS).index("blue"))}


@pytest.mark.parametrize("seed", range(5))
def test_patches_with_something_in_them_are_those_that_are_painted(seed):
    picture = Picture((Group("circle", "red", 1, "large"),), "in the middle", "white", seed)
    told = patch_labels(picture.groups, picture.scene())[:, 0].reshape(8, 8) > 0
    away = np.abs(picture.draw(64).astype(int) - COLOURS["red"]).max(axis=2) <= 15
    share = away.reshape(8, 8, 8, 8).mean(axis=(1, 3))
    assert told[share > 0.5].all()
    assert not told[share == 0].any()


def test_the_head_is_worth_nothing_at_a_random_start_and_learns():
    torch.manual_seed(0)
    head, seen = PatchHead(16), torch.randn(2, 64, 16)
    picture = Picture((Group("circle", "red", 3, "large"),), "at the top", "white")
    shown = torch.from_numpy(np.stack([patch_labels(picture.groups, picture.scene())] * 2))
    optimiser = torch.optim.Adam(head.parameters(), lr=0.1)
    begun = float(head.loss(seen, shown).detach())
    for _ in range(20):
        optimiser.zero_grad()
        head.loss(seen, shown).backward()
        optimiser.step()
    assert float(head.loss(seen, shown).detach()) < begun / 2
