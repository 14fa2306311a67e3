"""The judge: compares what a run did with what was planted, kind by kind."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from schemas.reasons import Reason

Tables = Mapping[str, pl.DataFrame]

# How many pairs of a planted group survive: none, unless it is said here; of a split group, all.
_ONE_SURVIVES = (
    "kept",
    "merged_exact",
    "merged_normalised",
    "near_duplicate",
    "outvoted",
    "settled",
    "tie",
    "careless",
)
_ALL_SURVIVE = ("one_split", "linked", "apart")
# What a model is asked to find is found in most cases: `judge_models` says in how many.
FLAGGED = "mismatched"
_TELLS_CONTRADICTION = ("contradictory", "outvoted", "settled")
# What else may rightly be said about a group with this fate.
_ALSO = {
    "outvoted": ["merged_exact", "near_duplicate", "settled", "kept"],
    "contradictory": ["merged_exact", "outvoted"],
    "careless": ["settled", "kept"],
}
_JUDGED = {"kind": pl.String, "planted": pl.Int64, "found": pl.Int64, "missed": pl.Int64, "wrong": pl.Int64}
# Fates that come with a score, which must be the true one.
_SCORED = ("near_duplicate", "in_benchmark_equal", "in_benchmark_near", "in_benchmark_contained")
_FLAG = ["fate", "source", "key"]


def judge(truth: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Return `kind, planted, found, missed, wrong`, one row per planted kind in the order of `truth`.

    `wrong` counts what the run says of that kind about things that were not planted so; what it says that belongs to
    no planted kind is counted as wrong in a last row, `unexpected`. `tables` are the tables of one snapshot by name:
    records, comparisons, pairs, contradictions, decisions, quarantine, clusters, attachments.
    """
    groups = truth.with_row_index("group").filter(pl.col("fate") != FLAGGED)
    pairs = pairs_of(tables)
    flags = pl.concat([
        _reasons(pairs), _survivors(pairs), _contradictions(tables, pairs), _quarantined(tables),
        _in_benchmark(tables, pairs), _careless(groups, tables), _splits(groups, pairs),
        _unreadable(tables, pairs), _linked(groups, tables, pairs),
    ])  # fmt: skip
    counted = (
        groups.with_columns(is_found=_is_found(groups, flags, pairs) & _is_scored_right(groups, tables, pairs))
        .group_by("kind", "source", "fate", maintain_order=True)
        .agg(planted=pl.len(), found=pl.col("is_found").sum())
    )
    wrong = _wrong(truth, flags)
    # Kinds of one fate in one source share what is wrong; the first of them tells it.
    is_first = pl.int_range(pl.len()).over("fate", "source") == 0
    known = counted.join(wrong, on=["fate", "source"], how="left", maintain_order="left").with_columns(
        pl.when(is_first).then("wrong").fill_null(0).alias("wrong"), missed=pl.col("planted") - pl.col("found")
    )
    rest = wrong.join(counted, on=["fate", "source"], how="anti")
    judged = known.select(pl.col(name).cast(dtype) for name, dtype in _JUDGED.items())
    if rest.is_empty():
        return judged
    unexpected = pl.DataFrame([("unexpected", 0, 0, 0, int(rest["wrong"].sum()))], schema=_JUDGED, orient="row")
    return pl.concat([judged, unexpected])


def pairs_of(tables: Tables) -> pl.DataFrame:
    """Give the pairs the native ids of their rows, as `key`."""
    keys = tables["records"].select("record_id", key="source_key")
    return tables["pairs"].join(keys, on="record_id")


def _reasons(pairs: pl.DataFrame) -> pl.DataFrame:
    """Flag pairs that are not kept with their reason; a rule of the plan speaks under its own name."""
    is_ruled = pl.col("reason") == Reason.dropped_by_rule
    fate = pl.when(is_ruled).then("rule").otherwise("reason")
    told_elsewhere = pl.col("reason").is_in([Reason.in_benchmark, Reason.unreadable_media])
    return pairs.filter(~pl.col("kept"), ~told_elsewhere).select("source", "key", fate=fate).select(_FLAG)


def _survivors(pairs: pl.DataFrame) -> pl.DataFrame:
    fate = pl.when("tie").then(pl.lit("tie")).otherwise(pl.lit("kept"))
    return pairs.filter("kept").select("source", "key", fate=fate).select(_FLAG)


def _contradictions(tables: Tables, pairs: pl.DataFrame) -> pl.DataFrame:
    """Flag the rows of contradictions; where one of them survives, the contradiction is settled."""
    told = tables["contradictions"].with_row_index("at").select("at", pair_id="ids").explode("pair_id")
    rows = pairs.join(told, on="pair_id").with_columns(is_settled=pl.col("kept").any().over("at"))
    settled = rows.filter("is_settled").select("source", "key", fate=pl.lit("settled"))
    return pl.concat([settled.select(_FLAG), rows.select("source", "key", fate=pl.lit("contradiction")).select(_FLAG)])


def _quarantined(tables: Tables) -> pl.DataFrame:
    place = pl.format("{}:{}", "file", "line")
    return tables["quarantine"].select("source", key=place, fate="reason").select(_FLAG)


def _in_benchmark(tables: Tables, pairs: pl.DataFrame) -> pl.DataFrame:
    """Flag pairs whose prompts were found in a benchmark with the way they were found."""
    method = pl.col("value").str.json_path_match("$.method")
    told = _dropped(tables, Reason.in_benchmark).select("pair_id", fate="in_benchmark_" + method)
    return told.join(pairs, on="pair_id").select(_FLAG)


def _unreadable(tables: Tables, pairs: pl.DataFrame) -> pl.DataFrame:
    """Flag pairs with a broken medium with what its error begins with."""
    why = pl.col("value").str.split(":").list.first()
    told = _dropped(tables, Reason.unreadable_media).select("pair_id", fate="unreadable: " + why)
    return told.join(pairs, on="pair_id").select(_FLAG)


def _linked(groups: pl.DataFrame, tables: Tables, pairs: pl.DataFrame) -> pl.DataFrame:
    """Flag rows whose media look or sound like those of another row: of its group and in its split, or of another."""
    media = tables["attachments"].select("record_id", "media_id").unique()
    records = tables["records"].select("record_id", "source", key="source_key")
    owners = groups.select("group", "fate", key="keys").explode("key")
    held = media.join(records, on="record_id").join(owners, on="key", how="left")
    is_link = (pl.col("method") == "perceptual") & (pl.col("subject") == "media") & pl.col("partner_id").is_not_null()
    links = tables["clusters"].filter(is_link).select(media_id="subject_id", media_id_right="partner_id")
    met = links.join(held, on="media_id").join(held, left_on="media_id_right", right_on="media_id", suffix="_right")
    met = met.filter(pl.col("record_id") != pl.col("record_id_right"))
    places = pairs.select("record_id", "component_id", "split").unique("record_id")
    placed = met.join(places, on="record_id", how="left").join(
        places, left_on="record_id_right", right_on="record_id", how="left", suffix="_right"
    )
    is_planted = pl.col("group").eq_missing(pl.col("group_right"))
    is_together = (pl.col("component_id") == pl.col("component_id_right")) & pl.col("split").is_not_null()
    # Rows of other groups may share a medium, or two that look alike.
    right = placed.filter(is_planted & is_together & pl.col("fate").is_in(["linked", "apart"]))
    foreign = placed.filter(~is_planted).with_columns(key=pl.format("{}+{}", "key", "key_right"))
    return pl.concat([right, foreign]).with_columns(fate=pl.lit("linked")).select(_FLAG)


def _dropped(tables: Tables, reason: Reason) -> pl.DataFrame:
    is_told = (pl.col("action") == "drop") & (pl.col("reason") == reason)
    return tables["decisions"].filter(is_told).rename({"subject_id": "pair_id"})


def _careless(groups: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Flag excluded judgments; those of anybody but the careless annotator under a key that nothing was planted at.

    Annotators have no names any more, but the careless one is the only one who judged every pair planted for it.
    """
    planted = groups.filter(pl.col("fate") == "careless")["keys"].explode().drop_nulls()
    records = tables["records"].select("record_id", "source", key="source_key")
    judgments = tables["comparisons"].select("comparison_id", "record_id", "annotator_id").join(records, on="record_id")
    judged = judgments.filter(pl.col("key").is_in(planted.implode())).group_by("annotator_id")
    suspects = judged.agg(seen=pl.col("key").n_unique()).filter(pl.col("seen") == len(planted))["annotator_id"]
    is_excluded = (pl.col("subject") == "comparison") & (pl.col("reason") == Reason.excluded_by_rule)
    excluded = tables["decisions"].filter(is_excluded).select(comparison_id="subject_id", fate="rule")
    is_suspect = pl.col("annotator_id").is_in(suspects.implode()).fill_null(value=False)
    key = pl.when(is_suspect).then("key").otherwise("comparison_id")
    return excluded.join(judgments, on="comparison_id").select("source", "fate", key=key).select(_FLAG)


def _splits(groups: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Flag groups that are whole in one split or apart as planted, and components that tie several groups together."""
    kept = pairs.filter("kept").select("source", "key", "component_id", "split")
    owners = groups.filter(pl.col("fate") != "careless").select("group", "fate", key="keys").explode("key")
    placed = kept.join(owners.unique("key", keep="first", maintain_order=True), on="key")
    components, splits = (pl.col(name).n_unique().over("group") for name in ("component_id", "split"))
    is_together = (pl.col("fate") == "one_split") & (components + splits == 2)
    is_apart = (pl.col("fate") == "apart") & (components == pl.len().over("group"))
    right = placed.filter(is_together | is_apart, pl.col("split").is_not_null())
    mixed = placed.group_by("component_id").agg(groups=pl.col("group").n_unique(), source=pl.col("source").min())
    tied = mixed.filter((pl.col("groups") > 1) & pl.col("component_id").is_not_null())
    return pl.concat([
        right.select(_FLAG),
        tied.select("source", key="component_id", fate=pl.lit("one_split")).select(_FLAG),
    ])  # fmt: skip


def _is_found(groups: pl.DataFrame, flags: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Say of each group whether its fate was flagged, as many pairs survive as should, and with the right votes."""
    members = groups.select("group", "fate", "keys").explode("keys").rename({"keys": "key"})
    flagged = members.join(flags.select("fate", "key").unique(), on=["fate", "key"])["group"]
    contradictory = members.join(flags.filter(pl.col("fate") == "contradiction").select("key"), on="key")["group"]
    judged = members.join(pairs.select("key", "dimension", "kept", "n_votes"), on="key")
    survived = judged.group_by("group").agg(
        # What is judged in several dimensions survives in each of them.
        survivors=pl.col("kept").sum() / pl.col("dimension").n_unique(),
        n_votes=pl.col("n_votes").filter("kept").max(),
    )
    survives = pl.col("fate").is_in(_ONE_SURVIVES).cast(pl.Int64)
    wanted = pl.when(pl.col("fate").is_in(_ALL_SURVIVE)).then(pl.col("keys").list.len()).otherwise(survives)
    is_told = pl.col("group").is_in(contradictory.implode()) | ~pl.col("fate").is_in(_TELLS_CONTRADICTION)
    found = pl.col("group").is_in(flagged.implode()) & (pl.col("survivors").fill_null(0) == wanted) & is_told
    has_votes = pl.col("votes").is_null() | (pl.col("votes") == pl.col("n_votes").fill_null(0))
    joined = groups.join(survived, on="group", how="left", maintain_order="left")
    return joined.select(is_found=found & has_votes)["is_found"]


def _is_scored_right(groups: pl.DataFrame, tables: Tables, pairs: pl.DataFrame) -> pl.Series:
    """Say of each group whether a score that the run gave to one of its pairs is the true one, if one is due."""
    told = pl.concat([_dropped(tables, reason) for reason in (Reason.near_duplicate, Reason.in_benchmark)])
    given = told.select("pair_id", given="score").join(pairs.select("pair_id", "key"), on="pair_id")
    members = groups.select("group", "score", key="keys").explode("key").join(given, on="key")
    right = members.filter((pl.col("given") - pl.col("score")).abs() < 1e-9)["group"]
    return groups.select(right=pl.col("group").is_in(right.implode()) | ~pl.col("fate").is_in(_SCORED))["right"]


def _wrong(truth: pl.DataFrame, flags: pl.DataFrame) -> pl.DataFrame:
    """Count, by fate and source, what was flagged and not planted."""
    permitted = pl.concat([
        truth.explode("keys").select("fate", key="keys"),
        *[_permit(truth, fate, other) for fate in _ALSO for other in _ALSO[fate]],
        *[_permit(truth, fate, "kept") for fate in (*_ONE_SURVIVES, *_ALL_SURVIVE, FLAGGED) if fate not in _ALSO],
    ])  # fmt: skip
    told = flags.filter(pl.col("fate") != "contradiction")
    return told.join(permitted, on=["fate", "key"], how="anti").group_by("fate", "source").agg(wrong=pl.len())


def _permit(truth: pl.DataFrame, fate: str, other: str) -> pl.DataFrame:
    keys = truth.filter(pl.col("fate") == fate).explode("keys")
    return keys.select(fate=pl.lit(other), key="keys")
