import polars as pl
import pytest

from tasks.demo.judge import judge
from tasks.demo.kinds import GROUPS
from tasks.demo.media.generate import generate_media
from tasks.demo.text import generate

REASONS = {
    "contradictory", "identical_sides", "outvoted", "merged_exact", "merged_normalised", "near_duplicate",
    "in_benchmark", "unreadable_media",
}  # fmt: skip
RULES = {"same_up_to_case", "empty_side", "too_short", "silent", "clipped", "frozen"}
DECISION = {"action": "drop", "rule": None, "value": None, "score": None}
PAIR = {
    "pair_id": "", "record_id": "", "key": "", "source": "", "kept": True, "reason": None,
    "rule": None, "tie": False, "dimension": "overall", "n_votes": 1, "component_id": "", "split": "train",
}  # fmt: skip


def fates_of_members(row):
    """What a run without a fault says about each pair of a planted group."""
    key = row["keys"][0]
    if row["fate"].startswith("in_benchmark"):
        return [(key, "in_benchmark")]
    if row["fate"].startswith("unreadable"):
        return [(key, "unreadable_media")]
    if row["fate"] in ("merged_exact", "merged_normalised", "near_duplicate"):
        members = row["keys"] if len(row["keys"]) == 2 else [key, key]
        return [(members[0], "kept"), (members[1], row["fate"])]
    if row["fate"] == "outvoted":
        return list(zip(row["keys"], ["kept", "merged_exact", "outvoted"], strict=True))
    if row["fate"] in REASONS | RULES | {"tie"}:
        return [(key, row["fate"]) for key in row["keys"]]
    return [(key, "kept") for key in row["keys"]]


def pairs_of(group, row):
    for at, (key, fate) in enumerate(fates_of_members(row)):
        yield PAIR | {
            "pair_id": f"{key}/{at}",
            "record_id": f"{key}/{at}",
            "key": key,
            "source": row["source"],
            "kept": fate in ("kept", "tie"),
            "tie": fate == "tie",
            "reason": "dropped_by_rule" if fate in RULES else fate if fate in REASONS else None,
            "rule": fate if fate in RULES else None,
            "n_votes": row["votes"],
            "component_id": f"component-{group}-{at}" if row["fate"] == "apart" else f"component-{group}",
        }


def decisions_of(row):
    """What a run without a fault says about near copies and about prompts in benchmarks."""
    key = row["keys"][-1]
    if row["fate"] == "near_duplicate":
        yield DECISION | {"subject": "pair", "subject_id": f"{key}/1", "reason": row["fate"], "score": row["score"]}
    if row["fate"].startswith("in_benchmark_"):
        value = f'{{"method":"{row["fate"].removeprefix("in_benchmark_")}"}}'
        about = {"reason": "in_benchmark", "value": value, "score": row["score"]}
        yield DECISION | {"subject": "pair", "subject_id": f"{key}/0"} | about
    if row["fate"].startswith("unreadable"):
        about = {"reason": "unreadable_media", "value": f"{row['fate'].removeprefix('unreadable: ')}: for a reason"}
        yield DECISION | {"subject": "pair", "subject_id": f"{key}/0"} | about
    if row["fate"] == "mismatched":
        about = {"action": "flag", "reason": "flagged_by_rule", "rule": "wrong_prompt"}
        yield DECISION | {"subject": "pair", "subject_id": f"{key}/0"} | about


def excluded(judgment):
    about = {"rule": "careless", "reason": "excluded_by_rule"}
    return DECISION | {"subject": "comparison", "subject_id": judgment} | about


def decisions(rows):
    schema = dict.fromkeys(("subject", "subject_id", "reason", *DECISION), pl.String) | {"score": pl.Float64}
    return pl.DataFrame(rows, schema=schema)


def media_of(rows):
    """Two pictures a record, and a link between the first ones of records that are linked."""
    media = [(f"{key}/{at}", f"{key}-{side}") for row in rows for at, key in enumerate(row["keys"]) for side in "ab"]
    links = [[f"{key}-a" for key in row["keys"]] for row in rows if row["fate"] == "linked"]
    return {
        "attachments": pl.DataFrame(media, schema=["record_id", "media_id"], orient="row"),
        "clusters": clusters([row for one, two in links for row in ((one, two), (one, None))]),
    }


def clusters(links):
    rows = [("media", "perceptual", *link) for link in links]
    schema = dict.fromkeys(("subject", "method", "subject_id", "partner_id"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def curated(truth):
    """The tables of a run that found everything and invented nothing."""
    rows = list(truth.to_dicts())
    pairs = [pair for group, row in enumerate(rows) for pair in pairs_of(group, row) if ":" not in row["keys"][0]]
    frame = pl.DataFrame(pairs, infer_schema_length=None)
    told = truth.filter(pl.col("fate").is_in(["contradictory", "outvoted", "settled"]))["keys"].to_list()
    ids = [frame.filter(pl.col("key").is_in(group))["pair_id"].to_list() for group in told]
    lost = [(row["source"], *row["keys"][0].split(":"), row["fate"]) for row in rows if ":" in row["keys"][0]]
    careless = truth.filter(pl.col("fate") == "careless")["keys"].explode()
    judged = frame.filter(pl.col("key").is_in(careless.implode())).select("record_id", "key")
    votes = [(f"{who}/{key}", record, who) for who in ("careful", "careless") for record, key in judged.iter_rows()]
    # The careful one judged something else instead of the last pair.
    votes[len(judged) - 1] = ("careful/elsewhere", frame["record_id"][0], "careful")
    return {
        "records": frame.select("record_id", "source", source_key="key"),
        "pairs": frame.drop("key"),
        "contradictions": pl.DataFrame({"ids": ids}),
        "quarantine": pl.DataFrame(lost, schema=["source", "file", "line", "reason"], orient="row").with_columns(
            pl.col("line").cast(pl.Int64)
        ),
        **media_of(rows),
        "comparisons": pl.DataFrame(votes, schema=["comparison_id", "record_id", "annotator_id"], orient="row"),
        "decisions": decisions(
            [*[excluded(f"careless/{key}") for key in judged["key"]], *[d for row in rows for d in decisions_of(row)]]
        ),
    }


@pytest.fixture(scope="module")
def truth():
    return generate(seed=5, size=50).beside(generate_media(seed=5, size=10)).truth


@pytest.fixture
def tables(truth):
    return curated(truth)


def row_of(judged, kind):
    (row,) = judged.filter(pl.col("kind") == kind).to_dicts()
    return row


def missed_and_wrong(judged):
    return {row["kind"]: (row["missed"], row["wrong"]) for row in judged.to_dicts() if row["missed"] or row["wrong"]}


def change(tables, name, where, **columns):
    changed = [pl.when(where).then(pl.lit(value)).otherwise(pl.col(key)).alias(key) for key, value in columns.items()]
    return tables | {name: tables[name].with_columns(changed)}


def record_of(tables, key):
    return pl.col("record_id") == tables["records"].filter(pl.col("source_key") == key)["record_id"][0]


def test_a_run_without_a_fault_finds_everything_and_nothing_else(truth, tables):
    judged = judge(truth, tables)
    assert missed_and_wrong(judged) == {}
    exact = truth.filter(pl.col("fate") != "mismatched")
    assert judged["kind"].to_list() == exact["kind"].unique(maintain_order=True).to_list()
    assert judged["planted"].sum() == exact.height
    assert judged.columns == ["kind", "planted", "found", "missed", "wrong"]


@pytest.mark.parametrize(
    ("key", "columns", "expected"),
    [
        # A copy that survives is missed; nothing else is said of it.
        ("disguised-0000-second", {"kept": True, "reason": None}, {"normalised_duplicate": (1, 0)}),
        ("disguised-0000-second", {"reason": "merged_exact"}, {"normalised_duplicate": (1, 0), "exact_duplicate": (0, 1)}),
        ("original-0000", {"n_votes": 2}, {}),
        ("item-0000", {"n_votes": 2}, {"republished": (1, 0)}),
        ("swapped-0000", {"kept": True, "reason": None}, {"swapped": (1, 0), "clean": (0, 1), "unexpected": (0, 2)}),
        ("short-0000", {"rule": "empty_side"}, {"too_short": (1, 0), "empty_side": (0, 1)}),
        ("clean-0000", {"kept": False, "reason": "contradictory"}, {"clean": (1, 0), "swapped": (0, 1)}),
        ("clean-0000", {"kept": False, "reason": "contaminated"}, {"clean": (1, 0), "unexpected": (0, 1)}),
        ("clean-0000", {"n_votes": 2}, {"clean": (1, 0)}),
        ("clean-0000", {"tie": True}, {"clean": (1, 0), "unexpected": (0, 1)}),
        ("tie-0000", {"tie": False}, {"tie": (1, 0), "multi_vote": (0, 0)}),
        ("shared-0000-0", {"split": "test"}, {"shared_prompt": (1, 0)}),
        ("shared-0000-0", {"component_id": "elsewhere"}, {"shared_prompt": (1, 0)}),
        ("agreed-0000", {"component_id": "component-0"}, {"shared_prompt": (0, 1)}),
        ("near-duplicate-0000-second", {"kept": True, "reason": None}, {"near_duplicate": (1, 0)}),
        ("lookalike-0000", {"kept": False, "reason": "near_duplicate"}, {"lookalike": (1, 0), "near_duplicate": (0, 1)}),
        ("leaked-equal-0000", {"kept": True, "reason": None}, {"leaked_equal": (1, 0), "common_phrase": (0, 1)}),
    ],
)  # fmt: skip
def test_one_changed_pair_is_told(truth, tables, key, columns, expected):
    judged = judge(truth, change(tables, "pairs", record_of(tables, key), **columns))
    assert missed_and_wrong(judged) == {kind: counts for kind, counts in expected.items() if any(counts)}


def test_lookalikes_in_one_component_are_missed(truth, tables):
    key = pl.col("record_id").str.starts_with("lookalike-0000")
    judged = judge(truth, change(tables, "pairs", key, component_id="theirs"))
    assert missed_and_wrong(judged) == {"lookalike": (1, 0)}


@pytest.mark.parametrize(
    ("subject", "columns", "expected"),
    [
        ("near-duplicate-0000-second/1", {"score": 0.7}, {"near_duplicate": (1, 0)}),
        ("leaked-near-0000/0", {"score": 0.7}, {"leaked_near": (1, 0)}),
        ("leaked-near-0000/0", {"value": '{"method":"equal"}'}, {"leaked_near": (1, 0), "leaked_equal": (0, 1)}),
    ],
)
def test_a_wrong_score_or_way_of_finding_is_told(truth, tables, subject, columns, expected):
    judged = judge(truth, change(tables, "decisions", pl.col("subject_id") == subject, **columns))
    assert missed_and_wrong(judged) == expected


def test_a_contradiction_that_nobody_reports_is_missed(truth, tables):
    judged = judge(truth, tables | {"contradictions": tables["contradictions"].clear()})
    told = {*GROUPS["contradictions"], "cjk_contradiction", "picture_contradiction"}
    assert set(missed_and_wrong(judged)) == told
    assert all(row_of(judged, kind)["found"] == 0 for kind in told)


def test_a_contradiction_that_was_not_planted_is_wrong(truth, tables):
    extra = pl.DataFrame({"ids": [tables["pairs"].filter(record_of(tables, "agreed-0000"))["pair_id"].to_list()]})
    judged = judge(truth, tables | {"contradictions": pl.concat([tables["contradictions"], extra])})
    assert missed_and_wrong(judged) == {"uneven_votes": (0, 1)}


def test_a_contradiction_that_the_careless_one_made_is_not_wrong(truth, tables):
    extra = pl.DataFrame({"ids": [tables["pairs"].filter(record_of(tables, "careless-0004"))["pair_id"].to_list()]})
    judged = judge(truth, tables | {"contradictions": pl.concat([tables["contradictions"], extra])})
    assert missed_and_wrong(judged) == {}


def test_a_line_set_aside_for_another_reason_is_missed_there_and_wrong_here(truth, tables):
    judged = judge(truth, change(tables, "quarantine", pl.col("reason") == "not_utf8", reason="not_json"))
    planted = row_of(judged, "not_utf8")["planted"]
    assert missed_and_wrong(judged) == {"not_utf8": (planted, 0), "not_json": (0, planted)}


def test_excluding_a_careful_judgment_is_wrong(truth, tables):
    other = decisions([excluded("careful/elsewhere")])
    judged = judge(truth, tables | {"decisions": pl.concat([tables["decisions"], other])})
    assert row_of(judged, "careless")["wrong"] == 0
    assert row_of(judged, "unexpected")["wrong"] == 1


def test_a_careless_judgment_that_counts_is_missed(truth, tables):
    judged = judge(truth, tables | {"decisions": tables["decisions"][1:]})
    assert missed_and_wrong(judged) == {"careless": (1, 0)}


def test_every_kind_belongs_to_one_group(truth):
    kinds = [kind for group in GROUPS.values() for kind in group]
    planted = {*truth.filter(pl.col("fate") != "mismatched")["kind"], "spoken_sentence"}
    assert sorted(kinds) == sorted(planted)


def test_an_empty_run_finds_nothing(truth, tables):
    judged = judge(truth, {name: table.clear() for name, table in tables.items()})
    assert judged["found"].sum() == judged["wrong"].sum() == 0
    assert judged["missed"].to_list() == judged["planted"].to_list()


def test_a_link_that_was_not_planted_is_wrong(truth, tables):
    foreign = clusters([("picture-fits-0000-a", "picture-fits-0001-b")])
    judged = judge(truth, tables | {"clusters": pl.concat([tables["clusters"], foreign])})
    assert missed_and_wrong(judged) == {"picture_reencoded": (0, 1)}


def test_media_that_only_resemble_each_other_must_not_be_linked(truth, tables):
    alike = clusters([("sound-lookalike-0000-a", "sound-lookalike-0000-second-a")])
    pairs = change(tables, "pairs", pl.col("pair_id").str.starts_with("sound-lookalike-0000"), component_id="one")
    judged = judge(truth, pairs | {"clusters": pl.concat([tables["clusters"], alike])})
    assert missed_and_wrong(judged) == {"sound_lookalike": (1, 0), "sound_reencoded": (0, 1)}


def test_copies_that_nobody_links_or_that_are_apart_are_missed(truth, tables):
    assert set(missed_and_wrong(judge(truth, tables | {"clusters": tables["clusters"].clear()}))) == {
        "picture_reencoded", "picture_resized", "picture_cropped", "picture_brightened", "sound_reencoded",
        "sound_trimmed", "video_reencoded", "video_trimmed",
    }  # fmt: skip
    apart = change(tables, "pairs", pl.col("pair_id").str.starts_with("video-trimmed-0000-second"), component_id="two")
    assert missed_and_wrong(judge(truth, apart)) == {"video_trimmed": (1, 0)}


def test_a_broken_medium_must_be_called_what_it_is(truth, tables):
    where = pl.col("subject_id") == "bomb-0000/0"
    judged = judge(truth, change(tables, "decisions", where, value="empty: it has no bytes"))
    assert missed_and_wrong(judged) == {"bomb": (1, 0), "empty_file": (0, 1)}


def test_what_is_judged_in_two_dimensions_survives_in_both(truth, tables):
    pairs = tables["pairs"]
    is_judged = pl.col("record_id").str.starts_with("judged-video")
    again = pairs.filter(is_judged).with_columns(pl.col("pair_id") + "/safe", dimension=pl.lit("harmlessness"))
    both = tables | {"pairs": pl.concat([pairs, again])}
    assert missed_and_wrong(judge(truth, both)) == {}
    where = pl.col("pair_id") == "judged-video-0000/0/safe"
    assert missed_and_wrong(judge(truth, change(both, "pairs", where, kept=False))) == {"judged_video": (1, 0)}
