"""The judge of models: what they flag, and whether what they say of media is what the media show and say."""

from __future__ import annotations

import polars as pl

from tasks.demo.judge import FLAGGED, Tables, pairs_of

# The kinds whose prompts end with the one right caption, or with what was said; and the table of what a model says.
SAID = {"drawing_fits": "captions", "spoken_sentence": "transcripts"}
JUDGED_MODELS_BY = ["records", "pairs", "decisions", *SAID.values()]


def judge_models(truth: pl.DataFrame, tables: Tables, rule: str) -> pl.DataFrame:
    """Say how much models found of what only models can find.

    Return `found by models, planted, found, flagged, recall, precision`: first the kinds that `rule` has to flag, then
    the captions and transcripts that have to be right, word by word; of these nothing is flagged. `tables` are those of
    one snapshot that `JUDGED_MODELS_BY` names.
    """
    pairs = pairs_of(tables)
    return pl.concat([_flagged(truth, tables, pairs, rule), *[_said(truth, tables, pairs, kind) for kind in SAID]])


def _flagged(truth: pl.DataFrame, tables: Tables, pairs: pl.DataFrame, rule: str) -> pl.DataFrame:
    is_told = (pl.col("action") == "flag") & (pl.col("rule") == rule)
    flagged = tables["decisions"].filter(is_told).select(pair_id="subject_id").join(pairs, on="pair_id")["key"]
    planted = truth.filter(pl.col("fate") == FLAGGED).explode("keys")
    is_found = pl.col("keys").is_in(flagged.implode())
    found = planted.group_by(kind="kind", maintain_order=True).agg(planted=pl.len(), found=is_found.sum())
    return _told(found.with_columns(flagged=pl.lit(flagged.n_unique())))


def _said(truth: pl.DataFrame, tables: Tables, pairs: pl.DataFrame, kind: str) -> pl.DataFrame:
    planted = truth.filter(pl.col("kind") == kind).select("kind", key="keys").explode("key")
    said = tables[SAID[kind]].select(chosen_media_id="media_id", said="text")
    heard = planted.join(pairs.filter("kept"), on="key", how="left").join(said, on="chosen_media_id", how="left")
    is_right = pl.col("prompt").str.ends_with(" " + pl.col("said")).fill_null(value=False)
    found = heard.group_by(kind=pl.format("{} in {}", "kind", pl.lit(SAID[kind]))).agg(
        planted=pl.col("key").n_unique(), found=is_right.sum()
    )
    return _told(found.with_columns(flagged=None))


def _told(found: pl.DataFrame) -> pl.DataFrame:
    is_flagged = pl.col("flagged") > 0
    return found.select(
        pl.col("kind").alias("found by models"),
        pl.col("planted", "found", "flagged").cast(pl.Int64),
        recall=pl.col("found") / pl.col("planted"),
        precision=pl.when(is_flagged).then(pl.col("found") / pl.col("flagged")),
    )
