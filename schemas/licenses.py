"""Which licences allow a data set to be passed on, told by their names: a closed list of what they forbid, and why."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from schemas.reasons import Reason


class Forbidden(StrEnum):
    """Why nobody but the owner may pass on what has such a licence. `Forbidden.sentence` says it in words."""

    all_rights_reserved = "all_rights_reserved"
    no_redistribution = "no_redistribution"
    no_derivatives = "no_derivatives"
    signed_agreement = "signed_agreement"

    @property
    def sentence(self) -> str:
        """One sentence that explains it to a reader."""
        return _SENTENCES[self]


_SENTENCES: Final[dict[Forbidden, str]] = {
    Forbidden.all_rights_reserved: "All rights are reserved, so only the owner may pass it on.",
    Forbidden.no_redistribution: "The licence says that it must not be passed on.",
    Forbidden.no_derivatives: "Only unchanged copies may be passed on, and a curated selection is none.",
    Forbidden.signed_agreement: "Each user has to sign an agreement with the owner.",
}
# What names are searched for: lower case, with "-" for white space and "_".
_FORBIDS: Final[dict[Forbidden, re.Pattern[str]]] = {
    Forbidden.all_rights_reserved: re.compile(r"all-rights-reserved|proprietary|copyrighted"),
    Forbidden.no_redistribution: re.compile(
        r"\b(no|not|non)-?(for-)?(re-?)?(distribut|sharing)|internal(-use)?(-only)?$|confidential"
    ),
    Forbidden.no_derivatives: re.compile(r"\bnd\b|\bno-?deriv"),
    Forbidden.signed_agreement: re.compile(r"\bldc\b|data-use-agreement|\bdua\b|\beula\b"),
}
# From what asks nothing of those who pass it on to what asks most; the names of other licences tell nothing.
_ALLOWS: Final[list[re.Pattern[str]]] = [
    re.compile(r"^(cc-?(0|zero)|pddl|unlicense|public-?domain|wtfpl|0bsd|mit-0)(-|$)"),
    re.compile(
        r"^(apache|mit|bsd|isc|zlib|bsl|cc-?by|creative-commons-attribution|odc-?by|cdla-permissive|c-uda|afl|ecl|ncsa"
        r"|postgresql|etalab|openmdw|artistic|ms-pl|ofl)(-\d[\w.-]*|-[234]-clause[\w-]*|-license)?$"
    ),
    re.compile(
        r"^(cc-?by-sa|creative-commons-attribution-share-?alike|odbl|cdla-sharing|[al]?gpl|gfdl|mpl|epl|eupl|osl|lppl"
        r"|openrail|bigscience|creativeml|bigcode|llama|gemma)"
    ),
    re.compile(r"^(cc-?by-nc(-sa)?|creative-commons-attribution-non-?commercial(-share-?alike)?)(-\d[\w.]*)?$"),
]
_PARTS: Final = re.compile(r"-?[,;/&+]-?|-(?:and|or|with)-")
_UNKNOWN: Final = 0
_STRICTEST: Final = len(_ALLOWS) + 1

# The identifiers that the metadata of a dataset card may name, and what they are called elsewhere.
_HUB: Final = {
    "apache-2.0", "mit", "openrail", "bigscience-openrail-m", "creativeml-openrail-m", "bigcode-openrail-m",
    "afl-3.0", "artistic-2.0", "bsl-1.0", "bsd", "bsd-2-clause", "bsd-3-clause", "c-uda", "cc", "cc0-1.0",
    "cc-by-2.0", "cc-by-2.5", "cc-by-3.0", "cc-by-4.0", "cc-by-sa-3.0", "cc-by-sa-4.0", "cc-by-nc-2.0",
    "cc-by-nc-3.0", "cc-by-nc-4.0", "cc-by-nc-sa-2.0", "cc-by-nc-sa-3.0", "cc-by-nc-sa-4.0", "cdla-sharing-1.0",
    "cdla-permissive-1.0", "cdla-permissive-2.0", "wtfpl", "ecl-2.0", "epl-1.0", "epl-2.0", "etalab-2.0",
    "eupl-1.1", "eupl-1.2", "agpl-3.0", "gfdl", "gpl", "gpl-2.0", "gpl-3.0", "lgpl", "lgpl-2.1", "lgpl-3.0",
    "isc", "lppl-1.3c", "ms-pl", "mpl-2.0", "odc-by", "odbl", "osl-3.0", "postgresql", "ofl-1.1", "ncsa",
    "unlicense", "zlib", "pddl", "llama2", "llama3", "llama3.1", "llama3.2", "llama3.3", "llama4", "gemma",
}  # fmt: skip
_CALLED: Final = {"apache": "apache-2.0", "cc0": "cc0-1.0", "cc-zero": "cc0-1.0", "public-domain": "cc0-1.0"}


def forbidden(name: str | None) -> Forbidden | None:
    """Return why the licence called `name` forbids passing data on, or nothing if its name does not say so."""
    said = _plain(name)
    return next((why for why, pattern in _FORBIDS.items() if pattern.search(said)), None)


def refusal(name: str | None) -> Reason | None:
    """Return why pairs under the licence called `name` cannot be passed on, or nothing if they can.

    A name that is not known to allow it counts as unknown; of several licences in one name each has to allow it.
    """
    if forbidden(name) is not None:
        return Reason.license_forbids
    return Reason.license_unknown if strictness(name) == _UNKNOWN else None


def strictness(name: str | None) -> int:
    """Rank a licence by what it asks of those who pass data on: 0 if unknown, the higher the stricter."""
    if forbidden(name) is not None:
        return _STRICTEST
    ranks = [
        next((rank for rank, pattern in enumerate(_ALLOWS, start=1) if pattern.search(part)), _UNKNOWN)
        for part in _PARTS.split(_plain(name))
    ]
    return _UNKNOWN if _UNKNOWN in ranks else max(ranks)


def hub_identifier(name: str | None) -> str:
    """Return what the Hub calls a licence: `unknown` without a name, `other` for one that has no identifier there."""
    said = _plain(name)
    found = _CALLED.get(said, said)
    # The version of some licences, and "only" or "or later", are not part of the identifier.
    tried = [found, re.sub(r"-(only|or-later)$", "", found), re.sub(r"-1\.0$", "", found)]
    return next((each for each in tried if each in _HUB), "other") if said else "unknown"


def _plain(name: str | None) -> str:
    return re.sub(r"[\s_]+", "-", (name or "").strip().lower())
