"""Transcribe media: what is said in each sound, with its parts and how sure the model is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import orjson
import polars as pl
from pydantic import Field

from schemas.stage import Stage
from tasks.transcribe.whisper import Sound, Transcript, load_transcriber

_SCHEMA = {
    "media_id": pl.String, "text": pl.String, "language": pl.String, "segments": pl.String, "avg_logprob": pl.Float64,
    "no_speech_prob": pl.Float64,
}  # fmt: skip


class Transcribe(Stage):
    """Write down what is said in sounds, with the model `model` at `revision`, in `language` if one is named.

    Neither where the weights lie nor `batch` is part of the key.
    """

    version = 1
    reads: ClassVar = ("media",)
    model: str
    revision: str
    digest: str
    language: str | None = None
    tokens: int = 224
    weights: Path = Field(exclude=True)
    batch: int = Field(default=8, exclude=True)

    def __call__(self, media: pl.LazyFrame, sounds: Sequence[Sound]) -> dict[str, pl.DataFrame]:
        """Return `transcripts` of `media` (content_id), one row each, in their order.

        `sounds` are as many: float32 (n,), mono, 16,000 samples a second. Of an empty or silent sound the text is
        empty. Raises Terminal if the model cannot be loaded.
        """
        ids = media.select("content_id").collect()["content_id"]
        told = load_transcriber(self.weights, self.language).transcribe(sounds, self.batch, self.tokens)
        rows = [(media_id, *_row(each)) for media_id, each in zip(ids, told, strict=True)]
        frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
        return {"transcripts": frame.with_columns(model=pl.lit(self.model), revision=pl.lit(self.revision))}


def _row(told: Transcript) -> tuple[str, str | None, str, float | None, float | None]:
    segments = [
        {name: round(part, 4) if isinstance(part, float) else part for name, part in segment._asdict().items()}
        for segment in told.segments
    ]
    return told.text, told.language, orjson.dumps(segments).decode(), told.avg_logprob, told.no_speech_prob
