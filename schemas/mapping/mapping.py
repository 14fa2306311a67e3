"""The mapping language: how the columns of a foreign file become records, responses and judgments.

A *path* names a value inside a source row: `prompt`, `text[0]`, `completions[].response`, `"a.b".c`. A dot steps into
an object, `[n]` into a list; `[]` visits every element of a list and `.*` every value of an object. A name with dots,
brackets or braces is quoted with double quotes. A bar means "or else": `question|instruction` is the first that is
there. A text that holds JSON is stepped into like the value it stands for. Inside `each` blocks, paths start at the
element visited. `**.name` finds a name at any depth; only `private` takes it. A mapping is data: built-in adapters and
the `mapping:` of a plan are the same model.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.mapping.content import Prompt, Response
from schemas.mapping.opinions import Feedback, Label, Ranking, Rating, Reviews, VoteTable
from schemas.mapping.paths import DEEP, EACH, HOLE, VALUES, Key, Path, Step, steps
from schemas.mapping.shapes import (
    Capture,
    Group,
    History,
    LicenseColumn,
    Outcome,
    Parts,
    Reference,
    Rounds,
    Target,
    Thread,
    Tree,
    Wide,
)
from schemas.media import Modality
from schemas.stage import Settings

__all__ = ["DEEP", "EACH", "HOLE", "VALUES", "Key", "Path", "Step", "Target", "steps"]


class Winner(Settings):
    """A judgment between responses `a` and `b` of the row. At most one of its ways to say who is better.

    `column` holds a label that `values` translates, or a number on a `scale`; `scores` names one number per response
    (a list of paths, or the path of a parallel list) and the higher one wins unless `lower_is_better` (ranks);
    `always` is for files whose columns say it, such as chosen and rejected; `flags` are columns of which one is true;
    `pick` is a list of flags beside the responses, and who is picked is better than each of the others. Without any of
    them, the votes of the mapping's `annotators` are the judgments, and `values` or `scale` translates them.
    """

    column: Path | None = None
    scale: tuple[float, float] | None = Field(
        default=None,
        description="[best for a, best for b]: a number between them, not named by `values`, says who and how "
        "strongly; the middle is a tie. [1, 2] reads 1.7 as b, [-3, 3] is HelpSteer2's.",
    )
    values: dict[str, Outcome | Annotated[float, Field(ge=-1, le=1)]] = Field(
        default={},
        description="Label → outcome, or how strongly: from 1 for a to -1 for b. Compared as text; '' stands for null.",
    )
    scores: list[Path] | Path | None = None
    lower_is_better: bool = False
    always: Outcome | None = None
    flags: dict[Outcome, Path] = Field(
        default={}, description="Outcome → a column that is 1, true or yes if it holds; none or several: invalid."
    )
    pick: Path | None = None
    is_optional: bool = Field(
        default=False, description="A row without the column, or with null in it, is not judged and not set aside."
    )
    of_parts: bool = Field(
        default=False,
        description="With `always`: a and b are places in the mapping's `responses`, and each response that part a "
        "gives is judged against each one of part b.",
    )
    a: int = Field(default=0, description="Index of response a among the row's responses.")
    b: int = Field(default=1, description="Index of response b among the row's responses.")
    strength: Path | None = Field(default=None, description="How strongly, as a number.")
    strength_signed: Literal["a", "b", "no"] = Field(
        default="no", description="'a': positive means a is better, 'b': positive means b, and it decides the outcome."
    )
    strength_max: float | None = Field(
        default=None,
        gt=0,
        description="The largest magnitude of `strength`, or of the gap of `scores`, whose strength is 1 without it.",
    )
    is_ratio: bool = Field(
        default=False, description="`strength` is a ratio of at least 1, and its logarithm counts; needs strength_max."
    )
    dimension: str | None = Field(
        default=None, description="The dimension, if not the winner's key: several pairs may be judged in one."
    )
    n_votes: Path | None = Field(default=None, description="How many people this one judgment sums up.")
    share_a: Path | None = Field(default=None, description="Share of those people who preferred a.")
    rationale: Path | None = None

    votes: VoteTable | None = Field(
        default=None, description="The votes that `values` or `scale` translate, if not those of `annotators`."
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.votes is not None and not self.is_voted:
            raise ValueError("a winner with votes of its own has no other way to say who is better")
        if sum(self._judges()) > 1:
            raise ValueError("a winner is only one of column, scores, always, flags, pick, or a signed strength")
        if self.is_voted and not self.values and self.scale is None:
            raise ValueError("a winner needs column, scores, always, or the values of the annotators' votes")
        if self.of_parts and self.always is None:
            raise ValueError("of_parts needs always: the two lists say who is better")
        if self.is_ratio and (self.strength is None or not self.strength_max or self.strength_max <= 1):
            raise ValueError("is_ratio needs strength, and a strength_max above 1")
        if self.column is not None and not self.values and self.scale is None:
            raise ValueError("a winner column needs values, for example {'A': a, 'B': b}, or a scale")
        if self.scale is not None and self.scale[0] == self.scale[1]:
            raise ValueError("a scale needs two different ends: [best for a, best for b]")
        return self

    @property
    def is_voted(self) -> bool:
        """True if nothing in the row itself judges, so that the annotators' votes do."""
        return not any(self._judges())

    def _judges(self) -> list[bool]:
        by_strength = self.strength is not None and self.strength_signed != "no"
        stated = [each is not None for each in (self.column, self.scores, self.always, self.pick)]
        return [*stated, bool(self.flags), by_strength]


class Mapping(Settings):
    """One kind of source row, said in paths. What no part of the mapping reads is kept in `records.extras`."""

    tree: Tree | None = None
    history: History | None = None
    thread: Thread | None = None
    parts: Parts | None = None
    group: Group | None = None
    wide: Wide | None = None
    rounds: Rounds | None = None
    captures: list[Capture] = []
    prompt: Prompt | None = None
    system: Path | None = None
    responses: list[Response] = []
    winner: dict[str, Winner] = Field(default={}, description="Dimension → judgment.")
    rankings: dict[str, Ranking] = {}
    annotators: Path | list[Path] | VoteTable | None = Field(
        default=None,
        description="One column; several columns with a vote each (the winner's `values` translate them); or a table.",
    )
    ratings: dict[str, Rating] = Field(default={}, description="Dimension → grade.")
    labels: list[Label] = []
    feedback: list[Feedback] = []
    reviews: list[Reviews] = Field(default=[], description="What several people say, each in an element of a list.")
    id: Path | None = Field(default=None, description="The source's own key of a row.")
    conversation: Path | None = None
    language: Path | None = None
    license: Path | LicenseColumn | None = None
    split: Path | None = None
    references: list[Reference] = Field(default=[], description="Where media lie that rows call something else.")
    modality: Modality | None = Field(
        default=None, description="What media are whose bytes are not there and whose names do not tell."
    )
    private: list[Path] = Field(default=[], description="Further personal names to pseudonymise, besides annotators.")
    path_pattern: str | None = Field(
        default=None,
        description="A regular expression on the file's path; its named groups dimension, split, language, license, "
        "generator, annotator, modality fill what the row does not say.",
    )

    @model_validator(mode="before")
    @classmethod
    def _accept_short_forms(cls, given: object) -> object:
        """`prompt: question`, `responses: [x, y]` and `winner: {column: …}` are short for the full models."""
        return _expand(given) if isinstance(given, dict) else given

    @model_validator(mode="after")
    def _has_judges(self) -> Self:
        """Votes need annotators, and a judgment needs the responses that it names."""
        has_votes = isinstance(self.annotators, list | VoteTable)
        for dimension, winner in self.winner.items():
            if winner.is_voted and winner.votes is None and not has_votes:
                raise ValueError(f"winner {dimension}: say column, scores or always; no annotators vote here")
            if winner.a == winner.b or min(winner.a, winner.b) < 0:
                raise ValueError(f"winner {dimension}: a and b are the places, from 0, of two different responses")
            is_fixed = winner.of_parts or all(response.each is None for response in self.responses)
            if is_fixed and winner.pick is None and max(winner.a, winner.b) >= len(self.responses):
                raise ValueError(f"winner {dimension}: the mapping has {len(self.responses)} responses, count from 0")
        if self._has_captured_names():
            raise ValueError("names inside a text cannot get pseudonyms: annotators and private take columns")
        if has_votes and not any(winner.is_voted and winner.votes is None for winner in self.winner.values()):
            raise ValueError("annotators vote, but no winner has only values to translate their votes")
        return self

    def _has_captured_names(self) -> bool:
        said = [self.annotators] if isinstance(self.annotators, str) else []
        said += [block.annotator for block in self.reviews if block.annotator is not None]
        return any(path.startswith("captured.") for path in [*said, *self.private])

    @property
    def unfolds(self) -> bool:
        """True if a row can be several records, so that paths do not start at the row."""
        return self.shape is not None

    @property
    def shape(self) -> Settings | None:
        """How rows are packed, if not one record in each."""
        return next(iter(self._shapes), None)

    @property
    def _shapes(self) -> list[Settings]:
        shapes = (self.tree, self.history, self.thread, self.parts, self.group, self.wide, self.rounds)
        return [shape for shape in shapes if shape is not None]

    @model_validator(mode="after")
    def _has_responses(self) -> Self:
        """A prompt that stands inside the responses needs some."""
        if len(self._shapes) > 1:
            raise ValueError("rows are only one of tree, history, thread, parts, group, wide, rounds")
        prompt = self.prompt
        if prompt is not None and (prompt.implicit or prompt.transcript) and not self.responses:
            raise ValueError("a prompt that the responses hold needs responses")
        return self

    @model_validator(mode="after")
    def _has_a_pattern(self) -> Self:
        """The pattern compiles and names only what a path can say."""
        if self.path_pattern is None:
            return self
        try:
            groups = set(re.compile(self.path_pattern).groupindex)
        except re.error as error:
            raise ValueError(f"path_pattern is no regular expression: {error}") from error
        known = {"dimension", "split", "language", "license", "generator", "annotator", "modality"}
        if not groups or groups - known:
            raise ValueError(
                f"path_pattern needs named groups, such as (?P<split>…), out of {', '.join(sorted(known))}"
            )
        return self


def _expand(given: dict[str, object]) -> dict[str, object]:
    full = dict(given)
    prompt = full.get("prompt")
    if isinstance(prompt, str):
        full["prompt"] = {"template": prompt} if "{" in prompt else {"columns": [prompt]}
    elif isinstance(prompt, list):
        full["prompt"] = {"columns": prompt}
    responses = full.get("responses")
    if isinstance(responses, str | dict):
        responses = [responses]
    if isinstance(responses, list):
        full["responses"] = [{"text": each} if isinstance(each, str) else each for each in responses]
    for name, model in (("winner", Winner), ("rankings", Ranking), ("ratings", Rating)):
        part = full.get(name)
        if isinstance(part, dict) and part and set(part) <= set(model.model_fields):
            full[name] = {"overall": part}
    return full
