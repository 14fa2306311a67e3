"""LLaMA-Factory's ShareGPT form, with or without ranking, and the entry of its `dataset_info.json`."""

from __future__ import annotations

from typing import Any, ClassVar

import polars as pl

from schemas.attached import of_modality
from tasks.export.media import Table, beside, links, tagged
from tasks.export.target import ORIGIN, Target

_TAGS = {"user": "human", "assistant": "gpt"}
_LISTS = {"images": "image", "videos": "video", "audios": "audio"}
_FOLDER = "media"


class LlamaFactory(Target):
    """Rows for LLaMA-Factory: `preference` for its stages rm and dpo, `unpaired` for its stage kto.

    It throws away, with no more than a line in its log, conversations in which user and assistant do not take turns.
    An export with media has them as files; `images`, `videos` and `audios` list their paths, and the messages have as
    many tags of each kind.
    """

    version = 2
    may_have_media: ClassVar = True

    def holds(self) -> pl.Expr:
        """Tell whether the answers are texts, and the prompt's media known ones."""
        asked = pl.col("prompt_kinds").str.contains("^[iav]*$")
        return asked & (pl.col("chosen_kinds") == "") & (pl.col("rejected_kinds") == "")

    def shape(self, pairs: pl.DataFrame) -> list[Table]:
        """Turn usable pairs into rows; the system message has a column of its own."""
        if not self.with_media:
            return [Table("", self._rows(pairs, ORIGIN))]
        paths = {name: beside(of_modality("prompt", kind), _FOLDER) for name, kind in _LISTS.items()}
        shown = pairs.with_columns(messages=tagged(), **paths)
        return [Table("", self._rows(shown, [*_LISTS, *ORIGIN]), links=links(pairs, _FOLDER, "prompt"))]

    def _rows(self, pairs: pl.DataFrame, more: list[str]) -> pl.DataFrame:
        first = pl.col("messages").list.first().struct
        has_system = first["role"] == "system"
        talks = pairs.with_columns(
            system=pl.when(has_system).then(first["content"]).otherwise(pl.lit("")),
            conversations=_as_sharegpt(
                pl.when(has_system).then(pl.col("messages").list.slice(1)).otherwise(pl.col("messages"))
            ),
        )
        return _ranked(talks, more) if self.form == "preference" else _labelled(talks, more)

    def entry(self, file: str) -> dict[str, Any]:
        """Describe one of the files as `dataset_info.json` has to."""
        media = {name: name for name in _LISTS} if self.with_media else {}
        answers = {"chosen": "chosen", "rejected": "rejected"} if self.form == "preference" else {"kto_tag": "kto_tag"}
        return {
            "file_name": file,
            "formatting": "sharegpt",
            "ranking": self.form == "preference",
            "columns": {"messages": "conversations", "system": "system", **answers, **media},
        }


def _ranked(talks: pl.DataFrame, more: list[str]) -> pl.DataFrame:
    answers = [_said("gpt", side).alias(side) for side in ("chosen", "rejected")]
    return talks.select("split", "conversations", "system", *answers, *more)


def _labelled(talks: pl.DataFrame, more: list[str]) -> pl.DataFrame:
    sides = []
    for side, is_good in (("chosen", True), ("rejected", False)):
        answer = _said("gpt", side).reshape((-1, 1)).arr.to_list()
        whole = pl.concat_list("conversations", answer).alias("conversations")
        sides.append(talks.select("split", whole, "system", pl.lit(is_good).alias("kto_tag"), *more))
    return pl.concat(sides)


def _as_sharegpt(messages: pl.Expr) -> pl.Expr:
    role, content = pl.element().struct["role"], pl.element().struct["content"]
    tag = role.replace_strict(_TAGS, default=None, return_dtype=pl.String)
    return messages.list.eval(pl.struct(tag.alias("from"), content.alias("value")))


def _said(tag: str, column: str) -> pl.Expr:
    return pl.struct(pl.lit(tag).alias("from"), pl.col(column).alias("value"))
