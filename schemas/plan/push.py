"""What is pushed to the Hugging Face Hub: where to, which tables, and the columns of a pair there."""

from __future__ import annotations

import re
from typing import Literal

import pyarrow as pa
from pydantic import Field, field_validator

from schemas.stage import Settings
from schemas.tables import DERIVED, MESSAGES

# Tables that may go beside the pairs. The last three hold what is withheld unless it is named: who judged, and rows as
# the sources have them.
Beside = Literal["metrics", "contradictions", "decisions", "annotators", "comparisons", "rows"]
# `metrics` and `comparisons` have the splits of the pairs; the rows of the others may belong to several or to none.
WHOLE = "full"

_OF_PAIR = DERIVED["pairs"]
PUSHED_PAIRS = pa.schema(
    [
        _OF_PAIR.field("pair_id"),
        _OF_PAIR.field("prompt"),
        ("prompt_messages", MESSAGES),
        ("system", pa.string()),
        _OF_PAIR.field("chosen"),
        _OF_PAIR.field("rejected"),
        *[_OF_PAIR.field(name) for name in ("margin", "tie", "n_votes", "agreement", "vote_share")],
        *[_OF_PAIR.field(name) for name in ("dimension", "source", "sources", "task", "language")],
        ("chosen_generator", pa.string()),
        ("rejected_generator", pa.string()),
        *[_OF_PAIR.field(name) for name in ("component_id", "license", "commercial_ok")],
    ]
)
# One sentence for each column, as the card tells it.
COLUMNS: dict[str, str] = {
    "pair_id": "The pair's id, the same in every snapshot.",
    "prompt": "The prompt as one text.",
    "prompt_messages": "The conversation before the answer, as messages with `role` and `content`.",
    "system": "The system message, if there is one.",
    "chosen": "The better answer; of a tie, one of the two.",
    "rejected": "The other answer.",
    "margin": "How clearly the better answer won, from 0 to 1.",
    "tie": "Whether the votes are even, so that neither answer is better.",
    "n_votes": "How many votes the judgment sums up.",
    "agreement": "The share of the votes that the outcome has.",
    "vote_share": "The share of the votes for the chosen answer; a tie is half a vote.",
    "dimension": "What was judged.",
    "source": "The source that the texts are from.",
    "sources": "All sources with a vote on the pair.",
    "task": "The task that the source names.",
    "language": "The language that the source names.",
    "chosen_generator": "Who wrote the better answer, if the source says so.",
    "rejected_generator": "Who wrote the other answer, if the source says so.",
    "component_id": "The group of related prompts; no group is in two splits.",
    "license": "The licence of this row: the strictest of all that went into it.",
    "commercial_ok": "Whether that licence allows commercial use; null if its name does not tell.",
}


class Push(Settings):
    """A repository of the Hub that is to hold a snapshot, and what of it."""

    repo: str = Field(pattern=r"^[\w.-]+/[\w.-]+$", description="OWNER/NAME of a dataset on the Hub.")
    private: bool = Field(default=False, description="Who may see a repository that does not exist yet.")
    branch: str = Field(default="main", pattern=r"^[\w./-]+$", description="Made if it does not exist.")
    tables: list[Beside] = Field(default=[], description="What is pushed beside the pairs.")
    allow_unknown_license: bool = Field(
        default=False, description="Push pairs of which nobody says, or no known name tells, what their licence allows."
    )
    withhold_forbidden: bool = Field(
        default=False, description="Leave out the pairs that may not be passed on, instead of refusing to push."
    )
    replace: bool = Field(default=False, description="Delete files of the repository that no push has written.")

    @field_validator("branch")
    @classmethod
    def _is_a_branch(cls, branch: str) -> str:
        if re.fullmatch(r"[0-9a-f]{40}", branch):
            raise ValueError("a commit cannot be pushed to: name a branch")
        return branch
