"""The plan: everything a curation run is told, as one validated model. Unknown keys are refused."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from schemas.mapping import Mapping, Path
from schemas.stage import Settings


class Hub(Settings):
    """A dataset on the Hugging Face Hub. Without `revision`, the newest commit is resolved and recorded."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    files: str | None = Field(default=None, description="A glob over the repository's files.")


class Join(Settings):
    """A second file whose rows belong to the rows of the first: they arrive as a list in the column `into`."""

    path: str = Field(description="A file or a glob, relative to the plan.")
    on: Path | tuple[Path, Path] = Field(
        description="A path in the rows of both files, or [path here, path there]. Equal values match, compared as "
        "text: 1 and '1' are equal; null and '' match nothing."
    )
    into: str = Field(default="joined", min_length=1)

    @property
    def here(self) -> str:
        """Where the rows of the main file hold the key."""
        return self.on if isinstance(self.on, str) else self.on[0]

    @property
    def there(self) -> str:
        """Where the rows of the second file hold the key."""
        return self.on if isinstance(self.on, str) else self.on[1]


class Source(Settings):
    """One source: files or a Hub dataset, and how to read them."""

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    path: str | None = Field(default=None, description="A file or a glob, relative to the plan.")
    hub: Hub | None = None
    adapter: str | None = Field(default=None, description="A built-in adapter's name; recognised by columns if absent.")
    mapping: Mapping | None = None
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
        return self


class Dedupe(Settings):
    """How copies and contradictions are settled. Exact and normalised copies are always found."""

    contradictions: Literal["keep", "drop", "majority"] = Field(
        default="majority",
        description="Pairs with votes both ways: 'majority' keeps the winner of the votes and drops even ones, 'keep' "
        "keeps even ones as ties, 'drop' drops them all.",
    )
    keep: Literal["first", "most_votes", "longest"] = Field(default="first", description="Which copy survives.")


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
    keep_snapshots: PositiveInt = 10
    sources: list[Source] = Field(min_length=1)
    dedupe: Dedupe = Dedupe()
    resolve: Resolve = Resolve()
    rules: list[Rule] = []
    guards: Guards = Guards()
    split: Split = Split()
    runner: Runner = Runner()

    @model_validator(mode="before")
    @classmethod
    def _name_sources(cls, given: object) -> object:
        """Sources without a name take the name of their file or folder."""
        if not isinstance(given, dict) or not isinstance(given.get("sources"), list):
            return given
        named = [_named(source) for source in given["sources"]]
        return {**given, "sources": named}

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


def _named(source: object) -> object:
    if not isinstance(source, dict) or "name" in source:
        return source
    if isinstance(source.get("hub"), dict):
        return {**source, "name": str(source["hub"].get("repo", "")).split("/")[-1]}
    parts = [part for part in str(source.get("path", "")).split("/") if part not in ("", ".", "..")]
    plain = [part for part in parts if not any(sign in part for sign in "*?[")]
    last = plain[-1] if plain else "source"
    is_folder = bool(parts) and parts[-1] != last
    return {**source, "name": last if is_folder else last.split(".")[0]}
