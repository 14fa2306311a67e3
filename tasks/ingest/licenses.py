"""Whether a licence allows commercial use, as far as its name tells."""

from __future__ import annotations

import re
from typing import Final

_FORBIDS: Final = re.compile(r"\bnc\b|non-?commercial|research-?only|no-?commercial|academic-?only")
_ALLOWS: Final = re.compile(
    r"^(apache|mit\b|bsd|isc\b|cc0|cc-?by(-sa)?(-\d|$)|odc-?by|odbl|pddl|unlicense|public-?domain|zlib|bsl|cdla)"
)


def is_commercial(license_: str | None) -> bool | None:
    """Say whether the licence called `license_` allows commercial use; null if its name does not tell."""
    if license_ is None:
        return None
    name = re.sub(r"[\s_]+", "-", license_.strip().lower())
    if _FORBIDS.search(name):
        return False
    return True if _ALLOWS.search(name) else None
