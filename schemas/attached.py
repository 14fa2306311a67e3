"""The media of pairs on their way into files: what is said of one, and what becomes of it there."""

from __future__ import annotations

from typing import Final, Literal

import polars as pl

# One medium of a prompt or an answer. `name` is that of a file with it, `is_there` is false if it is broken or its
# bytes are not kept.
ATTACHED: Final = pl.Struct(
    {
        "media_id": pl.String, "sha256": pl.String, "modality": pl.String, "name": pl.String, "bytes": pl.Int64,
        "is_there": pl.Boolean,
    }
)  # fmt: skip
# Where a pair has media: each has a column of its own, such as `prompt_media`.
PLACES: Final = ("prompt", "chosen", "rejected")
# A medium inside a file is something that `datasets` shows or plays, or bytes and nothing else.
Embedded = Literal["image", "audio", "video", "bytes"]
