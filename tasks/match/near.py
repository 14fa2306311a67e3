"""Near: prompts, responses and pairs whose texts have nearly the same shingles, verified on the texts themselves."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

import polars as pl

from schemas.stage import Stage
from tasks.match.candidates import candidates
from tasks.match.sketch import parts_of_pairs
from tasks.match.stars import near_clusters
from tasks.match.texts import prompt_texts, response_texts
from tasks.shingles.jaccard import jaccard, take, together
from tasks.shingles.tokens import Places, Shingles, shingles


class Sets(NamedTuple):
    """Sets of shingles and what they are called: the `i`-th of `cut` is that of `keys[i]`."""

    keys: pl.Series
    cut: Shingles

    def places(self, keys: pl.Series) -> Places:
        """Say where the sets of `keys` are; each of them must be there."""
        numbered = self.keys.alias("key").to_frame().with_row_index("at")
        found = keys.alias("key").to_frame().join(numbered, on="key", how="left", maintain_order="left")
        return found["at"].cast(pl.Int64).to_numpy()


class NearMatch(Stage):
    """Find every two texts and every two pairs with a Jaccard similarity of at least `threshold`.

    The similarity of two texts is that of their sets of shingles of `ngram` tokens. That of two pairs is the smaller of
    two: of all they have, prompt and responses together, and of their responses alone, for two turns of one long
    conversation have nearly everything in common and are still different questions. With another system message a
    pair is another one. Two pairs are parallel if the left response of one is nearer to the left one of the other
    than to the right one, and crossed if it is the other way round. Nothing is dropped here.
    """

    version = 2
    reads: ClassVar = (
        "_prompt_bands",
        "_response_bands",
        "_pair_bands",
        "_prompts",
        "_contents",
        "_judgments",
        "records",
        "responses",
    )
    ngram: int
    threshold: float
    sources: list[str]

    def __call__(
        self,
        prompt_bands: pl.LazyFrame,
        response_bands: pl.LazyFrame,
        pair_bands: pl.LazyFrame,
        prompts: pl.LazyFrame,
        contents: pl.LazyFrame,
        judgments: pl.LazyFrame,
        records: pl.LazyFrame,
        responses: pl.LazyFrame,
    ) -> dict[str, pl.DataFrame]:
        """Return `_near` (a, b, score, is_parallel; null if that cannot be told), `_near_links` and `clusters`."""
        found = {
            "prompt": candidates(prompt_bands),
            "response": candidates(response_bands),
            "pair": candidates(pair_bands),
        }
        found["prompt"] = _asked_by_somebody(found["prompt"], prompts)
        compared = _keys(found["pair"]).to_frame().lazy()
        parts = parts_of_pairs(judgments, prompts, contents).join(compared, on="key", how="semi").collect()
        found["pair"] = _with_one_system(found["pair"], parts)
        questions, answers = (
            _keys(found["prompt"], parts["prompt"]),
            _keys(found["response"], parts["left"], parts["right"]),
        )
        asked = self._read(prompt_texts(prompts, records, questions))
        answered = self._read(response_texts(contents, responses, answers))
        near = {
            "prompt": self._verify(found["prompt"], asked),
            "response": self._verify(found["response"], answered),
            "pair": self._verify(found["pair"], _united(parts, asked, answered), _united(parts, None, answered)),
        }
        return {
            "_near": near["pair"].with_columns(is_parallel=_is_parallel(near["pair"], parts, answered)),
            "_near_links": _links(near, prompts, judgments),
            "clusters": near_clusters(near, prompts, contents, judgments, self.sources),
        }

    def _read(self, texts: pl.DataFrame) -> Sets:
        return Sets(texts["key"], shingles(texts["text"], self.ngram))

    def _verify(self, found: pl.DataFrame, *sets: Sets) -> pl.DataFrame:
        """Keep those that are near by every kind of set; the smallest similarity is the score."""
        scores = [_compare(found["a"], found["b"], each) for each in sets]
        scored = found.with_columns(score=pl.min_horizontal(scores))
        return scored.filter(pl.col("score") >= self.threshold).sort("a", "b")


def _keys(found: pl.DataFrame, *more: pl.Series) -> pl.Series:
    return pl.concat([found["a"], found["b"], *more]).unique().alias("key")


def _asked_by_somebody(found: pl.DataFrame, prompts: pl.LazyFrame) -> pl.DataFrame:
    """Leave out what only conversations have that go on in different ways."""
    own = (
        prompts.select(key="prompt_key")
        .join(_keys(found).to_frame().lazy(), on="key", how="semi")
        .unique()
        .collect()["key"]
    )
    return found.filter(pl.col("a").is_in(own.implode()) | pl.col("b").is_in(own.implode()))


def _with_one_system(found: pl.DataFrame, parts: pl.DataFrame) -> pl.DataFrame:
    system = parts.select("key", "system")
    told = found.join(system, left_on="a", right_on="key").join(system, left_on="b", right_on="key", suffix="_b")
    return told.filter(pl.col("system") == pl.col("system_b")).select("a", "b")


def _compare(a: pl.Series, b: pl.Series, sets: Sets) -> pl.Series:
    return pl.Series(jaccard(sets.cut, sets.places(a), sets.places(b)))


def _united(parts: pl.DataFrame, asked: Sets | None, answered: Sets) -> Sets:
    """Give every pair the shingles of its responses, and those of its prompt if they are `asked` for."""
    sides = [("left", answered), ("right", answered), *([("prompt", asked)] if asked is not None else [])]
    return Sets(parts["key"], together(*[take(sets.cut, sets.places(parts[side])) for side, sets in sides]))


def _is_parallel(near: pl.DataFrame, parts: pl.DataFrame, answered: Sets) -> pl.Series:
    """Tell whether left is nearer to left than to right."""
    sides = near.select("a", "b")
    for name in ("a", "b"):
        named = parts.select(pl.col("key").alias(name), pl.col("left", "right").name.prefix(f"{name}_"))
        sides = sides.join(named, on=name, how="left", maintain_order="left")
    straight = _compare(sides["a_left"], sides["b_left"], answered) + _compare(
        sides["a_right"], sides["b_right"], answered
    )
    crossed = _compare(sides["a_left"], sides["b_right"], answered) + _compare(
        sides["a_right"], sides["b_left"], answered
    )
    told = pl.DataFrame({"straight": straight, "crossed": crossed})
    return told.select(
        pl.when(pl.col("straight") != pl.col("crossed")).then(pl.col("straight") > pl.col("crossed"))
    ).to_series()


def _links(near: dict[str, pl.DataFrame], prompts: pl.LazyFrame, judgments: pl.LazyFrame) -> pl.DataFrame:
    """List the records on both sides of every near prompt and every near pair: `record_id` and a `key` they share."""
    asking = prompts.select("record_id", text="prompt_key")
    continued = prompts.select("record_id", text="prefix_keys").explode("text", empty_as_null=False, keep_nulls=False)
    judged = judgments.select("record_id", text="pair_key").unique()
    return pl.concat(
        [
            _tied(near["prompt"], pl.concat([asking, continued])),
            _tied(near["pair"], judged),
        ]
    )


def _tied(edges: pl.DataFrame, known: pl.LazyFrame) -> pl.DataFrame:
    ties = edges.select("a", "b", key=pl.concat_str("a", "b", separator="~"))
    ends = pl.concat([ties.select("key", text="a"), ties.select("key", text="b")])
    return known.join(ends.lazy(), on="text").select("record_id", "key").collect()
