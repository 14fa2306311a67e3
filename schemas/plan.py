"""The plan: everything a curation run is told, as one validated model. Unknown keys are refused."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import PurePath
from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from schemas.export import Export
from schemas.layout import Layout
from schemas.mapping import Mapping, Path
from schemas.push import Push
from schemas.semantic import PinnedTextModel, Semantic
from schemas.stage import Settings
from schemas.training import Train

_DAYS = re.compile(r"[1-9]\d{0,4} days?")


def retention(said: int | str) -> int | timedelta:
    """Read a valid `keep_snapshots`: a number of snapshots, or of days."""
    return said if isinstance(said, int) else timedelta(days=int(said.split()[0]))


class Hub(Settings):
    """A dataset on the Hugging Face Hub. Without `revision`, the newest commit is resolved and recorded."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    files: str | None = Field(default=None, description="A glob over the repository's files.")


class Keys(Settings):
    """Where a join finds its keys, if a row has several or one of several values: {here: [winner, loser], there: id}.

    Each element of `here` is the key of another row of the second file; an element that is a list is one key of
    several values, and then so is `there`.
    """

    here: list[list[Path]] = Field(min_length=1)
    there: list[Path] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _accept_single_paths(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        here, there = given.get("here"), given.get("there")
        keys = [here] if isinstance(here, str) else here
        keys = [[key] if isinstance(key, str) else key for key in keys] if isinstance(keys, list) else keys
        return {**given, "here": keys, "there": [there] if isinstance(there, str) else there}

    @model_validator(mode="after")
    def _are_alike(self) -> Self:
        if any(len(key) != len(self.there) for key in self.here):
            raise ValueError(f"each key in `here` needs {len(self.there)} paths, as many as `there` has")
        return self


class Join(Settings):
    """A second file whose rows belong to the rows of the first: they arrive as a list in the column `into`.

    If a row has several keys, that is a list of lists, one a key.
    """

    path: str = Field(description="A file or a glob, relative to the plan.")
    on: Path | tuple[Path, Path] | Keys = Field(
        description="A path in the rows of both files, or [path here, path there], or {here: …, there: …} for several "
        "keys. Equal values match, compared as text: 1 and '1' are equal; null and '' match nothing."
    )
    into: str = Field(default="joined", min_length=1)
    layout: Layout | None = None

    @property
    def keys(self) -> Keys:
        """Where the rows of the two files hold their keys."""
        if isinstance(self.on, Keys):
            return self.on
        here, there = (self.on, self.on) if isinstance(self.on, str) else self.on
        return Keys(here=[[here]], there=[there])


class Source(Settings):
    """One source: files or a Hub dataset, and how to read them."""

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    path: str | None = Field(default=None, description="A file or a glob, relative to the plan.")
    hub: Hub | None = None
    adapter: str | None = Field(default=None, description="A built-in adapter's name; recognised by columns if absent.")
    mapping: Mapping | None = None
    layout: Layout | None = Field(default=None, description="What a file does not say of itself: columns, encoding.")
    join: Join | None = None
    dimension: str | None = Field(default=None, description="Names the judgments that the file itself does not name.")
    license: str | None = None
    split: str | None = Field(default=None, description="The upstream split, if only the path knows it.")
    evaluation_only: bool | None = Field(
        default=None, description="Never train on it; by default true for rows whose upstream split is test."
    )
    optional: bool = Field(default=False, description="Skip the source quietly if its files are absent.")
    limit: PositiveInt | None = Field(default=None, description="Only the first rows, counted over all files.")

    @model_validator(mode="after")
    def _has_one_place(self) -> Self:
        if (self.path is None) == (self.hub is None):
            raise ValueError("a source needs exactly one of path and hub")
        if self.adapter is not None and self.mapping is not None:
            raise ValueError("a source takes adapter or mapping, not both")
        if self.mapping is not None and self.mapping.group is not None and self.join is not None:
            raise ValueError("rows that are grouped take no join")
        return self


class Near(Settings):
    """When two texts are nearly the same: by the Jaccard similarity of their sets of shingles."""

    threshold: float = Field(default=0.8, ge=0.5, le=1.0, description="The least similarity.")
    ngram: PositiveInt = Field(default=5, le=100, description="The tokens of a shingle.")


class Dedupe(Settings):
    """How copies and contradictions are settled. Exact and normalised copies are always found."""

    near: Near | None = Field(default=Near(), description="Near copies; null turns the search for them off.")
    semantic: Semantic | None = Field(default=None, description="Pairs that mean the same; needs `models.text`.")

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
        return [_named({"path": each} if isinstance(each, str) else each) for each in given]


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


class Plan(Settings):
    """One dataset: what goes in, what counts as the same, what is dropped, how it is split."""

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    keep_snapshots: PositiveInt | str = Field(
        default=10, description="How many snapshots stay, or how long: '30 days'. The newest one always stays."
    )
    keep_models: PositiveInt = Field(
        default=5, description="How many models of each kind of training stay; the newest one always stays."
    )
    sources: list[Source] = Field(min_length=1)
    dedupe: Dedupe = Dedupe()
    resolve: Resolve = Resolve()
    rules: list[Rule] = []
    decontaminate: Decontaminate | None = None
    metrics: list[str] = Field(default=[], description="Metrics that are wanted as columns without a rule.")
    models: Models = Models()
    guards: Guards = Guards()
    split: Split = Split()
    export: list[Export] = []
    push: Push | None = Field(default=None, description="Where `winnow push --plan` pushes to; a run pushes nothing.")
    train: Train = Train()
    runner: Runner = Runner()

    @model_validator(mode="before")
    @classmethod
    def _name_sources(cls, given: object) -> object:
        """Sources without a name take the name of their file or folder."""
        if not isinstance(given, dict) or not isinstance(given.get("sources"), list):
            return given
        named = [_named(source) for source in given["sources"]]
        return {**given, "sources": named}

    @field_validator("keep_snapshots")
    @classmethod
    def _is_number_or_days(cls, given: int | str) -> int | str:
        if isinstance(given, str) and _DAYS.fullmatch(given) is None:
            raise ValueError("say how many snapshots stay, such as 10, or for how long, such as '30 days'")
        return given

    @property
    def keep(self) -> int | timedelta:
        """How many snapshots stay, or for how long."""
        return retention(self.keep_snapshots)

    @field_validator("sources")
    @classmethod
    def _have_different_names(cls, sources: list[Source]) -> list[Source]:
        names = [source.name for source in sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sources are called {', '.join(twice)}: give each a name of its own")
        return sources

    @field_validator("rules")
    @classmethod
    def _rules_have_different_names(cls, rules: list[Rule]) -> list[Rule]:
        names = [rule.name for rule in rules]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two rules are called {', '.join(twice)}")
        return rules

    @field_validator("export")
    @classmethod
    def _exports_go_to_different_folders(cls, exports: list[Export]) -> list[Export]:
        folders = [PurePath(export.out) for export in exports]
        twice = sorted({str(folder) for folder in folders if folders.count(folder) > 1})
        if twice:
            raise ValueError(f"two exports go to {', '.join(twice)}: give each a folder of its own")
        return exports

    @model_validator(mode="after")
    def _exports_name_known_splits(self) -> Self:
        # Data for evaluation only is in the split `test`, whatever the shares are called.
        known = {*self.split.shares, "test"}
        unknown = sorted({split for export in self.export for split in export.splits} - known)
        if unknown:
            raise ValueError(f"an export asks for the split {unknown[0]}; there are {', '.join(sorted(known))}")
        return self


def _named(source: object) -> object:
    if not isinstance(source, dict) or "name" in source:
        return source
    if isinstance(source.get("hub"), dict):
        return {**source, "name": str(source["hub"].get("repo", "")).split("/")[-1]}
    # What comes after a "!" lies inside an archive.
    place = str(source.get("path", "")).partition("!")[0]
    parts = [part for part in place.split("/") if part not in ("", ".", "..")]
    plain = [part for part in parts if not any(sign in part for sign in "*?[")]
    last = plain[-1] if plain else "source"
    is_folder = bool(parts) and parts[-1] != last
    return {**source, "name": last if is_folder else last.split(".")[0]}
