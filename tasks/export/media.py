"""The media of pairs, as targets get them and as rows say them: kinds, tags in texts, and files beside the rows."""

from __future__ import annotations

from typing import Final, NamedTuple

import polars as pl

from schemas.attached import LETTERS, Embedded

NO_LINKS: Final = pl.DataFrame(schema={"path": pl.String, "sha256": pl.String})

TAG: Final = r"<(?:image|audio|video)>"
ANSWERS: Final = ("chosen", "rejected")
# A tag that stands on a line of its own goes with its line.
_TAG_AND_LINE: Final = rf"{TAG}\n?|\n{TAG}"


class Table(NamedTuple):
    """Rows of an export that lie in one folder, each with its `split`.

    The columns that `embedded` names hold `ATTACHED` or lists of it, and get its bytes when they are written. `links`
    are the files that lie beside the rows: their `path` in the folder, and the `sha256` of what is in them.
    """

    folder: str
    rows: pl.DataFrame
    embedded: dict[str, Embedded] = {}
    links: pl.DataFrame = NO_LINKS


def first(place: str) -> pl.Expr:
    """Take the first medium of a prompt or an answer."""
    return pl.col(f"{place}_media").list.first()


def has_tag(column: str) -> pl.Expr:
    """Tell whether a text says something that a trainer takes for a medium."""
    return pl.col(column).fill_null("").str.contains(TAG)


def without_tags(text: pl.Expr) -> pl.Expr:
    """Leave tags out of a text, those on a line of their own with their line."""
    return text.str.replace_all(_TAG_AND_LINE, "")


def untagged(messages: pl.Expr) -> pl.Expr:
    """Leave tags out of messages."""
    role, content = pl.element().struct["role"], pl.element().struct["content"]
    return messages.list.eval(pl.struct(role, without_tags(content).alias("content")))


def tagged() -> pl.Expr:
    """Write the prompt's media into its `messages` as tags, as many of each kind as there are media.

    Tags that the source wrote stay where they are, if their numbers are those of the media. Else they are left out, and
    the user's first message begins with the media.
    """
    role, content = pl.element().struct["role"], pl.element().struct["content"]
    said = pl.col("messages").list.eval(content.filter(role != "system")).list.join("\0")
    in_place = [
        ~pl.col("messages").list.eval((role == "system") & content.str.contains(TAG)).list.any(),
    ]
    in_place += [
        said.str.count_matches(f"<{kind}>", literal=True)
        == pl.col("prompt_kinds").str.count_matches(letter, literal=True)
        for kind, letter in LETTERS.items()
    ]
    return pl.when(pl.all_horizontal(in_place)).then(pl.col("messages")).otherwise(_begun(untagged(pl.col("messages"))))


def _begun(messages: pl.Expr) -> pl.Expr:
    """Put the tags in front of the first message that is not the system's."""
    modality = pl.element().struct["modality"]
    tags = pl.col("prompt_media").list.eval(pl.lit("<") + modality + pl.lit(">")).list.join("")
    at = (messages.list.first().struct["role"] == "system").fill_null(value=False).cast(pl.Int64)
    begun = messages.list.get(at, null_on_oob=True).struct
    opening = pl.struct(begun["role"], (tags + begun["content"]).alias("content"))
    return pl.concat_list(messages.list.head(at), opening, messages.list.slice(at + 1))


def in_parts(messages: pl.Expr) -> pl.Expr:
    """Give each message's content as a list of parts: its texts, and its pictures where their tags are."""
    content = pl.element().struct["content"].str.replace_all("<image>", "\0<image>\0", literal=True).str.split("\0")
    part, is_image = pl.element(), pl.element() == "<image>"
    named = pl.struct(
        type=pl.when(is_image).then(pl.lit("image")).otherwise(pl.lit("text")), text=pl.when(~is_image).then(part)
    )
    parts = content.list.eval(named.filter(part != "")).alias("content")
    return messages.list.eval(pl.struct(pl.element().struct["role"], parts))


def beside(media: pl.Expr, folder: str) -> pl.Expr:
    """Say the paths of media that lie in `folder`, which has a folder for each first two digits."""
    name = pl.element().struct["name"]
    return media.list.eval(pl.lit(f"{folder}/") + name.str.head(2) + pl.lit("/") + name)


def links(pairs: pl.DataFrame, folder: str, *places: str) -> pl.DataFrame:
    """List the files that `beside` names for the media in these places, each once."""
    found = []
    for place in places:
        column = f"{place}_media"
        said = pairs.select(
            path=beside(pl.col(column), folder), sha256=pl.col(column).list.eval(pl.element().struct["sha256"])
        )
        found.append(said.explode("path", "sha256", empty_as_null=False, keep_nulls=False))
    return pl.concat(found).unique(maintain_order=True)


def video_path(side: str) -> pl.Expr:
    """Say where the video of an answer lies for SafeSora and align-anything: `videos/<prompt_id>/<video_id>.mp4`.

    SafeSora's loader makes the path itself, so it is `.mp4` whatever is in it.
    """
    video = first(side).struct["media_id"]
    return pl.format("videos/{}/{}.mp4", pl.col("prompt_key"), video)


def video_links(pairs: pl.DataFrame) -> pl.DataFrame:
    """List the videos of both answers, each place once."""
    sides = [pairs.select(path=video_path(side), sha256=first(side).struct["sha256"]) for side in ANSWERS]
    return pl.concat(sides).unique(maintain_order=True)
