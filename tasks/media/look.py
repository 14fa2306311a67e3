"""Look: everything that is known of a medium from its bytes alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

import polars as pl

from tasks.media.decode.probe import probe
from tasks.media.describe import LOOKED
from tasks.media.job import Answer, Arrays, Job

FINGERPRINTS: Final = pl.Schema(
    {"media_id": pl.String, "kind": pl.String, "algorithm": pl.String, "signature": pl.Binary}
)


class Look(Job):
    """Decode a medium once: what it is, its measures, and the fingerprint that altered copies are found by."""

    version: ClassVar[int] = 1

    def __call__(self, data: bytes) -> Answer:
        """Answer with a row of what the columns of `LOOKED` say, whatever is wrong with the medium."""
        return Answer(probe(data, self.limits).row())


# The id of a medium, what a look at it answered, or a sentence that says why it did not.
Seen = tuple[str, Mapping[str, Any], Arrays, str | None]


def as_tables(seen: Sequence[Seen]) -> dict[str, pl.DataFrame]:
    """Put what was seen into `_looked` and `_fingerprints`."""
    rows = [{**facts, "media_id": name, "error": error or facts.get("error")} for name, facts, _, error in seen]
    return {
        "_looked": pl.DataFrame([{name: row.get(name) for name in LOOKED} for row in rows], schema=LOOKED),
        "_fingerprints": FINGERPRINTS.to_frame(),
    }
