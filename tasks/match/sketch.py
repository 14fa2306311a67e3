"""Sketch: what near copies of a shard's prompts, responses and pairs will be recognised by."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import polars as pl

from schemas.stage import Stage
from tasks.match.texts import beside_media, first_of_each, prompt_texts, response_texts
from tasks.shingles.minhash import ALGORITHM, Signatures, bands, rows_of_a_band, signatures, union
from tasks.shingles.tokens import shingles


class Sketch(Stage):
    """Sign every text of a shard, and every pair as the union of its prompt and its two responses; keep the bands.

    Near copies agree in a band with probability 0.998 or more. The union does not know left from right, so a pair and
    the same pair with its answers exchanged have one sketch. Texts without a letter or digit have none, and neither
    have pairs with such a text. A prompt beside a picture is no copy of the same words beside another one: it counts in
    its pairs only. Answers that are more than a text are left to what compares media.
    """

    version = 3
    reads: ClassVar = ("_prompts", "_contents", "_judgments", "records", "responses")
    ngram: int
    threshold: float
    algorithm: str = ALGORITHM

    def __call__(
        self,
        prompts: pl.LazyFrame,
        contents: pl.LazyFrame,
        judgments: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
    ) -> dict[str, pl.DataFrame]:
        """Return `_prompt_bands`, `_response_bands` and `_pair_bands`: key, and a hash for each band."""
        asked, answered = prompt_texts(prompts, records), response_texts(contents, responses)
        signed_asked, signed_answered = self._sign(asked["text"]), self._sign(answered["text"])
        pairs = parts_of_pairs(judgments, prompts, contents)
        signed_pairs, paired = _sign_pairs(pairs, asked["key"], signed_asked, answered["key"], signed_answered)
        return {
            "_prompt_bands": self._banded(asked["key"], signed_asked).join(beside_media(prompts), on="key", how="anti"),
            "_response_bands": self._banded(answered["key"], signed_answered),
            "_pair_bands": self._banded(paired, signed_pairs),
        }

    def _sign(self, texts: pl.Series) -> Signatures:
        return signatures(shingles(texts, self.ngram))

    def _banded(self, keys: pl.Series, signed: Signatures) -> pl.DataFrame:
        has_shingles = (signed != np.iinfo(signed.dtype).max).any(axis=1)
        hashed = bands(signed[has_shingles], rows_of_a_band(self.threshold))
        return pl.DataFrame({"key": keys.filter(pl.Series(has_shingles))}).with_columns(
            pl.Series(f"band_{at}", values) for at, values in enumerate(hashed)
        )


def parts_of_pairs(
    judgments: pl.LazyFrame, prompts: pl.LazyFrame, contents: pl.LazyFrame, wanted: pl.Series | None = None
) -> pl.DataFrame:
    """Say of every pair once which prompt and which responses it consists of: `key, system, prompt, left, right`.

    With `wanted`, only pairs with these keys are read.
    """
    judged = first_of_each(judgments.select("record_id", "left", "right", key="pair_key"), "key", wanted)
    asked = prompts.select("record_id", system="system_key", prompt="prompt_key")
    answered = contents.select("response_id", "content_key")
    responses = None if wanted is None else pl.concat([judged["left"], judged["right"]])
    answers = first_of_each(answered, "response_id", responses)
    return (
        judged.join(first_of_each(asked, "record_id", None if wanted is None else judged["record_id"]), on="record_id")
        .join(answers, left_on="left", right_on="response_id")
        .join(answers, left_on="right", right_on="response_id", suffix="_right")
        .select("key", "system", "prompt", left="content_key", right="content_key_right")
    )


def _sign_pairs(
    pairs: pl.DataFrame, asked: pl.Series, signed_asked: Signatures, answered: pl.Series, signed_answered: Signatures
) -> tuple[Signatures, pl.Series]:
    for side, known in (("prompt", asked), ("left", answered), ("right", answered)):
        pairs = pairs.join(known.alias(side).to_frame().with_row_index(f"at_{side}"), on=side)
    parts = [
        signed_asked[pairs["at_prompt"].to_numpy()],
        signed_answered[pairs["at_left"].to_numpy()],
        signed_answered[pairs["at_right"].to_numpy()],
    ]
    empty = np.iinfo(signed_asked.dtype).max
    is_whole = np.logical_and.reduce([(part != empty).any(axis=1) for part in parts])
    return union(*parts)[is_whole], pairs["key"].filter(pl.Series(is_whole))
