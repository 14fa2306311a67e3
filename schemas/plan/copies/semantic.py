"""When two texts mean the same: what a plan says of the model that embeds them and of the search for their twins."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, PositiveInt

from schemas.plan.train.training import TextModel
from schemas.stage import Settings


class PinnedTextModel(TextModel):
    """A model of texts and the digest of its files, so that a run can be told again."""

    digest: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{32}$",
        description="What the model's files must be; a run writes down what it found.",
    )


class Semantic(Settings):
    """When two texts mean the same: by the cosine of their embeddings."""

    threshold: float = Field(default=0.95, ge=0.5, le=1.0, description="The least cosine.")
    contradictions: Literal["keep", "drop", "majority"] = Field(
        default="keep",
        description="Pairs that mean the same with opposite answers: they are always told; 'keep' keeps both.",
    )
    link: bool = Field(default=True, description="Whether prompts that mean the same go to one split.")
    exact_to: PositiveInt = Field(
        default=100_000,
        description="Up to so many texts each is compared with each; of more, those that share one of four clusters.",
    )
