"""Near: prompts, responses and pairs whose texts have nearly the same shingles, verified on the texts themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final, NamedTuple

import polars as pl

from schemas.stage import Stage
from tasks.match.candidates import candidates
from tasks.match.sketch import parts_of_pairs
from tasks.match.stars import near_clusters
from tasks.match.texts import prompt_texts, response_texts
from tasks.shingles.jaccard import jaccard, take, together
from tasks.shingles.tokens import Places, Shingles, shingles
from tasks.slices import rows_of

# So many candidates are compared at a time: no more texts than theirs are in memory.
_PAIRS: Final = 100_000


class Sets(NamedTuple):
    """Sets of shingles and what they are called: the `i`-th of `cut` is that of `keys[i]`."""

    keys: pl.Series
    cut: Shingles

    def places(self, keys: pl.Series) -> Places:
        """Say where the sets of `keys` are; each of them must be there."""
        numbered = self.keys.alias("key").to_frame().with_row_index("at")
        found = keys.alias("key").to_frame().join(numbered, on="key", how="left", maintain_order="left")
        return found["at"].cast(pl.Int64).to_numpy()


class Texts(NamedTuple):
    """The texts behind keys, read when somebody asks for them and cut into shingles."""

    ngram: int
    prompts: pl.LazyFrame
    contents: pl.LazyFrame
    judgments: pl.LazyFrame
    records: pl.LazyFrame
    responses: pl.LazyFrame

    def asked(self, keys: pl.Series) -> Sets:
        """Read the prompts of these keys."""
        return self._cut(prompt_texts(self.prompts, self.records, keys))

    def answered(self, keys: pl.Series) -> Sets:
        """Read the responses of these keys."""
        return self._cut(response_texts(self.contents, self.responses, keys))

    def parts(self, keys: pl.Series) -> pl.DataFrame:
        """Say what the pairs of these keys consist of."""
        return parts_of_pairs(self.judgments, self.prompts, self.contents, keys)

    def _cut(self, texts: pl.DataFrame) -> Sets:
        return Sets(texts["key"], shingles(texts["text"], self.ngram))


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
        texts = Texts(self.ngram, prompts, contents, judgments, records, responses)
        asked = _asked_by_somebody(candidates(prompt_bands), prompts)
        near = {
            "prompt": _in_batches(asked, lambda found: self._near(found, texts.asked(_keys(found)))),
            "response": _in_batches(
                candidates(response_bands), lambda found: self._near(found, texts.answered(_keys(found)))
            ),
            "pair": _in_batches(candidates(pair_bands), lambda found: self._near_pairs(found, texts)),
        }
        return {
            "_near": near["pair"],
            "_near_links": near_links(near, prompts, judgments),
            "clusters": near_clusters(near, prompts, contents, judgments, self.sources),
        }

    def _near(self, found: pl.DataFrame, sets: Sets) -> pl.DataFrame:
        scored = found.with_columns(score=_compare(found["a"], found["b"], sets))
        return scored.filter(pl.col("score") >= self.threshold)

    def _near_pairs(self, found: pl.DataFrame, texts: Texts) -> pl.DataFrame:
        """Keep those near by their responses and then by all they have; the smaller similarity is the score."""
        parts = texts.parts(_keys(found))
        answers = texts.answered(pl.concat([parts["left"], parts["right"]]))
        near = self._near(_with_one_system(found, parts), _united(parts, None, answers))
        parts = parts.filter(pl.col("key").is_in(_keys(near).implode()))
        near_by_all = self._near(near.select("a", "b"), _united(parts, texts.asked(parts["prompt"]), answers))
        both = near_by_all.join(near, on=["a", "b"], suffix="_answers")
        scored = both.select("a", "b", score=pl.min_horizontal("score", "score_answers"))
        return scored.with_columns(is_parallel=_is_parallel(scored, parts, answers))


def _in_batches(found: pl.DataFrame, keep_near: Callable[[pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    parts = [keep_near(part) for part in found.iter_slices(_PAIRS)] or [keep_near(found)]
    return pl.concat(parts).sort("a", "b")


def _keys(found: pl.DataFrame) -> pl.Series:
    return pl.concat([found["a"], found["b"]]).unique().alias("key")


def _asked_by_somebody(found: pl.DataFrame, prompts: pl.LazyFrame) -> pl.DataFrame:
    """Leave out what only conversations have that go on in different ways."""
    own = rows_of(prompts.select(key="prompt_key"), "key", _keys(found))["key"]
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


def near_links(near: dict[str, pl.DataFrame], prompts: pl.LazyFrame, judgments: pl.LazyFrame) -> pl.DataFrame:
    """List the records on both sides of every near prompt and every near pair: `record_id` and a `key` they share."""
    prompt_ties, pair_ties = _ends(near["prompt"]), _ends(near["pair"])
    asking = rows_of(prompts.select("record_id", text="prompt_key"), "text", prompt_ties["text"])
    talks = prompts.select("record_id", text="prefix_keys")
    continued = rows_of(talks, "text", prompt_ties["text"], explode=["text"])
    judged = rows_of(judgments.select("record_id", text="pair_key"), "text", pair_ties["text"])
    tied = [pl.concat([asking, continued]).join(prompt_ties, on="text"), judged.join(pair_ties, on="text")]
    return pl.concat(tied).select("record_id", "key").unique().sort("key", "record_id")


def _ends(edges: pl.DataFrame) -> pl.DataFrame:
    ties = edges.select("a", "b", key=pl.concat_str("a", "b", separator="~"))
    return pl.concat([ties.select("key", text="a"), ties.select("key", text="b")])
