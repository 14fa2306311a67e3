"""What the tiny CoCa is trained for: to caption, to find the text of a picture, to tell right from wrong."""

from __future__ import annotations

import numpy as np
import torch
from open_clip.coca_model import CoCa
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from training.tiny.coca.batches import Batch
from training.tiny.coca.model import PAD
from training.tiny.coca.patches import PatchHead
from training.tiny.vocabulary import Vocabulary

_SHARPEST = 100.0
# As in the paper of CoCa.
_CAPTION = 2.0
_MATCH = 3.0
# Two numbers with a long way to go, at the learning rate of a million.
_EAGER = 10.0


class Calibration(nn.Module):
    """A line from cosine to log-odds, learnt beside the model, so that one threshold serves all pictures.

    Contrast alone only orders the texts of one picture.
    """

    def __init__(self) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.tensor(np.log(10.0) / _EAGER, dtype=torch.float32))
        self.offset = nn.Parameter(torch.tensor(-5.0 / _EAGER))

    def forward(self, cosines: Tensor) -> Tensor:
        """Return the log-odds that text and picture belong together."""
        return (_EAGER * self.slope).exp() * cosines + _EAGER * self.offset


def losses(
    model: CoCa, calibration: Calibration, head: PatchHead, batch: Batch, vocabulary: Vocabulary
) -> dict[str, Tensor]:
    """Return the losses of a batch by name; their sum is minimised."""
    images, seen = model._encode_image(batch.pictures)
    texts, tokens = model._encode_text(batch.texts)
    wrong = model.encode_text(batch.wrong)
    spelt = batch.texts[batch.captioned]
    logits = model.text_decoder(seen[batch.captioned], tokens[batch.captioned, :-1])
    scale = model.logit_scale.exp().clamp(max=_SHARPEST)
    cosines = images @ torch.cat([texts, wrong]).T
    told = spelt[:, 1:] != vocabulary.rows([PAD])[0]
    return {
        "caption": _CAPTION * vocabulary.cross_entropy(logits, spelt[:, 1:], told),
        "contrast": _contrast(scale * cosines, batch),
        "match": _MATCH * _match(calibration, cosines),
        "patches": head.loss(seen, batch.shown),
    }


def _contrast(logits: Tensor, batch: Batch) -> Tensor:
    """Tell the right text among all right and wrong ones, and the right picture among all."""
    count = len(batch.said)
    said = np.array([*batch.said, *batch.said_wrong])
    same = torch.from_numpy(said[:count, None] == said[None, :])
    same.fill_diagonal_(False)  # noqa: FBT003
    logits = logits.masked_fill(same, -torch.inf)
    right = torch.arange(count)
    return (cross_entropy(logits, right) + cross_entropy(logits[:, :count].T, right)) / 2


def _match(calibration: Calibration, cosines: Tensor) -> Tensor:
    """Judge each picture with its right text, with the one wrong in one thing, and with one of another picture."""
    count = len(cosines)
    right, near = cosines.diagonal(), cosines.diagonal(count)
    far = cosines[:, :count].roll(1, 1).diagonal()
    odds = calibration(torch.cat([right, near, far]))
    truth = torch.cat([torch.ones(count), torch.zeros(2 * count)])
    weight = torch.cat([torch.ones(count), torch.full((2 * count,), 0.5)])
    return binary_cross_entropy_with_logits(odds, truth, weight=weight)
