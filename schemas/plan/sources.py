"""Sources of a plan: where rows come from and how they are read."""

from __future__ import annotations

from typing import Self

from pydantic import Field, PositiveInt, model_validator

from schemas.mapping.layout import Layout
from schemas.mapping.mapping import Mapping
from schemas.mapping.paths import Path
from schemas.stage import Settings


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
    media: str | list[str] | Hub | None = Field(
        default=None,
        description="Where the media lie that rows only name, if not at the plan's `media.root`; of a dataset of the "
        "Hub, which of its files are the archives, or which of another dataset: {repo, files}.",
    )
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


def with_name(source: object) -> object:
    """Give a source or a benchmark without a name that of its file, its folder or its dataset."""
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
