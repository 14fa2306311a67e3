"""TRL's trainers with what they lack: ties, regularised rewards, dynamic reward scaling, a running reward shift."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from transformers import PreTrainedModel
from transformers.trainer_callback import ExportableState, TrainerCallback
from trl import DPOTrainer, KTOTrainer, RewardTrainer
from typing_extensions import override

from schemas.plan.train.language import RewardScaling, RewardTraining
from training.language.checkpoints import WholeCheckpoints
from training.losses.policy import scaled_beta
from training.losses.reward import bradley_terry_with_ties

Inputs = dict[str, Any]


class RewardModelTrainer(WholeCheckpoints, RewardTrainer):  # type: ignore[misc]
    """TRL's RewardTrainer with the loss that `told` describes. Rows have a column `tie`."""

    told: RewardTraining
    _signature_columns: list[str]

    @override
    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        self._signature_columns = sorted({*self._signature_columns, "tie"})

    @override
    def compute_loss(
        self, model: PreTrainedModel, inputs: Inputs, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        """Return the loss of a batch; TRL's own computation gives the outputs and logs its metrics."""
        tied = inputs.pop("tie")
        _, outputs = super().compute_loss(model, inputs, return_outputs=True)
        chosen, rejected = outputs.logits.squeeze(-1).chunk(2)
        loss = bradley_terry_with_ties(
            chosen,
            rejected,
            tied,
            inputs.get("margin", 0.0),
            tie_weight=self.told.tie_weight,
            regularisation=self.told.regularisation,
        )
        return (loss, outputs) if return_outputs else loss


class ScaledDPOTrainer(WholeCheckpoints, DPOTrainer):  # type: ignore[misc]
    """TRL's DPOTrainer, whose β grows with the reward gap in the column `gap` if `scaling` is set."""

    scaling: RewardScaling | None = None
    _signature_columns: list[str]

    @override
    def _set_signature_columns_if_needed(self) -> None:
        super()._set_signature_columns_if_needed()
        if self.scaling is not None:
            self._signature_columns = sorted({*self._signature_columns, "gap"})

    @override
    def _compute_loss(self, model: PreTrainedModel, inputs: Inputs, return_outputs: bool) -> Any:
        if self.scaling is None:
            return super()._compute_loss(model, inputs, return_outputs)
        plain = self.args.beta
        self.beta = scaled_beta(plain, inputs.pop("gap"), self.scaling.weight, self.scaling.rate)
        try:
            return super()._compute_loss(model, inputs, return_outputs)
        finally:
            self.beta = plain


class RewardShift(TrainerCallback, ExportableState):  # type: ignore[misc]
    """The mean of all rewards that a training saw: δ of binary classifier optimisation. Checkpoints hold it."""

    def __init__(self) -> None:
        self.mean = 0.0
        self.count = 0

    def update(self, mean: float, count: int) -> None:
        """Take in `count` rewards with this mean."""
        self.count += count
        self.mean += (mean - self.mean) * count / self.count

    def state(self) -> dict[str, Any]:
        """Give what a checkpoint holds."""
        return {"args": {}, "attributes": {"mean": self.mean, "count": self.count}}


class BCOTrainer(WholeCheckpoints, DPOTrainer):  # type: ignore[misc]
    """Binary classifier optimisation on pairs: TRL's `bco_pair` with rewards shifted by their running mean.

    The rows must have the reference's log-probabilities; a reference that is δ/β likelier is a reward that is δ less.
    """

    @override
    def _compute_loss(self, model: PreTrainedModel, inputs: Inputs, return_outputs: bool) -> Any:
        shift = next(each for each in self.callback_handler.callbacks if isinstance(each, RewardShift))
        before = shift.mean
        sides = ("chosen", "rejected")
        shifted = {f"ref_{side}_logps": inputs[f"ref_{side}_logps"] + before / self.beta for side in sides}
        found = super()._compute_loss(model, inputs | shifted, return_outputs)
        if self.model.training:
            metrics = self._metrics["train"]
            seen = sum(metrics[f"rewards/{side}"][-1] for side in sides) / len(sides) + before
            shift.update(seen, 2 * len(inputs["ref_chosen_logps"]) * self.accelerator.num_processes)
        return found


class WholeKTOTrainer(WholeCheckpoints, KTOTrainer):  # type: ignore[misc]
    """TRL's KTOTrainer with checkpoints that are whole."""


def with_column(collate: Callable[[list[Inputs]], Inputs], column: str) -> Callable[[list[Inputs]], Inputs]:
    """Return a collator that also stacks one number or Boolean of every row."""

    def collated(examples: list[Inputs]) -> Inputs:
        values: Tensor = torch.tensor([example[column] for example in examples])
        return collate(examples) | {column: values}

    return collated
