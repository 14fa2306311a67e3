"""Conversations written as one text: hh-rlhf's `Human:` and `Assistant:` turns, and the `## ` headings of DSP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tasks.ingest.facts.messages import Message

_MARKERS: Final = {
    "hh": re.compile(r"\n\n(Human|Assistant):[ \n]?"),
    "dsp": re.compile(r"\n\n(?:## )?(Human|Assistant):[ \n]?"),
}
_ROLES: Final = {"Human": "user", "Assistant": "assistant"}
_NAMES: Final = {role: name for name, role in _ROLES.items()}
STYLES: Final = ("hh", "headed")


def turns_of(text: str, style: str) -> list[Message] | None:
    """Take a transcript apart into its turns; none if anything stands before the first one."""
    # A marker at the very start may lack its blank line; looking for either form everywhere is slow.
    pieces = _MARKERS[style].split(text if text.startswith("\n\n") else "\n\n" + text)
    if len(pieces) < 3 or pieces[0].strip():
        return None
    return [
        {"role": _ROLES[name], "content": content} for name, content in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def joined(prompt: Sequence[Message], answer: str, style: str) -> str:
    """Write the transcript of a prompt and its answer: `hh` as in hh-rlhf, `headed` with DSP's headings."""
    turns = [(_NAMES.get(turn["role"], turn["role"]), turn["content"]) for turn in prompt]
    turns.append(("Assistant", answer))
    if style == "hh":
        return "".join(f"\n\n{name}: {content}" for name, content in turns)
    return "\n\n".join(f"## {name}:\n{content}" for name, content in turns)
