import collections
import csv
import io
import itertools

import orjson
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.plan.file import parse_plan
from schemas.text import normalise
from tasks.demo.text import (
    ANSWERS_FILE,
    BENCHMARK_FILE,
    CJK_FILE,
    COPIES_FILE,
    LEAKS_FILE,
    NEAR_FILE,
    VOTES_FILE,
    generate,
)

SIZE = 100
SIDES = ("prompt", "chosen", "rejected")


def parse(demo):
    """Read the three files as a strict reader would; lines that cannot be read come back by number."""
    rows, lost = [], []
    for number, line in enumerate(demo.files[ANSWERS_FILE].splitlines(), start=1):
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        is_row = isinstance(row, dict) and line.count(b'":') == len(row)
        rows.append(row) if is_row else lost.append(f"{ANSWERS_FILE}:{number}")
    copies = list(csv.DictReader(io.StringIO(demo.files[COPIES_FILE].decode())))
    votes = [orjson.loads(line) for line in demo.files[VOTES_FILE].splitlines()]
    return rows, lost, copies, votes


def rows_of(demo, *files):
    return [orjson.loads(line) for file in files for line in demo.files[file].splitlines()]


def keys(demo, *kinds):
    return demo.truth.filter(pl.col("kind").is_in(kinds))["keys"].to_list()


@pytest.fixture(scope="module")
def demo():
    return generate(seed=3, size=SIZE)


def test_equal_seeds_give_equal_bytes_and_others_do_not(demo):
    again, other = generate(seed=3, size=SIZE), generate(seed=4, size=SIZE)
    assert again.files == demo.files
    assert again.truth.equals(demo.truth)
    assert all(other.files[name] != demo.files[name] for name in demo.files)


@pytest.mark.parametrize("size", [49, 12_001])
def test_a_size_the_world_does_not_hold_is_refused(size):
    with pytest.raises(ValueError, match=str(size)):
        generate(size=size)


def test_the_plan_is_one_and_names_every_file(demo):
    plan = parse_plan(demo.plan).plan
    benchmarks = [each.path for each in plan.decontaminate.against]
    assert benchmarks == [BENCHMARK_FILE]
    assert {source.path for source in plan.sources} | {BENCHMARK_FILE} == set(demo.files)
    assert {source.name for source in plan.sources} == set(demo.truth["source"])
    assert [rule.name for rule in plan.rules if rule.on == "judgments"] == ["careless"]


def test_every_row_of_every_file_is_in_the_truth_and_nothing_else_is(demo):
    rows, lost, copies, votes = parse(demo)
    more = rows_of(demo, NEAR_FILE, CJK_FILE, LEAKS_FILE)
    found = {row["id"] for row in [*rows, *votes, *more]} | {row["item"] for row in copies} | set(lost)
    assert found == set(demo.truth["keys"].explode())


def test_nothing_is_planted_twice_under_one_key(demo):
    planted = demo.truth["keys"].explode().to_list()
    assert len(planted) == len(set(planted))


def test_broken_lines_are_broken_in_six_ways(demo):
    lines = demo.files[ANSWERS_FILE].splitlines()
    broken = {
        row["kind"]: lines[int(row["keys"][0].split(":")[1]) - 1]
        for row in demo.truth.filter(pl.col("keys").list.first().str.contains(":")).to_dicts()
    }
    assert list(broken) == [
        "not_json", "not_utf8", "duplicate_keys", "not_a_number", "not_an_object", "lone_surrogate",
    ]  # fmt: skip
    assert broken["not_json"].decode().endswith(tuple("abcdefghijklmnopqrstuvwxyz.,"))
    with pytest.raises(UnicodeDecodeError):
        broken["not_utf8"].decode()
    assert len(orjson.loads(broken["duplicate_keys"])) == 5
    assert broken["duplicate_keys"].count(b'"chosen"') == 2
    assert broken["not_a_number"].endswith(b":NaN}")
    assert isinstance(orjson.loads(broken["not_an_object"]), list)
    assert b"\\ud83d" in broken["lone_surrogate"]


def test_copies_hold_the_original_texts_and_the_same_winner(demo):
    rows, _, copies, _ = parse(demo)
    texts = {row["id"]: [row[side] for side in SIDES] for row in rows}
    items = {row["item"]: row for row in copies}
    for copy, original in keys(demo, "republished"):
        row = items[copy]
        better, worse = int(row["preference"]), 3 - int(row["preference"])
        assert [row["instruction"], row[f"output_{better}"], row[f"output_{worse}"]] == texts[original]
    assert {row["preference"] for row in copies} == {"1", "2"}


def test_rows_are_there_as_often_as_the_truth_says(demo):
    rows, _, _, _ = parse(demo)
    counts = collections.Counter(row["id"] for row in rows)
    twice = {key for (key,) in keys(demo, "exact_duplicate")}
    assert {key for key, count in counts.items() if count == 2} == twice
    assert max(counts.values()) == 2


def test_votes_are_counted_in_the_truth(demo):
    _, _, _, votes = parse(demo)
    by_id = {row["id"]: row["votes"] for row in votes}
    for row in demo.truth.filter(pl.col("kind").is_in(["multi_vote", "uneven_votes", "tie"])).to_dicts():
        cast = by_id[row["keys"][0]]
        assert len({vote["worker"] for vote in cast}) == len(cast) == row["votes"]
    for (key,) in keys(demo, "even_votes"):
        counts = collections.Counter(vote["vote"] for vote in by_id[key])
        assert counts["a"] == counts["b"]
    for (key,) in keys(demo, "uneven_votes"):
        counts = collections.Counter(vote["vote"] for vote in by_id[key])
        assert min(counts["a"], counts["b"]) == 1 < max(counts["a"], counts["b"])


def test_a_continued_prompt_repeats_the_earlier_row_and_adds_a_turn(demo):
    _, _, _, votes = parse(demo)
    by_id = {row["id"]: row for row in votes}
    for talk in keys(demo, "continued"):
        for before, after in itertools.pairwise(talk):
            earlier, later = by_id[before], by_id[after]["messages"]
            assert later[: len(earlier["messages"])] == earlier["messages"]
            answer, question = later[len(earlier["messages"]) :]
            assert answer["content"] in (earlier["answer_a"], earlier["answer_b"])
            assert question["role"] == "user"
    assert {len(talk) for talk in keys(demo, "continued")} == {2, 3}


def agreements(votes):
    """Share of a worker's votes that side with the majority of the others, and how many there are."""
    sided = collections.defaultdict(list)
    for row in votes:
        sign = [{"a": 1, "b": -1, "tie": 0}[vote["vote"]] for vote in row["votes"]]
        for vote, own in zip(row["votes"], sign, strict=True):
            others = sum(sign) - own
            if own and others:
                sided[vote["worker"]].append((own > 0) == (others > 0))
    return {worker: (sum(agreed) / len(agreed), len(agreed)) for worker, agreed in sided.items()}


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.sampled_from([50, 100, 400]))
def test_for_every_seed_only_the_careless_one_disagrees_with_the_others(seed, size):
    _, _, _, votes = parse(generate(seed, size))
    found = agreements(votes)
    share, count = found.pop("worker-9")
    assert share < 0.5
    assert count >= 20
    assert min(share for share, _ in found.values()) > 0.75


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.sampled_from([50, 100, 400]))
def test_for_every_seed_only_planted_rows_share_a_prompt_or_a_pair(seed, size):
    demo = generate(seed, size)
    rows, _, copies, votes = parse(demo)
    told = [(row["id"], row["prompt"], row["chosen"], row["rejected"]) for row in rows]
    told += [(row["item"], row["instruction"], row["output_1"], row["output_2"]) for row in copies]
    told += [(row["id"], str(row["messages"]), row["answer_a"], row["answer_b"]) for row in votes]
    told += [(row["id"], row["prompt"], row["chosen"], row["rejected"]) for row in rows_of(demo, NEAR_FILE, CJK_FILE)]
    frame = pl.DataFrame(told, schema=["key", "prompt", "one", "two"], orient="row")
    frame = frame.with_columns(normalise(frame[name]) for name in ("prompt", "one", "two"))
    owners = demo.truth.with_row_index("group").explode("keys").select("group", key="keys")
    owned = frame.join(owners, on="key")
    assert owned["prompt"].n_unique() == owned.unique(["group", "prompt"]).height
    first, second = pl.min_horizontal("one", "two"), pl.max_horizontal("one", "two")
    per_pair = owned.with_columns(first=first, second=second).group_by("prompt", "first", "second")
    assert per_pair.agg(pl.col("group").n_unique())["group"].max() == 1


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_disguise_hides_nothing_from_the_normal_form(seed):
    demo = generate(seed, 250)
    rows = {row["id"]: row for row in parse(demo)[0]}
    for first, second in keys(demo, "normalised_duplicate"):
        one, two = ([rows[key][side] for side in SIDES] for key in (first, second))
        assert one != two
        assert normalise(pl.Series(one)).equals(normalise(pl.Series(two)))
