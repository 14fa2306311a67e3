"""Parts of the mapping language for what people say of responses without comparing two: grades, findings, texts."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.mapping.paths import Path
from schemas.mapping.shapes import Capture, Target
from schemas.stage import Settings


class VoteTable(Settings):
    """A long table of votes: one element of `each` is one annotator's judgment; paths start at the element."""

    each: Path
    id: Path | None = None
    vote: Path = Field(description="The label; the winner's `values` translate it.")
    rationale: Path | None = None


class Ranking(Settings):
    """Ranks of the row's responses: a list of paths, the path of a parallel list (`answers[].rank`), or the order."""

    ranks: list[Path] | Path | None = None
    lower_is_better: bool = True
    listed: Literal["best_first", "worst_first"] | None = Field(
        default=None, description="The order in which the row lists its responses is the ranking."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.ranks is None) == (self.listed is None):
            raise ValueError("a ranking is exactly one of ranks and listed")
        return self


class Rating(Settings):
    """A grade on a scale. `path` is a value, a list parallel to the responses, or one path per response."""

    path: Path | list[Path]
    target: Target = "response"
    scale: tuple[float, float] | None = Field(
        default=None, description="Smallest and largest grade; a grade outside has no value. Unknown if absent."
    )
    values: dict[str, float] = Field(default={}, description="Label → grade, compared as text, for grades in words.")
    rationale: Path | list[Path] | None = None
    missing: list[str] = Field(default=["", "N/A"], description="Values that mean 'not rated'.")
    by_rater: bool = Field(default=False, description="A list is not parallel to the responses: one grade a rater.")
    is_summed: bool = Field(
        default=False,
        description="In `reviews`: what one person says of one response is added up, as penalties for errors are.",
    )
    dimension: str | None = Field(default=None, description="The dimension, if not the rating's key.")


class Label(Settings):
    """Named yes-or-no findings: one value (`label` names it), a list of names, or an object of name → yes or no."""

    path: Path | list[Path]
    target: Target = "response"
    taxonomy: str
    label: str | None = None
    severity: Path | list[Path] | None = None
    severities: dict[str, int] = Field(default={}, description="Label → severity, for severities in words.")
    missing: list[str] = Field(default=[], description="Values that mean 'nobody said'.")
    if_null: bool | None = Field(
        default=None,
        description="With `label`: what null says; any other value says the opposite. A critique that is null may "
        "mean that there is nothing to criticise.",
    )

    @model_validator(mode="after")
    def _names_null(self) -> Self:
        if self.if_null is not None and self.label is None:
            raise ValueError("if_null needs label: null cannot name a finding")
        return self


class Feedback(Settings):
    """Text about the row: a critique, a refinement, a reason."""

    path: Path | list[Path]
    kind: str = "critique"
    target: Target = "response"
    dimension: str | None = None
    missing: list[str] = Field(default=[""], description="Texts that mean 'nobody said'.")


class Reviews(Settings):
    """What several people say, each in an element of a list; the paths of grades and texts start at the element.

    An `each` that visits (`answers[].reviews`, `part.*.reviews`) leads to one list of reviews for each response, and
    whatever they say is about that one. Otherwise there is one list for the row, and what a review says is about the
    responses that its own paths are listed for.
    """

    each: Path
    lists: list[str] = Field(
        default=[],
        description="`each` leads to objects whose columns of these names run parallel, written as JSON text or not: "
        "element n of each of them is one review.",
    )
    annotator: Path | None = None
    captures: list[Capture] = []
    ratings: dict[str, Rating] = {}
    rankings: dict[str, Ranking] = {}
    labels: list[Label] = []
    feedback: list[Feedback] = []
