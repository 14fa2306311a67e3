"""The laws of the media demo: what was planted is there, as the truth says, whatever encoders make of it."""

import base64
import gzip
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
from tasks.demo.media.planted.judged import ARCHIVE as JUDGED_ARCHIVE
from tasks.demo.media.planted.judged import LABELS_FILE, PAIRS_FILE, PLAYED
from tasks.demo.media.planted.sounds import Spoken
from tasks.media.decode.audio import decode_audio
from tasks.media.decode.image import decode_image
from tasks.media.decode.limits import Limits
from tasks.media.decode.probe import probe
from tasks.media.decode.sniff import sniff
from tasks.media.decode.video import decode_video

LIMITS = Limits()
SPOKEN = [Spoken(f"sentence {number}", bytes([number])) for number in range(10)]


@pytest.fixture(scope="module")
def demo():
    return generate_media(seed=3, size=10)


@pytest.fixture(scope="module")
def archive(demo):
    with tarfile.open(fileobj=io.BytesIO(demo.files[ARCHIVE])) as opened:
        return {name: opened.extractfile(name).read() for name in opened.getnames()}


def rows_of(demo):
    """The rows of all sources of the demo's own layout by their ids."""
    lines = [demo.files[name].splitlines() for name in (PICTURES_FILE, SOUNDS_FILE, VIDEOS_FILE)]
    drawn = pl.read_parquet(demo.files[DRAWINGS_FILE]).to_dicts()
    return {row["id"]: row for row in [*[orjson.loads(line) for some in lines for line in some], *drawn]}


def judged(demo, name):
    return orjson.loads(gzip.decompress(demo.files[name]))


def keys(demo, kind):
    return demo.truth.filter(pl.col("kind") == kind)["keys"].to_list()


def picture(demo, name):
    return decode_image(demo.files[f"media/{name}"], LIMITS).astype(float)


def heard(row, side="chosen"):
    return decode_audio(base64.b64decode(row[side].partition(",")[2]), LIMITS).samples[:, 0]


def test_equal_seeds_give_equal_truth_and_others_do_not(demo):
    again, other = generate_media(seed=3, size=10), generate_media(seed=4, size=10)
    assert again.truth.equals(demo.truth)
    # An encoder of video may write the same frames in other bytes.
    assert again.files.keys() == demo.files.keys()
    assert {name for name in demo.files if again.files[name] != demo.files[name]} <= {ARCHIVE, JUDGED_ARCHIVE}
    assert {row["prompt"] for row in rows_of(again).values()}.isdisjoint(
        row["prompt"] for row in rows_of(other).values()
    )


@pytest.mark.parametrize("size", [9, 31])
def test_a_size_that_has_no_distinct_pictures_is_refused(size):
    with pytest.raises(ValueError, match=str(size)):
        generate_media(size=size)


def test_the_plan_is_valid_and_names_every_source(demo):
    for spoken in ([], SPOKEN):
        checked = parse_plan(generate_media(3, 10, spoken).plan)
        assert checked.mistakes == []
        assert {source.name for source in checked.plan.sources} == {*demo.truth["source"], "judged-labels"}
        models = checked.plan.models
        assert [model is not None for model in (models.image_text, models.caption, models.speech)] == [spoken != []] * 3


def test_every_kind_is_planted(demo):
    told = {kind for group in ("pictures", "sounds", "videos", "unreadable media") for kind in GROUPS[group]}
    assert set(generate_media(3, 10, SPOKEN).truth["kind"]) == told | {"wrong_prompt"}
    assert set(demo.truth["kind"]) == (told | {"wrong_prompt"}) - {"spoken_sentence"}


def test_every_row_is_in_the_truth_once_and_asks_for_something_of_its_own(demo):
    rows, planted = rows_of(demo), demo.truth["keys"].explode().to_list()
    pairs = {row["pair_id"]: row for row in judged(demo, PAIRS_FILE)}
    assert sorted([*rows, *pairs]) == sorted(planted)
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


def test_what_is_said_ends_the_prompt_and_each_sentence_is_said_once():
    rows = rows_of(generate_media(3, 10, SPOKEN))
    said = [row for name, row in sorted(rows.items()) if name.startswith("spoken")]
    sounds = [base64.b64decode(row[side].partition(",")[2]) for row in said for side in ("chosen", "rejected")]
    assert sounds == [spoken.sound for spoken in SPOKEN]
    assert [row["prompt"] for row in said] == [f"please say {spoken.sentence}" for spoken in SPOKEN[::2]]


def test_of_two_judged_videos_one_helps_and_one_is_harmless_and_both_have_their_labels(demo):
    pairs, labels = judged(demo, PAIRS_FILE), {row["video_id"]: row for row in judged(demo, LABELS_FILE)}
    assert len(pairs) == 40
    assert {pair["helpfulness"] for pair in pairs} == {pair["harmlessness"] for pair in pairs} == {"video_0", "video_1"}
    for pair in pairs:
        told = [labels.pop(pair[side]["video_id"]) for side in ("video_0", "video_1")]
        harms = [[name for name, is_there in row["video_labels"].items() if is_there] for row in told]
        assert [row["is_safe"] for row in told] == [not some for some in harms]
        assert [bool(some) for some in harms].index(False) == ["video_0", "video_1"].index(pair["harmlessness"])
        # The one that helps shows what the prompt names, and with it the harms of the prompt.
        better = told[["video_0", "video_1"].index(pair["helpfulness"])]
        assert better["video_labels"] == better["prompt_labels"]
        assert all(player in pair["prompt_text"] for harm, player in PLAYED.items() if better["video_labels"][harm])
    assert labels == {}


def test_judged_videos_are_in_the_archive_and_move(demo):
    with tarfile.open(fileobj=io.BytesIO(demo.files[JUDGED_ARCHIVE])) as opened:
        held = {name: opened.extractfile(name).read() for name in opened.getnames()}
    assert set(held) == {row["video_path"] for row in judged(demo, LABELS_FILE)}
    frames = decode_video(next(iter(held.values())), LIMITS, 8).frames.astype(float)
    assert frames.shape == (8, 64, 64, 3)
    assert np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3)).min() > 0.5
