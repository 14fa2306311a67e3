"""The plan: everything a curation run is told, as one validated model. Unknown keys are refused."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import PurePath
from typing import Self

from pydantic import Field, PositiveInt, field_validator, model_validator

from schemas.plan.curation import Decontaminate, Dedupe, Guards, Models, Resolve, Rule, Runner, Split
from schemas.plan.export import Export
from schemas.plan.media import Media
from schemas.plan.push import Push
from schemas.plan.sources import Source, with_name
from schemas.plan.train.training import Train
from schemas.stage import Settings

_DAYS = re.compile(r"[1-9]\d{0,4} days?")


def retention(said: int | str) -> int | timedelta:
    """Read a valid `keep_snapshots`: a number of snapshots, or of days."""
    return said if isinstance(said, int) else timedelta(days=int(said.split()[0]))


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
    media: Media = Media()
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
        named = [with_name(source) for source in given["sources"]]
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
