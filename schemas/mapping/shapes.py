"""Parts of the mapping language for rows in which a value stands in an odd place: histories, captures, licences."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.mapping.paths import Path
from schemas.stage import Settings

Outcome = Literal["a", "b", "tie", "both_bad", "invalid"]
Target = Literal["prompt", "response", "record", "media"]


class History(Settings):
    """Rows that are conversations in which several answers stood side by side at each turn: one record a turn.

    Paths of the mapping then start at `{messages, replies, node, row}`: what was said up to the turn and the user's
    message itself, the answers of the turn, that message, and the whole row. The chosen answer goes on to the next
    turn.
    """

    turns: Path = Field(description="The list of all messages, answers included.")
    turn: str = Field(default="turn", description="Key of the number of a message's turn.")
    role: str = Field(default="role", description="Key of a message's role.")
    text: str = Field(default="content", description="Key of a message's text.")
    chosen: str = Field(default="if_chosen", description="Key of whether the user chose this answer.")


class Thread(Settings):
    """Rows that are single messages of trees, each with all messages of its tree beside it, as a join gives them.

    Paths of the mapping then start at `{messages, replies, node, row}`: the ancestors and the message itself as role
    and content, the ranked answers to it, the message, and the whole row.
    """

    messages: Path = Field(default="joined", description="The list of all messages of the row's tree.")
    id: str = Field(default="message_id", description="Key of a message's own key.")
    parent: str = Field(default="parent_id", description="Key of the key of the message before it.")
    text: str = Field(default="text", description="Key of a message's text.")
    role: str = Field(default="role", description="Key of a message's role.")
    rank: str = Field(default="rank", description="Key of a message's rank among the answers to one message.")


class Tree(Settings):
    """Rows that are trees of messages. Every message with two or more ranked assistant replies is one record.

    Paths of the mapping then start at `{messages, replies, node, row}`: the ancestors and the message itself as role
    and content, its ranked replies, the message, and the whole row. A tree without such a message is one record of
    its root and the root's replies.
    """

    root: Path
    replies: str = Field(default="replies", description="Key of a message's replies.")
    text: str = Field(default="text", description="Key of a message's text.")
    role: str = Field(default="role", description="Key of a message's role.")
    rank: str = Field(default="rank", description="Key of a message's rank among its siblings.")
    id: str = Field(default="message_id", description="Key of a message's own key.")


class Parts(Settings):
    """Rows that hold several records in a list, or in an object by their keys: one record an element.

    Paths of the mapping then start at `{part, row}`: the element and the whole row.
    """

    each: Path


class Group(Settings):
    """Rows that only make sense together: those of a file with equal values at `by` are one record.

    Paths of the mapping then start at `{row, rows, answers}`: the first of the rows, all of them, and one
    `{row, rows}` for each set of them with equal values at `answer`. A file is read whole for it.
    """

    by: list[Path] = Field(min_length=1, description="What tells the records apart, in a row.")
    answer: list[Path] = Field(min_length=1, description="What tells the responses of a record apart, in a row.")


class Wide(Settings):
    """Rows with a column for each response, named after what made it: one record a row.

    Paths of the mapping then start at `{cells, row}`: the columns that `besides` does not name, each as `{key, value,
    row}` if it holds something, and the whole row.
    """

    besides: list[str] = Field(min_length=1, description="The columns that are no responses.")


class Rounds(Settings):
    """Rows that are conversations of rounds, each a question with its answer: one record a row.

    Paths of the mapping then start at `{messages, media, last, row}`: what was said up to the last question as role
    and content, the media in it, the last round, and the whole row.
    """

    each: Path = Field(description="The list of rounds.")
    last: Path | None = Field(
        default=None, description="The round after those of the list, if the last of the list is not the one judged."
    )
    question: Path = Field(default="prompt", description="Path of the question in a round.")
    answer: Path = Field(default="response", description="Path of the answer in a round.")
    question_media: Path | None = Field(default=None, description="Path of the media in the question.")
    answer_media: Path | None = Field(default=None, description="Path of the media in the answer.")
    number: Path = Field(default="round", description="Path of a round's number.")
    first: int = Field(default=1, description="Rounds with a smaller number are left out.")


class Reference(Settings):
    """How what a row calls a medium becomes a path below the media's root: what `pattern` finds is replaced."""

    pattern: str = Field(description="A regular expression on what the row says.")
    path: str = Field(description="What takes its place; \\1 and \\g<0> stand for what was found.")

    @model_validator(mode="after")
    def _is_a_replacement(self) -> Self:
        try:
            re.compile(self.pattern).sub(self.path, "")
        except (re.error, IndexError) as error:
            raise ValueError(f"pattern and path are no replacement: {error}") from error
        return self


class Capture(Settings):
    """Values inside a text: where `pattern` is found, its named groups are at `captured.NAME`, null where it is not."""

    path: Path
    pattern: str = Field(description="A regular expression with named groups; '.' stands for line breaks as well.")

    @model_validator(mode="after")
    def _names_groups(self) -> Self:
        try:
            groups = re.compile(self.pattern).groupindex
        except re.error as error:
            raise ValueError(f"pattern is no regular expression: {error}") from error
        if not groups:
            raise ValueError("pattern needs named groups, such as (?P<score>\\d+)")
        return self


class LicenseColumn(Settings):
    """The licence follows from a column: its value is looked up, and a value that is not listed says nothing."""

    column: Path
    values: dict[str, str] = Field(min_length=1, description="Value, compared as text → licence.")
