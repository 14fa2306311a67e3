"""Tables with a column for each response."""

from tests.tasks.ingest.shards import PSEUDONYM, assert_nothing_is_lost, facts_of, ingest_by

WIDE = ingest_by(
    {
        "wide": {"besides": ["uid", "note"]},
        "prompt": "row.uid",
        "responses": {"each": "cells", "media_name": "{key}/{row.uid}", "generator": "key"},
        "ratings": {"quality": {"path": "cells[].value[1]", "scale": [0, 1]}},
        "modality": "image",
        "path_pattern": r"(?P<annotator>[^/]*rater\d+)",
    }
)
ROWS = [
    {"uid": "s0.jpg", "note": "x", "Glide": "[1, 0.5]", "SDXL": "[0,1]"},
    {"uid": "s1.jpg", "Glide": "", "SDXL": "[0,0]"},
]


def test_every_other_column_that_holds_something_is_a_response():
    facts = facts_of(WIDE, ROWS, file="edits/edits_rater2.tsv")
    assert facts["records"].select("prompt_text", "response_count", "task").rows() == [
        ("s0.jpg", 2, "t2i"),
        ("s1.jpg", 1, "t2i"),
    ]
    assert facts["responses"].select("generator", "modality").rows() == [
        ("Glide", "image"),
        ("SDXL", "image"),
        ("SDXL", "image"),
    ]
    assert facts["attachments"]["reference"].to_list() == ["Glide/s0.jpg", "SDXL/s0.jpg", "SDXL/s1.jpg"]
    assert facts["ratings"]["value"].to_list() == [0.5, 1.0, 0.0]
    assert_nothing_is_lost(WIDE, facts, ROWS)


def test_the_file_may_say_who_judged_and_what_media_are():
    facts = facts_of(WIDE, ROWS, file="edits/edits_rater2.tsv")
    assert set(facts["ratings"]["annotator_id"]) == {PSEUDONYM("edits_rater2")}
    assert facts["annotators"].select("annotator_id", "judgments").rows() == [(PSEUDONYM("edits_rater2"), 3)]
    assert facts_of(WIDE, ROWS, file="edits.tsv")["ratings"]["annotator_id"].null_count() == 3
    video = ingest_by(
        WIDE.mapping.model_dump(exclude={"modality"}) | {"path_pattern": r"(?P<modality>\w+)_(?:edits|rests)"}
    )
    rows = [{"uid": "s0", "Glide": "[1, 0.5]"}]
    assert facts_of(video, rows, file="video_edits.tsv")["responses"]["modality"].to_list() == ["video"]
    assert facts_of(video, rows, file="smell_edits.tsv")["records"].select("task", "modality").rows() == [(None, None)]
