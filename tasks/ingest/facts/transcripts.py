"""Conversations written as one text: hh-rlhf's `Human:` and `Assistant:` turns, and the `## ` headings of DSP."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from tasks.ingest.facts.messages import Message

_MARKERS: Final = {
    "hh": re.compile(r"(?:\A|\n\n)(Human|Assistant):[ \n]?"),
    "dsp": re.compile(r"(?:\A|\n\n)(?:## )?(Human|Assistant):[ \n]?"),
}
_ROLES: Final = {"Human": "user", "Assistant": "assistant"}
_NAMES: Final = {role: name for name, role in _ROLES.items()}


def turns_of(text: str, style: str) -> list[Message] | None:
    """Take a transcript apart into its turns; none if anything stands before the first one."""
    pieces = _MARKERS[style].split(text)
    if len(pieces) < 3 or pieces[0].strip():
        return None
    return [
        {"role": _ROLES[name], "content": content} for name, content in zip(pieces[1::2], pieces[2::2], strict=True)
    ]


def segments(text: str, style: str) -> list[str]:
    """Cut a transcript into markers and contents, in turn; joined, they are the text again."""
    cuts = [0]
    for marker in _MARKERS[style].finditer(text):
        cuts += [marker.start(), marker.end()]
    return [text[start:end] for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def joined(prompt: Sequence[Message], answer: str) -> str:
    """Write hh-rlhf's transcript of a prompt and its answer."""
    turns = [*prompt, {"role": "assistant", "content": answer}]
    return "".join(f"\n\n{_NAMES.get(turn['role'], turn['role'])}: {turn['content']}" for turn in turns)
