"""Published sets, in small: each is recognised by itself, loses nothing, and says what was planted in it."""

import copy

import polars as pl
import pytest

from tests.tasks.ingest.published import PUBLISHED
from tests.tasks.ingest.published.kit import LONG
from tests.tasks.ingest.published.media.files import names
from tests.tasks.ingest.shards import PSEUDONYM, assert_nothing_is_lost, facts_of, recognised

NAMES = sorted(PUBLISHED)


@pytest.fixture(params=NAMES)
def published(request):
    return PUBLISHED[request.param]


@pytest.fixture
def ingest(published):
    return recognised(published.rows)


@pytest.fixture
def facts(published, ingest):
    return facts_of(ingest, published.rows, file=published.file)


def rounded(value):
    return None if value is None else round(value, 3)


def spread(said, count):
    return said if isinstance(said, list) else [said] * count


def test_each_row_is_recognised_without_an_adapter_being_named(published):
    for rows in (published.rows, *([row] for row in published.rows)):
        assert recognised(rows).adapter == published.adapter


def test_nothing_is_lost_and_long_texts_are_stored_once(published, ingest, facts):
    assert facts["quarantine"].height == 0
    assert_nothing_is_lost(ingest, facts, published.rows)
    assert set(facts["rows"]["row_id"]) == set(facts["records"]["row_ids"].explode())
    assert any(LONG in text for text in facts["records"]["extras"].drop_nulls()) is published.quotes


def test_comparisons_have_the_planted_outcome_strength_and_sides(published, facts):
    places = dict(facts["responses"].select(pl.concat_str("record_id", "response_id"), "index").iter_rows())
    told = [
        (row["dimension"], row["outcome"], rounded(row["strength"]), places[row["record_id"] + row["a"]], places[row["record_id"] + row["b"]])
        for row in facts["comparisons"].iter_rows(named=True)
    ]  # fmt: skip
    assert told == [said if len(said) == 5 else (*said, 0, 1) for said in published.comparisons]
    assert facts["comparisons"]["comparison_id"].is_unique().all()


def test_responses_and_prompts_are_the_planted_ones(published, facts):
    texts = facts["responses"]["text"].to_list()
    assert len(texts) == len(published.texts)
    pairs = zip(texts, published.texts, strict=True)
    assert all(text is begin if begin is None else text.startswith(begin) for text, begin in pairs)
    if published.prompts is not None:
        assert facts["records"]["prompt_text"].to_list() == published.prompts


def test_grades_labels_ranks_and_feedback_are_the_planted_ones(published, facts):
    assert facts["ratings"].select("dimension", "value").rows() == published.ratings
    assert facts["rankings"].select("dimension", "rank").rows() == published.rankings
    assert facts["labels"].select("label", "value").rows() == published.labels
    told = facts["feedback"].select("kind", "text").rows()
    assert [kind for kind, _ in told] == [kind for kind, _ in published.feedback]
    assert all(text.startswith(begin) for (_, text), (_, begin) in zip(told, published.feedback, strict=True))


def test_media_stand_where_they_were_planted(published, facts):
    places = dict(facts["responses"].select(pl.concat_str("record_id", "response_id"), "index").iter_rows())
    order = {record: at for at, record in enumerate(facts["records"]["record_id"])}
    told = []
    for row in facts["attachments"].iter_rows(named=True):
        is_asked = row["target"] == "prompt"
        place = -1 if is_asked else places[row["record_id"] + row["target_id"]]
        where = ("mask" if row["role"] == "mask" else "prompt") if is_asked else place
        name = names().get(row["media_id"], row["reference"] or "[samples]")
        told.append(((order[row["record_id"]], place, row["role"], row["index"]), (where, name)))
    assert [said for _, said in sorted(told)] == published.attached


def test_licence_split_and_use_are_the_published_ones(published, facts):
    records = facts["records"]
    assert records["license"].to_list() == spread(published.license, records.height)
    assert records["commercial_ok"].to_list() == spread(published.commercial_ok, records.height)
    assert records["source_split"].to_list() == spread(published.split, records.height)
    tested = [split == "test" for split in records["source_split"]]
    assert records["evaluation_only"].to_list() == ([True] * records.height if published.evaluation_only else tested)


def test_people_have_pseudonyms_only(published, facts):
    for name in published.names:
        assert not any(name in frame.write_ndjson() for frame in facts.values())
        assert PSEUDONYM(name) in facts["annotators"]["annotator_id"].to_list()


def test_older_readers_give_lists_of_objects_as_an_object_of_lists():
    for name, key in (
        ("berkeley-nest/Nectar", "answers"),
        ("nvidia/HelpSteer2 preference", "all_preferences_unprocessed"),
    ):
        rows = [row for row in PUBLISHED[name].rows if row[key]]
        turned = copy.deepcopy(rows)
        for row in turned:
            row[key] = {field: [each[field] for each in row[key]] for field in row[key][0]}
        ingest = recognised(turned)
        facts = facts_of(ingest, turned)
        assert_nothing_is_lost(ingest, facts, turned)
        for table, columns in (("rankings", ["rank"]), ("comparisons", ["outcome", "strength"])):
            assert facts[table].select(columns).rows() == facts_of(ingest, rows)[table].select(columns).rows()
