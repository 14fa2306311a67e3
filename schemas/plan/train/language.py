"""What a training of a language model is told: a reward model, or a policy by DPO or KTO."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from schemas.stage import Settings


class LanguageModel(Settings):
    """A causal language model: a folder, or a model of the Hub."""

    path: str | None = Field(default=None, description="A folder with the model, relative to the plan or the config.")
    repo: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$", description="A model on the Hub.")
    revision: str | None = Field(default=None, description="A commit of the model; without it the newest is taken.")
    chat_template: str | None = Field(
        default=None, description="A Jinja file, relative to the plan, for a tokenizer that has no chat template."
    )

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.path is None) == (self.repo is None):
            raise ValueError("a language model needs exactly one of path and repo")
        return self

    @property
    def name(self) -> str:
        """Name the model as people know it."""
        return self.repo or self.path or ""


class Lora(Settings):
    """Low-rank adapters instead of all weights (Hu et al. 2021)."""

    rank: PositiveInt = 16
    alpha: PositiveInt = 32
    dropout: float = Field(default=0.0, ge=0.0, lt=1.0)
    targets: list[str] = Field(default=[], description="Names of layers; all linear ones if none is named.")


class Checkpoints(Settings):
    """How often a training can be resumed from where it was, and how many of these places stay."""

    every: PositiveInt = Field(default=500, description="Steps from one to the next.")
    keep: PositiveInt = Field(default=2, description="The newest so many stay while the training goes on.")


class LanguageTraining(Settings):
    """What all trainings of language models have in common."""

    model: LanguageModel
    lora: Lora | None = Field(default=None, description="Train adapters; by default all weights are trained.")
    dimension: str | None = Field(default=None, description="Needed where the pairs have several.")
    train: str = Field(default="train", description="The split that is learnt from.")
    held_out: str = Field(default="validation", description="The split whose loss is watched; nothing is tuned on it.")
    test: str = Field(default="test", description="The split that the model is judged on.")
    epochs: PositiveFloat = 1.0
    max_steps: PositiveInt | None = Field(default=None, description="Stop after so many steps.")
    learning_rate: PositiveFloat
    warmup: float = Field(default=0.03, ge=0.0, le=1.0, description="The share of steps in which the rate rises.")
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    weight_decay: NonNegativeFloat = 0.0
    batch: PositiveInt = Field(default=8, description="Pairs at a time on each device.")
    accumulate: PositiveInt = Field(default=1, description="Batches of one step.")
    max_length: PositiveInt = Field(default=1024, description="Tokens of a prompt with its response.")
    processes: PositiveInt = Field(default=1, description="More than one are started by accelerate, one per GPU.")
    checkpoints: Checkpoints = Checkpoints()
    seed: int = 0


class RewardTraining(LanguageTraining):
    """A reward model: a language model with one score at its last token, trained by TRL's RewardTrainer."""

    learning_rate: PositiveFloat = 1e-5
    margins: bool = Field(default=False, description="Whether the chosen response must be ahead by the pair's margin.")
    regularisation: NonNegativeFloat = Field(
        default=0.0, description="Weight of the mean squared reward; align-anything and SafeSora take 0.001."
    )
    ties: Literal["leave_out", "squared"] = Field(
        default="leave_out", description="What ties cost: nothing, or the squared gap (MM-RLHF)."
    )
    tie_weight: PositiveFloat = 1.0


class PolicyTraining(LanguageTraining):
    """What DPO and KTO have in common: a policy that stays near the model it began as, its reference."""

    learning_rate: PositiveFloat = 1e-6
    beta: PositiveFloat = Field(default=0.1, description="How dear it is to leave the reference.")
    samples: NonNegativeInt = Field(
        default=64,
        description="Prompts of the test split that the trained policy and its reference answer; 0 for none.",
    )
    new_tokens: PositiveInt = Field(default=128, description="Tokens of such an answer, at most.")


class RewardScaling(Settings):
    """MM-RLHF's dynamic reward scaling: β grows with the reward gap δ, β(δ) = β·(1 + weight·(1 - exp(-rate·δ)))."""

    weight: NonNegativeFloat = 0.5
    rate: PositiveFloat = 0.5
    gap: str = Field(default="margin", description="Where δ is: `margin`, or a metric of pairs that the plan names.")


class DpoTraining(PolicyTraining):
    """Direct preference optimisation on pairs, by TRL's DPOTrainer."""

    loss: Literal["sigmoid", "ipo", "sigmoid_norm", "bco"] = Field(
        default="sigmoid",
        description="DPO, IPO, length-normalised DPO, or binary classifier optimisation with a running reward shift.",
    )
    scaling: RewardScaling | None = None

    @model_validator(mode="after")
    def _scales_what_it_can(self) -> Self:
        if self.scaling is not None and self.loss != "sigmoid":
            raise ValueError("dynamic reward scaling is defined for the loss sigmoid only")
        return self


class KtoTraining(PolicyTraining):
    """Kahneman-Tversky optimisation on single responses, by TRL's KTOTrainer."""

    desirable_weight: NonNegativeFloat = 1.0
    undesirable_weight: NonNegativeFloat = 1.0
