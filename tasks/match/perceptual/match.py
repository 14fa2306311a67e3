"""Match pictures, sounds and videos by their fingerprints. What is found are links; nothing is dropped for them."""

from __future__ import annotations

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
from tasks.signatures.thumbnail import ALGORITHM, DETAIL, WHOLE, descriptors
from tasks.stars import media_stars

Threshold = Annotated[float, Field(gt=0.0, le=1.0)]
_ALGORITHMS: Final = {"image": ALGORITHM, "audio": AUDIO, "video": VIDEO}
_AUDIO_GRID, _VIDEO_GRID = Grid(step=62, length=1000), Grid(step=250, length=250)
# Of the longer of two sounds or videos at least this share must be in the other one.
_OVERLAP: Final = 0.5
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
    audio: Threshold | None = 0.88
    video: Threshold | None = 0.85

    def __call__(self, fingerprints: pl.LazyFrame, media: pl.LazyFrame) -> dict[str, pl.DataFrame]:
        """Read `media_id`, `kind`, `algorithm` and `signature` of `media`; return `_media_links` and `clusters`.

        A link is two media ids, left before right, the kind as `key`, and the score. Of equal fingerprints the first
        id stands for all. A cluster is a star: everything in it is similar to the id that it is called by, its centre.
        """
        fingerprints = fingerprints.join(media.select("media_id"), on="media_id", how="semi")
        links = [_LINKS.to_frame()]
        for kind, least in (("image", self.image), ("audio", self.audio), ("video", self.video)):
            if least is not None:
                found = _linked(_of_kind(fingerprints, kind), kind).filter(pl.col("score") >= least)
                links.append(found.select("left", "right", pl.lit(kind).alias("key"), "score"))
        told = pl.concat(links).sort("key", "left", "right")
        return {"_media_links": told, "clusters": media_stars(told, "perceptual")}


def _of_kind(fingerprints: pl.LazyFrame, kind: str) -> pl.DataFrame:
    """Read the fingerprints of a kind that say something, in the order of their ids."""
    own = fingerprints.filter(pl.col("kind") == kind, pl.col("signature").bin.size() > 0).collect()
    foreign = own.filter(pl.col("algorithm") != _ALGORITHMS[kind])
    if foreign.height:
        media_id, algorithm = foreign.sort("media_id").select("media_id", "algorithm").row(0)
        raise Terminal(
            f"the fingerprint of {kind} {media_id} was made by {algorithm}, and {_ALGORITHMS[kind]} is compared: "
            "make the fingerprints again"
        )
    return own.unique("media_id").sort("media_id")


def _linked(own: pl.DataFrame, kind: str) -> pl.DataFrame:
    """Link equal fingerprints to the first of them, and the first ones to each other."""
    firsts = own.unique("signature", keep="first", maintain_order=True)
    equal = own.join(firsts.select("signature", left="media_id"), on="signature").select(
        "left", right="media_id", score=pl.lit(1.0)
    )
    if firsts.height < 2:
        return equal.filter(pl.col("left") != pl.col("right"))
    signatures = firsts["signature"]
    found = _similar_pictures(signatures) if kind == "image" else _similar_sequences(signatures, kind)
    left, right = (firsts["media_id"].gather(found[side]).alias(name) for side, name in (("a", "left"), ("b", "right")))
    near = pl.DataFrame([left, right, found["score"]])
    return pl.concat([equal.filter(pl.col("left") != pl.col("right")), near])


def _similar_pictures(signatures: pl.Series) -> pl.DataFrame:
    """Return numbers of two pictures, a < b, and how similar they are."""
    whole = np.frombuffer(b"".join(signatures), np.uint8).reshape(len(signatures), -1)
    detailed = np.flatnonzero(descriptors(whole, WHOLE)[1] >= DETAIL)
    signs = whole[detailed]
    maybe = candidates(signs)
    part, other, view = (maybe[name].to_numpy() for name in ("part", "whole", "view"))
    score = similarities(signs, part, other, VIEWS[view])
    a, b = detailed[np.minimum(part, other)], detailed[np.maximum(part, other)]
    return pl.DataFrame({"a": a, "b": b, "score": score})


def _similar_sequences(signatures: pl.Series, kind: str) -> pl.DataFrame:
    """Return numbers of two sounds or videos, a < b, and how similar they are."""
    words, grid = (AUDIO_WORDS, _AUDIO_GRID) if kind == "audio" else (VIDEO_WORDS, _VIDEO_GRID)
    return similar_sequences([unpack(signature, words) for signature in signatures], grid, _OVERLAP)
