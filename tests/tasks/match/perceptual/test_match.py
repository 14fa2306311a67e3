"""Copies that are planted are linked, what only looks like one is not."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from schemas.errors import Terminal
from tasks.match.perceptual.match import PerceptualMatch
from tests.tasks.match.perceptual import material as of


def match(fingerprints, **how):
    """Match fingerprints, all of which are of media that are there."""
    return PerceptualMatch(**how)(fingerprints.lazy(), fingerprints.lazy())


def linked(fingerprints, **how):
    found = match(fingerprints, **how)["_media_links"]
    return set(found.select("left", "right").iter_rows())


EDITS = {
    "jpeg": lambda picture: of.saved(picture, format="JPEG", quality=40),
    "webp": lambda picture: of.saved(picture, format="WEBP", quality=50),
    "smaller": lambda picture: picture.resize((80, 80)),
    "larger": lambda picture: picture.resize((500, 500)),
    "cropped": lambda picture: of.cropped(picture, 0.08),
    "lighter": lambda picture: ImageEnhance.Brightness(picture).enhance(1.15),
    "grey": lambda picture: picture.convert("L").convert("RGB"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_picture_is_linked_to_its_original_and_to_nothing_else(edit):
    pictures = {f"a{seed}": of.landscape(seed) for seed in range(6)}
    pictures["copy"] = EDITS[edit](pictures["a2"])
    assert linked(of.of_pictures(**pictures)) == {("a2", "copy")}


@pytest.mark.parametrize(
    "other",
    [of.circle(0.75), of.circle(0.25, colour="blue"), of.circle(0.25, y=0.2), of.landscape(1)],
    ids=["elsewhere", "blue", "above", "another picture"],
)
def test_what_is_drawn_alike_is_not_the_same(other):
    assert linked(of.of_pictures(a=of.circle(0.25), b=other)) == set()


def test_what_is_drawn_alike_and_saved_again_is():
    again = of.saved(of.circle(0.25), format="JPEG", quality=60)
    assert linked(of.of_pictures(a=of.circle(0.25), b=again)) == {("a", "b")}


def test_blank_pictures_are_the_same_only_if_they_are_equal():
    def blank(level, size=50):
        return Image.new("L", (size, size), level).convert("RGB")

    found = of.of_pictures(a=blank(250), b=blank(250), c=blank(250, 70), d=blank(251), e=blank(9))
    assert linked(found) == {("a", "b"), ("a", "c")}


def test_thousands_of_blank_pictures_are_one_star():
    one = of.of_pictures(a=Image.new("RGB", (40, 40), "white"))
    many = pl.concat([one.with_columns(media_id=pl.lit(f"m{number:05}")) for number in range(3_000)])
    made = match(many)
    assert made["_media_links"].height == 2_999
    assert made["clusters"]["cluster_id"].unique().to_list() == ["m00000"]


def test_clusters_are_stars_with_what_was_found():
    original = of.landscape(3)
    found = of.of_pictures(a=original, b=EDITS["jpeg"](original), c=EDITS["cropped"](original), d=of.landscape(4))
    made = match(found)
    links, clusters = made["_media_links"], made["clusters"]
    assert links.columns == ["left", "right", "key", "score"]
    assert set(links.select("left", "right", "key").iter_rows()) == {
        ("a", "b", "image"), ("a", "c", "image"), ("b", "c", "image"),
    }  # fmt: skip
    assert links["score"].is_between(0.8, 1.0).all()
    told = clusters.filter(pl.col("cluster_id") == "a")
    assert told.select("subject", "key", "method", "subject_id", "partner_id").rows() == [
        ("media", "image", "perceptual", "a", None),
        ("media", "image", "perceptual", "b", "a"),
        ("media", "image", "perceptual", "c", "a"),
    ]


def test_an_edited_sound_is_linked_to_its_original_and_to_nothing_else():
    sounds = {f"a{seed}": of.tune(seed) for seed in range(8)}
    samples, rate = sounds["a3"]
    noise = np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32) * 0.002
    copies = {
        "half": (samples * 0.5, rate),
        "noisy": (samples + noise, rate),
        "stereo": (np.stack([samples, samples], axis=1), rate),
        "trimmed": (samples[int(0.17 * len(samples)) : int(0.9 * len(samples))], rate),
        "thinned": (samples[::2], rate // 2),
    }
    found = linked(of.of_sounds(**sounds, **copies))
    assert {("a3", name) for name in copies} <= found
    assert {name for link in found for name in link} == {"a3", *copies}


def test_a_short_piece_of_a_long_sound_is_no_copy_of_it():
    samples, rate = of.tune(1, seconds=9.0)
    assert linked(of.of_sounds(a=(samples, rate), b=(samples[: 3 * rate], rate))) == set()
    assert linked(of.of_sounds(a=(samples, rate), b=(samples[: 5 * rate], rate))) == {("a", "b")}


def test_an_edited_video_is_linked_to_its_original_and_to_nothing_else():
    moments = np.arange(16) / 4
    videos = {f"a{seed}": (of.flight(seed)[::2], moments) for seed in range(5)}
    frames = of.flight(2)
    copies = {
        "darker": ((frames[::2] * 0.85).astype(np.uint8), moments),
        "smaller": (frames[::2, ::2, ::2], moments),
        "trimmed": (frames[5::2], moments[: len(frames[5::2])]),
    }
    found = linked(of.of_videos(**videos, **copies))
    assert {tuple(sorted(("a2", name))) for name in copies} <= found
    assert {name for link in found for name in link} == {"a2", *copies}


def test_a_kind_that_is_off_is_not_matched():
    both = pl.concat([of.of_pictures(a=of.landscape(1), b=of.landscape(1)), of.of_sounds(c=of.tune(1), d=of.tune(1))])
    assert linked(both) == {("a", "b"), ("c", "d")}
    assert linked(both, image=None) == {("c", "d")}
    assert linked(both, audio=None) == {("a", "b")}


def test_what_says_nothing_is_linked_to_nothing():
    silence, black = (np.zeros(30_000, np.float32), 16_000), (np.zeros((8, 20, 20, 3), np.uint8), np.arange(8) / 4)
    found = pl.concat([of.of_sounds(a=silence, b=silence), of.of_videos(c=black, d=black)])
    assert linked(found) == set()
    assert linked(found.clear()) == set()


def test_fingerprints_of_another_algorithm_are_refused():
    old = of.of_pictures(a=of.landscape(1)).with_columns(algorithm=pl.lit("thumbnail/0"))
    with pytest.raises(Terminal, match=r"image a was made by thumbnail/0, and thumbnail/1 is compared"):
        match(old)


PLANTED = of.of_pictures(
    **{
        f"p{seed}{name}": edit(of.landscape(seed))
        for seed in range(4)
        for name, edit in [("", lambda picture: picture), *EDITS.items()]
    },
    **{f"c{at}": of.circle(at / 10) for at in (2, 5, 8)},
)
EXPECTED = match(PLANTED)


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_what_is_found(random):
    order = list(range(PLANTED.height))
    random.shuffle(order)
    mixed = PLANTED[order + order[:7]]
    found = match(mixed)
    for name, rows in EXPECTED.items():
        assert found[name].equals(rows)


def test_which_of_two_is_the_first_does_not_matter():
    names = PLANTED["media_id"].sort()
    turned = dict(zip(names, [f"{number:03}" for number in range(len(names), 0, -1)], strict=True))
    found = match(PLANTED.with_columns(pl.col("media_id").replace(turned)))["_media_links"]
    expected = {
        frozenset((turned[a], turned[b])) for a, b in EXPECTED["_media_links"].select("left", "right").iter_rows()
    }
    assert {frozenset(link) for link in found.select("left", "right").iter_rows()} == expected
    assert len(expected) >= 4 * 7
