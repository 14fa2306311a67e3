"""A published set in small: rows in its layout, in words of our own, and the truth that was planted in them."""

from typing import Any, NamedTuple

LONG = "A lamp on the left gives light to the whole room, and more than a candle on the right does."
SHORT = "On the right, I would say."
ASKED = "Where does the lamp stand in this old and narrow room?"


class Published(NamedTuple):
    """Rows of one set and what the fact tables must say of them.

    `comparisons` are (dimension, outcome, strength), with the places of a and b where these are not 0 and 1. `ratings`
    are (dimension, value), `labels` (label, value), `feedback` (kind, beginning of the text), all in the order of the
    rows; `texts` are the beginnings of the responses. What is not given must not be there.
    `attached` are (where, which) in the order of the rows: where is `prompt`, `mask` or the place of a response, which the
    name of a file of `media.files`, or how the row calls the medium.
    A set that `quotes` holds its texts once more inside others.
    """

    adapter: str
    rows: list[dict[str, Any]]
    texts: list[str | None]
    comparisons: list[tuple[Any, ...]] = []
    ratings: list[tuple[Any, ...]] = []
    labels: list[tuple[Any, ...]] = []
    feedback: list[tuple[Any, ...]] = []
    rankings: list[tuple[Any, ...]] = []
    prompts: list[str] | None = None
    license: Any = None
    commercial_ok: Any = None
    evaluation_only: bool = False
    split: Any = None
    names: list[str] = []
    attached: list[tuple[Any, str]] = []
    file: str = "rows.jsonl"
    quotes: bool = False


def message(role, content):
    return {"role": role, "content": content}


def said(role, value):
    """A message as ShareGPT writes it."""
    return {"from": role, "value": value}


def talk(*texts):
    """Messages of a user and an assistant in turn."""
    return [message("assistant" if at % 2 else "user", text) for at, text in enumerate(texts)]
