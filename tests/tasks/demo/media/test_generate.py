"""The laws of the media demo: what was planted is there, as the truth says, whatever encoders make of it."""

import base64
import io
import tarfile

import numpy as np
import orjson
import polars as pl
import pytest

from schemas.plan.file import parse_plan
from tasks.demo.kinds import GROUPS
from tasks.demo.media.generate import ARCHIVE, DRAWINGS_FILE, PICTURES_FILE, SOUNDS_FILE, VIDEOS_FILE, generate_media
from tasks.demo.media.pictures import PLACES, RELATIONS
from tasks.media.decode.audio import decode_audio
from tasks.media.decode.image import decode_image
from tasks.media.decode.limits import Limits
from tasks.media.decode.probe import probe
from tasks.media.decode.sniff import sniff
from tasks.media.decode.video import decode_video

LIMITS = Limits()


@pytest.fixture(scope="module")
def demo():
    return generate_media(seed=3, size=10)


@pytest.fixture(scope="module")
def archive(demo):
    with tarfile.open(fileobj=io.BytesIO(demo.files[ARCHIVE])) as opened:
        return {name: opened.extractfile(name).read() for name in opened.getnames()}


def rows_of(demo):
    """The rows of all sources by their ids."""
    lines = [demo.files[name].splitlines() for name in (PICTURES_FILE, SOUNDS_FILE, VIDEOS_FILE)]
    drawn = pl.read_parquet(demo.files[DRAWINGS_FILE]).to_dicts()
    return {row["id"]: row for row in [*[orjson.loads(line) for some in lines for line in some], *drawn]}


def keys(demo, kind):
    return demo.truth.filter(pl.col("kind") == kind)["keys"].to_list()


def picture(demo, name):
    return decode_image(demo.files[f"media/{name}"], LIMITS).astype(float)


def heard(row, side="chosen"):
    return decode_audio(base64.b64decode(row[side].partition(",")[2]), LIMITS).samples[:, 0]


def test_equal_seeds_give_equal_truth_and_others_do_not(demo):
    again, other = generate_media(seed=3, size=10), generate_media(seed=4, size=10)
    assert again.truth.equals(demo.truth)
    assert again.files == demo.files
    assert {row["prompt"] for row in rows_of(again).values()}.isdisjoint(
        row["prompt"] for row in rows_of(other).values()
    )


@pytest.mark.parametrize("size", [9, 31])
def test_a_size_that_has_no_distinct_pictures_is_refused(size):
    with pytest.raises(ValueError, match=str(size)):
        generate_media(size=size)


def test_the_plan_is_valid_and_names_every_source(demo):
    for with_models in (False, True):
        checked = parse_plan(generate_media(3, 10, with_models=with_models).plan)
        assert checked.mistakes == []
        assert {source.name for source in checked.plan.sources} == set(demo.truth["source"])
        assert (checked.plan.models.image_text is not None) == with_models


def test_every_kind_is_planted(demo):
    told = {kind for group in ("pictures", "sounds", "videos", "unreadable media") for kind in GROUPS[group]}
    assert set(demo.truth["kind"]) == told | {"wrong_prompt"}


def test_every_row_is_in_the_truth_once_and_asks_for_something_of_its_own(demo):
    rows, planted = rows_of(demo), demo.truth["keys"].explode().to_list()
    assert sorted(rows) == sorted(planted)
    prompts = [row["prompt"] for name, row in rows.items() if "contradiction" not in name]
    assert len(set(prompts)) == len(prompts)


def test_only_what_is_planted_as_missing_is_missing(demo, archive):
    rows = rows_of(demo)
    sides = {
        (row["id"], row[side]) for row in rows.values() for side in ("chosen", "rejected") if isinstance(row[side], str)
    }
    named = {place for place in sides if not place[1].startswith("data:")}
    missing = [name for name, place in named if f"media/{place}" not in demo.files and place not in archive]
    assert sorted(missing) == sorted(key for (key,) in keys(demo, "missing_file"))


@pytest.mark.parametrize("kind", ["truncated_picture", "empty_file", "text_in_disguise", "bomb", "truncated_video"])
def test_what_is_unreadable_is_so_for_the_reason_that_is_planted(demo, archive, kind):
    rows, held = rows_of(demo), {**demo.files, **{f"media/{name}": data for name, data in archive.items()}}
    for row in demo.truth.filter(pl.col("kind") == kind).to_dicts():
        places = [rows[row["keys"][0]][side] for side in ("chosen", "rejected")]
        errors = [probe(held[f"media/{place}"], LIMITS).error for place in places]
        (error,) = [each for each in errors if each is not None]
        assert f"unreadable: {error.partition(':')[0]}" == row["fate"]


def test_a_bomb_is_small_until_it_is_unpacked(demo):
    (bomb,) = [data for name, data in demo.files.items() if name.startswith("media/bomb") and len(data) > 50_000]
    assert len(bomb) < 400_000
    assert int.from_bytes(bomb[16:20], "big") == int.from_bytes(bomb[20:24], "big") == 12_000


def test_misnamed_files_are_something_else_than_their_names_say(demo, archive):
    rows = rows_of(demo)
    for (key,) in keys(demo, "misnamed_picture"):
        assert sniff(demo.files[f"media/{rows[key]['chosen']}"]).mime == "image/jpeg"
        assert rows[key]["chosen"].endswith(".png")
    for (key,) in keys(demo, "misnamed_video"):
        assert sniff(archive[rows[key]["chosen"]]).mime == "video/mp4"
        assert rows[key]["chosen"].endswith(".wav")


def test_altered_pictures_show_the_same_in_other_bytes(demo):
    rows = rows_of(demo)
    for one, two in keys(demo, "picture_reencoded") + keys(demo, "picture_brightened"):
        first, second = (picture(demo, rows[key]["chosen"]) for key in (one, two))
        assert 0 < np.abs(first - second).mean() < 40
        assert np.corrcoef(first.ravel(), second.ravel())[0, 1] > 0.95
    for kind, sides in (("picture_resized", (64, 64)), ("picture_cropped", (122, 122))):
        for _, two in keys(demo, kind):
            assert picture(demo, rows[two]["chosen"]).shape[:2] == sides


def test_lookalikes_differ_in_little_of_the_picture_and_are_not_the_same(demo):
    rows = rows_of(demo)
    for one, two in keys(demo, "picture_lookalike"):
        first, second = (picture(demo, rows[key]["chosen"]) for key in (one, two))
        share = (np.abs(first - second).max(axis=2) > 40).mean()
        assert 0 < share < 0.5
        said = [rows[key]["prompt"].split() for key in (one, two)]
        places = " ".join([*PLACES, *RELATIONS])
        assert {word for word in set(said[0]) ^ set(said[1]) if word not in places} == set()


def test_sounds_are_silent_clipped_or_copies_as_planted(demo):
    rows = rows_of(demo)
    assert all(np.abs(heard(rows[key])).max() < 0.001 for (key,) in keys(demo, "silent_sound"))
    assert all((np.abs(heard(rows[key])) > 0.999).mean() > 0.01 for (key,) in keys(demo, "clipped_sound"))
    for one, two in keys(demo, "sound_trimmed"):
        whole, rest = heard(rows[one]), heard(rows[two])
        assert np.array_equal(whole[-len(rest) :], rest)
        assert len(rest) == len(whole) - len(whole) // 4
    for one, two in keys(demo, "sound_lookalike"):
        first, second = (rows[key]["prompt"].split()[3:11] for key in (one, two))
        assert first[:3] == second[:3]
        assert first != second


def test_frozen_videos_stand_still_and_others_do_not(demo, archive):
    rows = rows_of(demo)
    frames = {
        kind: decode_video(archive[rows[key]["chosen"]], LIMITS, 8).frames.astype(float)
        for kind in ("frozen_video", "video_fits")
        for (key,) in keys(demo, kind)[:1]
    }
    assert np.abs(np.diff(frames["frozen_video"], axis=0)).mean(axis=(1, 2, 3)).max() < 0.5
    assert np.abs(np.diff(frames["video_fits"], axis=0)).mean(axis=(1, 2, 3)).min() > 0.5
