"""align-anything's templates: which one takes a pair, and its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

import polars as pl

from schemas.attached import Embedded
from schemas.identity import digest
from schemas.text import written
from tasks.export.media import NO_LINKS, Table, beside, first, links, untagged, video_links, video_path
from tasks.export.target import ORIGIN, Target

# The media of the prompt, of the chosen and of the rejected answer, a letter each, and the template that takes them.
_TEMPLATES: Final = {
    "^//$": "PKUSafeRLHF",
    "^i//$": "AA_TI2T",
    "^a//$": "AA_TA2T",
    "^v//$": "AA_TV2T",
    "^/i/i$": "Pickapic",
    "^/a/a$": "AA_T2A",
    "^/v/v$": "SafeSora",
    "^i*/i*/i*$": "ti2ti_preference",
}
# What only makes media takes no words beside them.
_WORDLESS: Final = ("Pickapic", "AA_T2A", "SafeSora")
# These have their media as files in the template's folder, the others in their rows.
_BESIDE: Final = {"AA_TV2T": "videos", "ti2ti_preference": "images"}
_EMBEDDED: Final[dict[str, dict[str, Embedded]]] = {
    "AA_TI2T": {"image": "image"},
    "AA_TA2T": {"audio_path": "audio"},
    "Pickapic": {"jpg_0": "bytes", "jpg_1": "bytes"},
    "AA_T2A": {"response_1": "audio", "response_2": "audio"},
}
_FIRST: Final = digest(pl.lit("side"), "pair_id").str.slice(0, 1) < "8"


class AlignAnything(Target):
    """Rows for align-anything, a folder for each template: which one takes a pair follows from the pair's media.

    A prompt of several turns is written as one text, each turn behind its role. Which answer comes first is drawn by a
    hash of the pair's id, which does not know the winner. Its data sets count on rows that have a winner: only such
    pairs are used.
    """

    version = 2
    turns: ClassVar = r" $"

    def prepared(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Choose the template of each pair; none if no template takes its media."""
        kinds = pl.concat_str("prompt_kinds", "chosen_kinds", "rejected_kinds", separator="/")
        if self.form == "prompt-only":
            kinds = pl.concat_str("prompt_kinds", pl.lit("//"))
        has_words = pl.any_horizontal(pl.col(side).fill_null("") != "" for side in ("chosen", "rejected"))
        found = [
            pl.when(kinds.str.contains(pattern) & ~(has_words & pl.lit(name in _WORDLESS))).then(pl.lit(name))
            for pattern, name in _TEMPLATES.items()
        ]
        return pairs.with_columns(template=pl.coalesce(found))

    def holds(self) -> pl.Expr:
        """Tell whether there is a template."""
        return pl.col("template").is_not_null()

    def shape(self, pairs: pl.DataFrame) -> list[Table]:
        """Turn usable pairs into rows of their templates."""
        has_media = pl.col("prompt_kinds") != ""
        messages = pl.when(has_media).then(untagged(pl.col("messages"))).otherwise(pl.col("messages"))
        asked = pairs.with_columns(prompt=written(messages))
        parts = asked.partition_by("template", as_dict=True, maintain_order=True)
        return [self._table(str(template), part) for (template,), part in parts.items()]

    def _table(self, template: str, pairs: pl.DataFrame) -> Table:
        is_asking = self.form == "prompt-only"
        columns = _QUESTIONS[template] if is_asking else _ROWS[template]()
        if is_asking and template == "ti2ti_preference":
            beside_rows = links(pairs, _BESIDE[template], "prompt")
        elif template in _BESIDE:
            beside_rows = links(pairs, _BESIDE[template], "prompt", "chosen", "rejected")
        else:
            beside_rows = video_links(pairs) if template == "SafeSora" else NO_LINKS
        rows = pairs.select("split", **columns, **{column: pl.col(column) for column in ORIGIN})
        return Table(template, rows, _EMBEDDED.get(template, {}), beside_rows)


_PROMPT: Final = pl.col("prompt")


def _sides(chosen: pl.Expr, rejected: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Put both answers in the order that was drawn."""
    return (
        pl.when(_FIRST).then(chosen).otherwise(rejected),
        pl.when(_FIRST).then(rejected).otherwise(chosen),
    )


def _better(one: int, other: int) -> pl.Expr:
    return pl.when(_FIRST).then(one).otherwise(other).cast(pl.Int64)


def _texts() -> dict[str, pl.Expr]:
    one, other = _sides(pl.col("chosen"), pl.col("rejected"))
    return {"prompt": _PROMPT, "response_0": one, "response_1": other, "better_response_id": _better(0, 1)}


def _answered(question: dict[str, pl.Expr]) -> dict[str, pl.Expr]:
    one, other = _sides(pl.col("chosen"), pl.col("rejected"))
    return {**question, "response_1": one, "response_2": other, "overall_response": _better(1, 2)}


def _pictures() -> dict[str, pl.Expr]:
    one, other = _sides(first("chosen"), first("rejected"))
    return {"caption": _PROMPT, "jpg_0": one, "jpg_1": other, "label_0": _better(1, 0), "label_1": _better(0, 1)}


def _sounds() -> dict[str, pl.Expr]:
    one, other = _sides(first("chosen"), first("rejected"))
    return {"prompt": _PROMPT, "response_1": one, "response_2": other, "overall_audio": _better(1, 2)}


def _videos() -> dict[str, pl.Expr]:
    video = [
        pl.struct(prompt_id="prompt_key", video_id=first(side).struct["media_id"], video_path=video_path(side))
        for side in ("chosen", "rejected")
    ]
    one, other = _sides(*video)
    helpful = pl.when(_FIRST).then(pl.lit("video_0")).otherwise(pl.lit("video_1"))
    return {"prompt_text": _PROMPT, "video_0": one, "video_1": other, "helpfulness": helpful}


def _mixed() -> dict[str, pl.Expr]:
    said = _QUESTIONS["ti2ti_preference"]
    for word, side in (("better", "chosen"), ("worse", "rejected")):
        said = {**said, f"{word}_text": pl.col(side).fill_null(""), f"{word}_img": _images(side)}
    return said


def _images(place: str) -> pl.Expr:
    return beside(pl.col(f"{place}_media"), _BESIDE["ti2ti_preference"])


_QUESTIONS: Final[dict[str, dict[str, pl.Expr]]] = {
    "PKUSafeRLHF": {"prompt": _PROMPT},
    "AA_TI2T": {"question": _PROMPT, "image": first("prompt")},
    "AA_TA2T": {"prompt": _PROMPT, "audio_path": first("prompt")},
    # Its reader puts the variable ROOT_VIDEO_PATH in the place of the dot.
    "AA_TV2T": {
        "prompt": _PROMPT,
        "video_path": pl.lit("./") + beside(pl.col("prompt_media"), _BESIDE["AA_TV2T"]).list.first(),
    },
    "ti2ti_preference": {"input_text": _PROMPT, "input_image": _images("prompt")},
}
_ROWS: Final[dict[str, Callable[[], dict[str, pl.Expr]]]] = {
    "PKUSafeRLHF": _texts,
    "AA_TI2T": lambda: _answered(_QUESTIONS["AA_TI2T"]),
    "AA_TA2T": lambda: _answered(_QUESTIONS["AA_TA2T"]),
    "AA_TV2T": lambda: _answered(_QUESTIONS["AA_TV2T"]),
    "Pickapic": _pictures,
    "AA_T2A": _sounds,
    "SafeSora": _videos,
    "ti2ti_preference": _mixed,
}
