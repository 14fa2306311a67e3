"""Conversations: lists of messages in the spellings that sources use, and the one text that stands for them.

The text of a conversation is its only user turn, bare; or else its turns as `role: content`, joined by a blank line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tasks.ingest.rows.jsontext import decoded

Message = dict[str, str]

ROLES: Final = {
    "human": "user",
    "prompter": "user",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
}
_KEYS: Final = (("role", "content"), ("from", "value"), ("role", "text"), ("role", "value"))


def as_messages(value: Any, keys: tuple[str, str] = _KEYS[0]) -> list[Message] | None:
    """Read a message, a list of messages, or JSON text of either; none if `value` is something else.

    `keys` name a message's role and content; the usual spellings are understood besides.
    """
    if isinstance(value, str):
        value = decoded(value)
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list) or not value:
        return None
    read = [_message(each, keys) for each in value]
    found = [each for each in read if each is not None]
    return found if len(found) == len(read) else None


def _message(value: Any, keys: tuple[str, str]) -> Message | None:
    if not isinstance(value, dict):
        return None
    for role_key, content_key in (keys, *_KEYS):
        role, content = value.get(role_key), _content(value.get(content_key))
        if isinstance(role, str) and content is not None:
            plain = role.strip().lower()
            return {"role": ROLES.get(plain, plain), "content": content}
    return None


def _content(value: Any) -> str | None:
    """Text stays text; of a list of parts, the texts are joined by line breaks."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return None
    texts = [part.get("text", part.get("value")) if isinstance(part, dict) else part for part in value]
    return "\n".join(text for text in texts if isinstance(text, str))


def text_of(messages: Sequence[Message]) -> str:
    """Write a conversation as one text: a single user turn bare, several turns with their roles."""
    if len(messages) == 1 and messages[0]["role"] == "user":
        return messages[0]["content"]
    return "\n\n".join(f"{message['role']}: {message['content']}" for message in messages)


def answer_of(messages: Sequence[Message]) -> str:
    """Write a response as one text: a single assistant turn bare, several turns with their roles."""
    if len(messages) == 1 and messages[0]["role"] == "assistant":
        return messages[0]["content"]
    return text_of(messages) if messages else ""


def without_system(messages: Sequence[Message]) -> tuple[str | None, list[Message]]:
    """Take the leading system message, if there is one, off a conversation."""
    if messages and messages[0]["role"] == "system":
        return messages[0]["content"], list(messages[1:])
    return None, list(messages)


def shared_prefix(conversations: Sequence[Sequence[Message]]) -> int:
    """Count the turns that all `conversations` begin with, back to the last one that is a user's."""
    shortest = min(len(each) for each in conversations)
    first = conversations[0]
    length = 0
    while length < shortest and all(each[length] == first[length] for each in conversations):
        length += 1
    while length and first[length - 1]["role"] != "user":
        length -= 1
    return length
