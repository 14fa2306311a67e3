"""What is done to rows: copies, votes, rules, benchmarks, guards and splits."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from schemas.mapping.layout import Layout
from schemas.plan.copies.perceptual import Perceptual, SemanticMedia
from schemas.plan.copies.semantic import PinnedTextModel, Semantic
from schemas.plan.media_models import CaptionModel, ImageTextModel, SpeechModel
from schemas.plan.sources import Hub, Source, with_name
from schemas.stage import Settings


class Near(Settings):
    """When two texts are nearly the same: by the Jaccard similarity of their sets of shingles."""

    threshold: float = Field(default=0.8, ge=0.5, le=1.0, description="The least similarity.")
    ngram: PositiveInt = Field(default=5, le=100, description="The tokens of a shingle.")


class Dedupe(Settings):
    """How copies and contradictions are settled. Exact and normalised copies are always found."""

    near: Near | None = Field(default=Near(), description="Near copies; null turns the search for them off.")
    semantic: Semantic | None = Field(default=None, description="Pairs that mean the same; needs `models.text`.")

    perceptual: Perceptual | None = Field(
        default=Perceptual(), description="Media that look or sound the same; null turns the search for them off."
    )
    semantic_media: SemanticMedia | None = Field(
        default=None, description="Pictures and videos that show the same; needs `models.image_text`."
    )
    contradictions: Literal["keep", "drop", "majority"] = Field(
        default="majority",
        description="Pairs with votes both ways: 'majority' keeps the winner of the votes and drops even ones, 'keep' "
        "keeps even ones as ties, 'drop' drops them all.",
    )
    keep: Literal["first", "most_votes", "longest"] = Field(default="first", description="Which copy survives.")


class Against(Settings):
    """One benchmark: a file, a glob or a dataset of the Hub, and the columns that hold its prompts."""

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    path: str | None = Field(default=None, description="A file or a glob, relative to the plan.")
    hub: Hub | None = None
    columns: list[str] | None = Field(
        default=None, description="Where the prompts are; by default where benchmarks usually have them."
    )
    layout: Layout | None = Field(default=None, description="How to read files that do not say it themselves.")

    @property
    def source(self) -> Source:
        """The same place as a source that files are found by. Raises ValueError unless there is exactly one place."""
        return Source(name=self.name, path=self.path, hub=self.hub, layout=self.layout)

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.path is None) == (self.hub is None):
            raise ValueError("a benchmark needs exactly one of path and hub")
        return self


class Decontaminate(Settings):
    """Which benchmarks nothing may be trained on, and when a prompt counts as one of theirs."""

    against: list[Against] = Field(min_length=1)
    ngram: PositiveInt = Field(default=8, le=100, description="The tokens of an n-gram.")
    threshold: float = Field(
        default=0.5, gt=0.0, le=1.0, description="The share of a benchmark prompt's n-grams that must not be reached."
    )
    near: float = Field(default=0.8, gt=0.0, le=1.0, description="The Jaccard similarity that must not be reached.")

    @field_validator("against", mode="before")
    @classmethod
    def _name_benchmarks(cls, given: object) -> object:
        """A bare text is a path; benchmarks without a name take that of their file."""
        if not isinstance(given, list):
            return given
        return [with_name({"path": each} if isinstance(each, str) else each) for each in given]


class Resolve(Settings):
    """How judgments become pairs."""

    from_: list[Literal["comparisons", "rankings", "ratings"]] = Field(
        default=["comparisons", "rankings", "ratings"],
        alias="from",
        description="Kinds in order of trust; the first kind that a record has for a dimension is used.",
    )
    vote: Literal["majority", "mean"] = "majority"
    min_margin: float = Field(default=0.0, ge=0.0, le=1.0)
    ranking_pairs: Literal["all", "adjacent", "extremes"] = "all"


class Rule(Settings):
    """A named expression over metric columns; exactly one of `drop`, `quarantine`, `flag`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    drop: str | None = None
    quarantine: str | None = None
    flag: str | None = None
    on: Literal["pairs", "judgments"] = "pairs"

    @model_validator(mode="after")
    def _is_one_action(self) -> Self:
        given = [action for action in ("drop", "quarantine", "flag") if getattr(self, action) is not None]
        if len(given) != 1:
            raise ValueError("a rule says exactly one of drop, quarantine, flag")
        if self.on == "judgments" and given == ["quarantine"]:
            raise ValueError("a rule on judgments can drop or flag; only pairs can be quarantined")
        return self

    @property
    def action(self) -> Literal["drop", "quarantine", "flag"]:
        """What happens to the rows the expression is true for."""
        return "drop" if self.drop is not None else "quarantine" if self.quarantine is not None else "flag"

    @property
    def expression(self) -> str:
        """The scalar SQL expression."""
        return self.drop or self.quarantine or self.flag or ""


class Tokenizer(Settings):
    """The `tokenizer.json` that metrics of tokens are counted with: a file, or that of a model on the Hub."""

    path: str | None = Field(default=None, description="A tokenizer.json, relative to the plan.")
    repo: str | None = Field(default=None, pattern=r"^[\w.-]+/[\w.-]+$", description="A model on the Hub.")
    revision: str | None = Field(default=None, description="A commit of the model; without it the newest is taken.")
    sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="What the file must be; a run writes down what it found."
    )

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.path is None) == (self.repo is None):
            raise ValueError("a tokenizer needs exactly one of path and repo")
        return self


class Models(Settings):
    """Models that a run uses; nothing is taken that is not named here."""

    tokenizer: Tokenizer | None = None
    text: PinnedTextModel | None = Field(default=None, description="Embeds prompts and responses; {} is the packaged.")
    image_text: ImageTextModel | None = Field(default=None, description="Embeds pictures and what is said of them.")
    caption: CaptionModel | None = Field(default=None, description="Says what is on pictures.")
    speech: SpeechModel | None = Field(default=None, description="Writes down what is said in sounds.")


class Guards(Settings):
    """When a run must not be published."""

    max_drop_per_source: float | None = Field(
        default=None, ge=0.0, le=1.0, description="The largest share of a source's pairs that may be dropped."
    )
    min_kept: PositiveInt | None = Field(default=None, description="The smallest number of pairs that must be kept.")


class Split(Settings):
    """Shares of the splits, given by whole components. Shares hold in expectation."""

    shares: dict[str, PositiveFloat] = {"train": 0.9, "validation": 0.05, "test": 0.05}
    salt: str = "winnow"

    @model_validator(mode="before")
    @classmethod
    def _accept_shares_inline(cls, given: object) -> object:
        """`{train: 0.9, test: 0.1}` is short for `{shares: {…}}`."""
        if not isinstance(given, dict) or "shares" in given:
            return given
        known = {"salt"}
        shares = {name: share for name, share in given.items() if name not in known}
        rest = {name: value for name, value in given.items() if name in known}
        return rest | ({"shares": shares} if shares else {})

    @field_validator("shares")
    @classmethod
    def _sums_to_one(cls, shares: dict[str, float]) -> dict[str, float]:
        if abs(sum(shares.values()) - 1.0) > 1e-6:
            raise ValueError(f"the shares of the splits add up to {sum(shares.values()):g}, not to 1")
        return shares


class Runner(Settings):
    """Where the work of a run happens."""

    workers: PositiveInt | None = Field(default=None, description="Steps at a time; as many as there are processors.")
