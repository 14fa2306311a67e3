"""The models that look at pictures and listen to sounds: where a plan says they are, and how much they see."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, PositiveInt, model_validator

from schemas.stage import Settings

# The models that come with winnow: they are small, and were made for its demo and its tests.
EMBEDDED = "winnow-tiny"
_REPO = r"^[\w.-]+/[\w.-]+$"
_DIGEST = r"^[0-9a-f]{32}$"


class MediaModel(Settings):
    """What all of these models have in common: exactly one place, and what was found there."""

    places: ClassVar[str] = "path, repo and tiny"
    path: str | None = Field(default=None, description="A folder or a checkpoint file, relative to the plan.")
    repo: str | None = Field(default=None, pattern=_REPO, description="A model on the Hub.")
    revision: str | None = Field(default=None, description="A commit of the model; without it the newest is taken.")
    tiny: bool = Field(default=False, description=f"The model that comes with winnow; `{EMBEDDED}` is short for it.")
    digest: str | None = Field(
        default=None,
        pattern=_DIGEST,
        description="What the model's files must be; a run writes down what it found.",
    )
    batch: PositiveInt = Field(default=32, description="How many at a time; the results do not depend on it.")

    @model_validator(mode="before")
    @classmethod
    def _accept_the_embedded_by_name(cls, given: object) -> object:
        return {"tiny": True} if given == EMBEDDED else given

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if sum(self._given()) != 1:
            raise ValueError(f"a model has exactly one place: say one of {self.places}")
        return self

    def _given(self) -> list[bool]:
        return [self.path is not None, self.repo is not None, self.tiny]

    @property
    def name(self) -> str:
        """Name the model as people know it."""
        return self.repo or self.path or EMBEDDED


class OpenClipModel(MediaModel):
    """A model of open_clip: a folder, a model of the Hub, a checkpoint of a known architecture, or a tag."""

    places: ClassVar[str] = "path, repo, pretrained (with model) and tiny"
    model: str | None = Field(
        default=None,
        pattern=r"^[\w.-]+$",
        description="The architecture by open_clip's name, such as ViT-B-32: for `pretrained`, or for a checkpoint "
        "file that has no open_clip_config.json beside it.",
    )
    pretrained: str | None = Field(
        default=None, pattern=r"^[\w.-]+$", description="open_clip's tag of the weights, such as laion2b_s34b_b79k."
    )

    @model_validator(mode="after")
    def _names_an_architecture_where_one_is_needed(self) -> Self:
        if self.pretrained is not None and self.model is None:
            raise ValueError("a tag belongs to an architecture: say it as model, such as ViT-B-32")
        if self.model is not None and self.pretrained is None and self.path is None:
            raise ValueError("model is an architecture, not weights: say pretrained or path too")
        return self

    def _given(self) -> list[bool]:
        return [*super()._given(), self.pretrained is not None]

    @property
    def name(self) -> str:
        """Name the model as people know it."""
        return f"{self.model}/{self.pretrained}" if self.pretrained else super().name


class ImageTextModel(OpenClipModel):
    """A model that puts pictures and texts into one space: open_clip."""

    frames: PositiveInt = Field(default=8, le=256, description="Frames that a video is seen by.")


class CaptionModel(OpenClipModel):
    """A model that says what is on a picture: open_clip's CoCa."""

    tokens: PositiveInt = Field(default=30, ge=2, le=512, description="Tokens of a caption, at most.")


class SpeechModel(MediaModel):
    """A model that writes down what is said: openai-whisper."""

    places: ClassVar[str] = "path, repo, model and tiny"
    model: str | None = Field(
        default=None, pattern=r"^[\w.-]+$", description="whisper's name of the model, such as large-v3."
    )
    language: str | None = Field(
        default=None, pattern=r"^[a-z]{2,3}$", description="The language that is spoken; by default it is detected."
    )
    tokens: PositiveInt = Field(default=224, le=224, description="Tokens of half a minute, at most.")
    batch: PositiveInt = Field(default=8, description="How many at a time; the results do not depend on it.")

    def _given(self) -> list[bool]:
        return [*super()._given(), self.model is not None]

    @property
    def name(self) -> str:
        """Name the model as people know it."""
        return f"whisper/{self.model}" if self.model else super().name
