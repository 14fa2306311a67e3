"""What an operator is: frozen, validated settings that can be called on frames and hashed into a key."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """A frozen model that refuses unknown keys; the base of every plan section and operator."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Stage(Settings):
    """An operator is its own configuration, so it can be validated, hashed and sent to a worker.

    Raise `version` whenever the operator's results change; stored results of the old version are then recomputed.
    `cut_by` names, by table, a column of ids by which its input may be cut into slices: an operator that has it gives
    the same rows, slice by slice, as it gives at once.
    """

    version: ClassVar[int] = 1
    cut_by: ClassVar[dict[str, str]] = {}

    def key(self, *inputs: str) -> str:
        """Name the outcome of this operator on `inputs`: equal keys mean equal rows.

        `inputs` are keys or content digests; their order counts. Returns 32 hexadecimal digits.
        """
        said = "\n".join([type(self).__name__, str(self.version), self.model_dump_json(), *inputs])
        return hashlib.sha256(said.encode()).hexdigest()[:32]
