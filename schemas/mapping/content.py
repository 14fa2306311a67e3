"""Parts of the mapping language for what was asked and answered: words, and media beside them."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.mapping.paths import HOLE, Path, steps
from schemas.stage import Settings

WITHOUT = "A regular expression: what it finds is left out of the text, such as marks that annotators put in."


class Prompt(Settings):
    """Where the prompt is. Exactly one part says it; a bare path means `columns`."""

    columns: list[Path] = Field(default=[], description="Texts, joined by a blank line; nulls are left out.")
    template: str | None = Field(default=None, description="Text with {path} in it, for example '{title}\\n\\n{body}'.")
    messages: Path | None = Field(default=None, description="A list of messages; see role_key and content_key.")
    role_key: str = Field(default="role", description="Key of a message's role; ShareGPT says 'from'.")
    content_key: str = Field(default="content", description="Key of a message's text; ShareGPT says 'value'.")
    transcript: Literal["hh", "dsp"] | None = Field(
        default=None,
        description="The prompt is the part that the responses' transcripts share: 'hh' for '\\n\\nHuman:' and "
        "'\\n\\nAssistant:' turns, 'dsp' for '## Human:' turns as well.",
    )
    implicit: bool = Field(
        default=False, description="The prompt is the longest shared prefix of the responses' message lists."
    )
    dialogue: Path | None = Field(
        default=None,
        description="A text of '\\n\\nHuman:' and '\\n\\nAssistant:' turns, an open one of the assistant at its end.",
    )
    history: Path | None = Field(
        default=None,
        description="With `columns`: earlier turns, as a list of [question, answer], which go before the prompt.",
    )
    without: str | None = Field(default=None, description=WITHOUT)
    media: list[Path] = Field(
        default=[], description="Beside the text: pictures, sounds or videos, as bytes, paths or lists of them."
    )
    masks: list[Path] = Field(default=[], description="Pictures that say which part of the prompt's picture is meant.")
    turns: Path | None = Field(
        default=None,
        description="How many turns of the user the responses' message lists count; what comes later was not judged.",
    )

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        given = [bool(self.columns), self.template is not None, self.messages is not None]
        given += [self.transcript is not None, self.implicit, self.dialogue is not None]
        if sum(given) != 1 and not (sum(given) == 0 and self.media):
            raise ValueError(
                "a prompt is exactly one of columns, template, messages, transcript, implicit, dialogue, or media alone"
            )
        if self.history is not None and not self.columns:
            raise ValueError("a history goes before the prompt that columns hold")
        _check_pattern(self.without)
        if self.turns is not None and not self.implicit:
            raise ValueError("turns cuts message lists whose prompt is implicit")
        for path in HOLE.findall(self.template or ""):
            steps(path)
        return self

    @property
    def has_words(self) -> bool:
        """True if words of its own are the prompt: not media alone, nor what the responses begin with."""
        return bool(self.columns) or (self.template or self.messages or self.dialogue) is not None


class Response(Settings):
    """One response column, or several responses in a list (`each`)."""

    text: Path | None = Field(default=None, description="Text, or messages whose last turns are the text.")
    media: Path | None = Field(default=None, description="Bytes or a path of a picture, a sound or a video, or a list.")
    media_name: str | None = Field(
        default=None,
        description="What a medium is called that no column names, with {path} in it: '{uid}/left.png'.",
    )
    generator: str | None = Field(default=None, description="Path of the model or person that wrote it.")
    generator_name: str | None = Field(default=None, description="The generator's name, if no column says it.")
    each: Path | None = Field(default=None, description="A list; the other paths start at its elements.")
    is_media: bool = Field(default=False, description="With `each` alone: its elements are media, not texts.")
    without: str | None = Field(default=None, description=WITHOUT)

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        _check_pattern(self.without)
        content = (self.text, self.media, self.media_name)
        if content == (None, None, None) and self.each is None:
            raise ValueError("a response needs text, media, media_name or each")
        if self.is_media and (self.each is None or content != (None, None, None)):
            raise ValueError("is_media says what the elements of each are: leave out text, media and media_name")
        for path in HOLE.findall(self.media_name or ""):
            steps(path)
        return self

    @property
    def has_media(self) -> bool:
        """True if the response can be a medium."""
        return self.is_media or self.media is not None or self.media_name is not None


def _check_pattern(pattern: str | None) -> None:
    try:
        re.compile(pattern or "")
    except re.error as error:
        raise ValueError(f"without is no regular expression: {error}") from error
