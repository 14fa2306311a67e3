"""Match pictures, sounds and videos by their fingerprints. What is found are links; nothing is dropped for them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, ClassVar, Final

import numpy as np
import polars as pl
from pydantic import Field

from schemas.errors import Terminal
from schemas.stage import Stage
from tasks.match.perceptual.candidates import VIEWS, candidates
from tasks.match.perceptual.sequences import Grid, similar_sequences
from tasks.match.perceptual.similarity import similarities
from tasks.signatures.sequence import AUDIO, AUDIO_WORDS, VIDEO, VIDEO_WORDS, unpack
from tasks.signatures.thumbnail import ALGORITHM, SIZE
from tasks.stars import media_stars

Threshold = Annotated[float, Field(gt=0.0, le=1.0)]
_ALGORITHMS: Final = {"image": ALGORITHM, "audio": AUDIO, "video": VIDEO}
_AUDIO_GRID, _VIDEO_GRID = Grid(step=62, length=1000), Grid(step=250, length=250)
# Of the longer of two sounds or videos at least this share must be in the other one.
_OVERLAP: Final = 0.5
# Fingerprints are read so many at a time.
_AT_ONCE: Final = 10_000
_LINKS: Final = pl.Schema({"left": pl.String, "right": pl.String, "key": pl.String, "score": pl.Float64})


class PerceptualMatch(Stage):
    """Find every two pictures, sounds and videos that look or sound the same, each kind from its own similarity on.

    A picture is found again after compression, in another size, with other brightness, contrast or gamma, in grey, with
    up to a tenth cut off at each side, with a thin border or a small line of text. A sound is found again after
    compression, at another rate or loudness, a video after compression and in another size, and both if up to half of
    them was cut off. What has no detail - a blank picture - has only copies with an equal fingerprint. A kind that is
    None is not matched.
    """

    version = 1
    reads: ClassVar = ("_fingerprints", "media")
    image: Threshold | None = 0.8
    audio: Threshold | None = 0.9
    video: Threshold | None = 0.85

    def __call__(self, fingerprints: pl.LazyFrame, media: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Read `media_id`, `kind`, `algorithm` and `signature` of `media`; return `_media_links` and `clusters`.

        A link is two media ids, left before right, the kind as `key`, and the score. Of those
        with equal fingerprints each is linked to the first id, and to the first ids that this one is linked to. A
        picture with more than 64 candidates is compared with the nearest 64, and with the first of them.

        A cluster is a star: everything in it is similar to the id that it is called by, its centre.
        """
        fingerprints = fingerprints.join(media.select("media_id"), on="media_id", how="semi")
        links = [_LINKS.to_frame()]
        for kind, least in (("image", self.image), ("audio", self.audio), ("video", self.video)):
            if least is not None:
                own = fingerprints.filter(pl.col("kind") == kind, pl.col("signature").bin.size() > 0)
                found = _linked(own, kind).filter(pl.col("score") >= least)
                links.append(found.select("left", "right", pl.lit(kind).alias("key"), "score"))
        told = pl.concat(links).sort("key", "left", "right")
        return {"_media_links": told, "clusters": media_stars(told, "perceptual")}


def _linked(own: pl.LazyFrame, kind: str) -> pl.DataFrame:
    """Link the first ones of equal fingerprints to each other, and the others to what their first one is linked to."""
    _refuse_foreign(own, kind)
    # Fingerprints are large: what is equal is told by 128 bits of each, and few are in memory twice.
    parts = {"one": pl.col("signature").hash(1), "two": pl.col("signature").hash(2)}
    known = own.select("media_id", **parts).collect().unique("media_id").sort("media_id")
    told = known.select("media_id", first=pl.col("media_id").first().over(*parts))
    equal = told.filter(pl.col("first") != pl.col("media_id")).select("first", other="media_id")
    same = equal.select(left="first", right="other", score=pl.lit(1.0))
    firsts = told.filter(pl.col("first") == pl.col("media_id"))["media_id"]
    if len(firsts) < 2:
        return same
    found = _similar_pictures(own, firsts) if kind == "image" else _similar_sequences(own, firsts, kind)
    left, right = (firsts.gather(found[side]).alias(name) for side, name in (("a", "left"), ("b", "right")))
    near = pl.DataFrame([left, right, found["score"]])
    inherited = [
        near.join(equal, left_on=side, right_on="first").select(
            left=pl.min_horizontal("other", kept), right=pl.max_horizontal("other", kept), score="score"
        )
        for side, kept in (("left", "right"), ("right", "left"))
    ]
    return pl.concat([same, near, *inherited])


def _refuse_foreign(own: pl.LazyFrame, kind: str) -> None:
    foreign = own.filter(pl.col("algorithm") != _ALGORITHMS[kind]).select("media_id", "algorithm").collect()
    if foreign.height:
        media_id, algorithm = foreign.sort("media_id").row(0)
        raise Terminal(
            f"the fingerprint of {kind} {media_id} was made by {algorithm}, and {_ALGORITHMS[kind]} is compared: "
            "make the fingerprints again"
        )


def _read(own: pl.LazyFrame, firsts: pl.Series) -> Iterator[tuple[list[int], list[bytes]]]:
    """Read fingerprints, some at a time, with the places of their media in `firsts`."""
    places = firsts.to_frame().with_row_index("place").lazy()
    wanted = own.select("media_id", "signature").join(places, on="media_id").select("place", "signature")
    for some in wanted.collect_batches(chunk_size=_AT_ONCE):
        yield some["place"].to_list(), some["signature"].to_list()


def _similar_pictures(own: pl.LazyFrame, firsts: pl.Series) -> pl.DataFrame:
    """Return numbers of two pictures, a < b, and how similar they are."""
    signatures = np.empty((len(firsts), SIZE), np.uint8)
    for places, some in _read(own, firsts):
        signatures[places] = np.frombuffer(b"".join(some), np.uint8).reshape(-1, SIZE)
    maybe = candidates(signatures)
    part, whole, view = (maybe[name].to_numpy() for name in ("part", "whole", "view"))
    score = similarities(signatures, part, whole, VIEWS[view])
    return pl.DataFrame({"a": np.minimum(part, whole), "b": np.maximum(part, whole), "score": score})


def _similar_sequences(own: pl.LazyFrame, firsts: pl.Series, kind: str) -> pl.DataFrame:
    """Return numbers of two sounds or videos, a < b, and how similar they are."""
    words, grid = (AUDIO_WORDS, _AUDIO_GRID) if kind == "audio" else (VIDEO_WORDS, _VIDEO_GRID)
    found = {
        place: unpack(signature, words)
        for places, some in _read(own, firsts)
        for place, signature in zip(places, some, strict=True)
    }
    return similar_sequences([found[place] for place in range(len(firsts))], grid, _OVERLAP)
