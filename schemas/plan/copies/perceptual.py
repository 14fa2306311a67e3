"""When two pictures, sounds or videos look or sound the same, and what follows from it."""

from __future__ import annotations

from pydantic import Field

from schemas.stage import Settings


class Perceptual(Settings):
    """From which similarity on two media are copies of each other; null turns a kind off. Nothing is dropped for it."""

    image: float | None = Field(default=0.8, gt=0.0, le=1.0, description="Pictures, by their luma.")
    audio: float | None = Field(default=0.9, gt=0.0, le=1.0, description="Sounds, by their spectrum over time.")
    video: float | None = Field(default=0.85, gt=0.0, le=1.0, description="Videos, by their frames over time.")
    link: bool = Field(default=True, description="Whether records with such media go to one split.")


class SemanticMedia(Settings):
    """When two pictures or two videos show the same: by the cosine of their vectors; needs `models.image_text`."""

    threshold: float = Field(default=0.97, ge=0.5, le=1.0, description="The least cosine.")
    stacked: bool = Field(
        default=False,
        description="Whether what the caption model says counts as much as what is seen; needs `models.caption`.",
    )
    link: bool = Field(default=False, description="Whether records with such media go to one split.")
