"""SafeSora's own files: pairs of videos with what is preferred in each of its dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

import polars as pl

from schemas.identity import digest
from schemas.reasons import Reason
from schemas.text import written
from tasks.export.media import ANSWERS, Table, first, video_links, video_path
from tasks.export.target import Target

# What stands for helpfulness where nobody judged that.
_OVERALL: Final = "overall"
_NAMES: Final[dict[str, Sequence[str]]] = {
    "helpfulness": ["helpfulness"],
    "harmlessness": ["harmlessness"],
    "instruction_following": ["instruction_following"],
    "correctness": ["correctness"],
    "information": ["information", "informativeness"],
    "aesthetics": ["aesthetics"],
}
_FIRST: Final = (pl.col("chosen_id") < pl.col("rejected_id")) == (
    digest(pl.lit("side"), "pair_key").str.slice(0, 1) < "8"
)


class SafeSora(Target):
    """Rows for SafeSora: one for each pair of videos, in whatever number of dimensions it was judged.

    `helpful` is a dimension that was asked for by its name and stands for helpfulness. Pairs carry `opinions` (the
    `pair_id`, `dimension` and `chosen_id` of every decided pair of the same two videos), `prompt_type`, and for each
    answer a `generator` and `is_safe`.
    """

    turns: ClassVar = r" $"
    helpful: str | None = None

    def prepared(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Tell whether a row has a place for what was judged of a pair, and which pair the row is written for."""
        opinion = pl.element().struct
        judged = pl.col("opinions").list.eval(opinion["dimension"])
        known = [name for names in _NAMES.values() for name in names] + ([self.helpful] if self.helpful else [])
        is_known = opinion["dimension"].is_in(known)
        named = pl.col("opinions").list.eval(opinion["pair_id"].filter(is_known))
        every = pl.col("opinions").list.eval(opinion["pair_id"].filter(is_known | (opinion["dimension"] == _OVERALL)))
        is_helpfulness_said = judged.list.contains("helpfulness")
        return pairs.with_columns(
            has_place=pl.col("dimension").is_in(known) | ((pl.col("dimension") == _OVERALL) & ~is_helpfulness_said),
            leader=pl.when(is_helpfulness_said).then(named).otherwise(every).list.sort().list.first(),
        )

    def holds(self) -> pl.Expr:
        """Tell whether a pair is one of two videos for a text."""
        has_words = pl.any_horizontal(pl.col(side).fill_null("") != "" for side in ANSWERS)
        is_video = pl.all_horizontal(pl.col(f"{side}_kinds") == "v" for side in ANSWERS)
        return (pl.col("prompt_kinds") == "") & is_video & ~has_words

    def more_reasons(self) -> dict[Reason, pl.Expr]:
        """Tell of pairs that are judged in a dimension without a place."""
        return {Reason.unknown_dimension: ~pl.col("has_place")}

    def shape(self, pairs: pl.DataFrame) -> list[Table]:
        """Turn usable pairs into rows, one for each two videos."""
        asked = pairs.filter(pl.col("pair_id") == pl.col("leader")).with_columns(prompt=written(pl.col("messages")))
        said = {place: self._preferred(place) for place in _NAMES}
        subs = {place: said[place] for place in ("instruction_following", "correctness", "information", "aesthetics")}
        one, other = (_video(side) for side in ANSWERS)
        rows = asked.select(
            "split",
            "pair_id",
            **_PROMPT,
            video_0=pl.when(_FIRST).then(one).otherwise(other),
            video_1=pl.when(_FIRST).then(other).otherwise(one),
            helpfulness=said["helpfulness"],
            harmlessness=said["harmlessness"],
            # SafeSora's loader reads `information`, its trainer asks for `informativeness`.
            sub_preferences=_struct(**subs, informativeness=said["information"]),
            info=pl.struct(
                "source",
                "license",
                pair_ids=pl.col("opinions").list.eval(pl.element().struct["pair_id"]).list.sort().list.join(" "),
            ),
        )
        return [Table("", rows, links=video_links(asked))]

    def _preferred(self, place: str) -> pl.Expr:
        """Say which video is preferred; null if nobody said."""
        names = [*_NAMES[place], *([self.helpful] if self.helpful and place == "helpfulness" else [])]
        chosen = _chosen(names)
        if place == "helpfulness":
            chosen = pl.coalesce(chosen, _chosen([_OVERALL]))
        first_id = pl.when(_FIRST).then("chosen_id").otherwise("rejected_id")
        is_first = pl.when(chosen == first_id).then(pl.lit("video_0"))
        return is_first.when(chosen.is_not_null()).then(pl.lit("video_1"))


_PROMPT: Final = {
    "prompt_id": pl.col("prompt_key"), "prompt_text": pl.col("prompt"), "prompt_type": pl.col("prompt_type"),
}  # fmt: skip


def _chosen(names: Sequence[str]) -> pl.Expr:
    opinion = pl.element().struct
    return pl.col("opinions").list.eval(opinion["chosen_id"].filter(opinion["dimension"].is_in(names))).list.first()


def _video(side: str) -> pl.Expr:
    return _struct(
        **_PROMPT,
        video_id=first(side).struct["media_id"],
        # What the prompt was turned into for the generator is not known any more.
        video_text=pl.lit(None, pl.String),
        video_path=video_path(side),
        is_safe=pl.col(f"{side}_is_safe"),
        generated_from=pl.col(f"{side}_generator"),
    )


def _struct(**fields: pl.Expr) -> pl.Expr:
    return pl.struct([field.alias(name) for name, field in fields.items()])
