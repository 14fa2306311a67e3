import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from training.tiny.vocabulary import Vocabulary


@given(st.integers(1, 8), st.integers(0, 40), st.integers(1, 6), st.integers(0, 1 << 30))
def test_the_loss_of_few_tokens_is_that_of_all(occurring, absent, positions, seed):
    chance = np.random.default_rng(seed)
    size = occurring + absent
    tokens = tuple(chance.permutation(size)[:occurring].tolist())
    vocabulary = Vocabulary(tokens, size)
    hidden = torch.tensor(chance.normal(size=(positions, 5)))
    rows = torch.tensor(chance.normal(size=(occurring, 5)))
    targets = torch.tensor(chance.integers(occurring, size=positions))
    told = torch.tensor(chance.random(positions) < 0.7)
    told[0] = True
    small = vocabulary.cross_entropy(hidden @ rows.T, targets, told)
    logits = hidden @ vocabulary.spread(rows).T
    full = cross_entropy(logits[told], torch.tensor(tokens)[targets][told])
    torch.testing.assert_close(small, full)


def test_rows_are_spread_and_gathered_along_either_side():
    vocabulary = Vocabulary((4, 0, 2), 6)
    rows = torch.arange(6.0).reshape(3, 2)
    full = vocabulary.spread(rows)
    assert full.tolist() == [[2, 3], [0, 0], [4, 5], [0, 0], [0, 1], [0, 0]]
    assert torch.equal(vocabulary.spread(rows.T, 1), full.T)
    assert vocabulary.rows([2, 4]) == [2, 0]
