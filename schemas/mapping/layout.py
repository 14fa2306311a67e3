"""What a file does not say of itself."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.stage import Settings

LINED = ("jsonl", "csv", "tsv", "txt")


class Layout(Settings):
    """How a file is to be read where its name and its first row do not tell."""

    format: Literal["jsonl", "json", "csv", "tsv", "txt", "webdataset"] | None = Field(
        default=None,
        description="The kind of file, if its name says another: a `.txt` may hold tabs, and a `.tar` samples of "
        "WebDataset, whose members with one stem are a row.",
    )
    columns: tuple[str, ...] | None = Field(
        default=None, min_length=1, description="The names of the columns of a csv, tsv or xlsx file without a header."
    )
    encoding: Literal["utf-8", "latin-1", "cp1252"] = Field(
        default="utf-8", description="How the text of a csv, tsv, jsonl or txt file is written."
    )
    sheet: str | None = Field(default=None, description="The sheet of an xlsx file; the first one if absent.")

    @model_validator(mode="after")
    def _has_different_columns(self) -> Self:
        twice = sorted({name for name in self.columns or () if (self.columns or ()).count(name) > 1})
        if twice:
            raise ValueError(f"columns names {', '.join(twice)} twice")
        return self

    def misfit(self, form: str) -> str | None:
        """Say what cannot be said of a file of the format `form`, if anything."""
        if self.columns is not None and form not in ("csv", "tsv", "xlsx"):
            return "only csv, tsv and xlsx files have columns to name"
        if self.encoding != "utf-8" and form not in LINED:
            return f"only {', '.join(LINED)} files may have another encoding than utf-8"
        return "only xlsx files have sheets" if self.sheet is not None and form != "xlsx" else None
