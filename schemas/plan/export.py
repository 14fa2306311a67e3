"""What an export is asked for: which trainer's files, of which pairs, where to."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.stage import Settings

Target = Literal["trl", "align-anything", "safesora", "llama-factory", "openrlhf"]
Form = Literal["preference", "implicit", "unpaired", "prompt-only"]
FileFormat = Literal["parquet", "jsonl"]

# The forms that each trainer can load; its other trainers read files of another make.
FORMS: dict[Target, tuple[Form, ...]] = {
    "trl": ("preference", "implicit", "unpaired", "prompt-only"),
    "align-anything": ("preference", "prompt-only"),
    "safesora": ("preference",),
    "llama-factory": ("preference", "unpaired"),
    "openrlhf": ("preference", "implicit", "prompt-only"),
}
EVERY_DIMENSION = "*"


class Export(Settings):
    """Files that a trainer loads as they are, of the kept pairs of some splits."""

    to: Target
    out: str = Field(min_length=1, description="A folder, relative to the plan; replaced if it is an older export.")
    form: Form = "preference"
    splits: list[str] = Field(default=[], description="All splits if none is named.")
    dimension: str | None = Field(
        default=None, description="Needed where the pairs have several; '*' takes them all, with a column `dimension`."
    )
    format: FileFormat = "parquet"

    @model_validator(mode="after")
    def _is_a_form_of_the_target(self) -> Self:
        if self.form not in FORMS[self.to]:
            known = " and ".join(FORMS[self.to])
            raise ValueError(f"{self.to} cannot load the form {self.form}: it takes {known}")
        if self.to == "safesora" and self.format != "parquet":
            raise ValueError("safesora has a format of its own, config-SPLIT.json.gz: leave the format out")
        return self
