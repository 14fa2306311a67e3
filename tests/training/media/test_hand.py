import numpy as np
import polars as pl
import pytest

from schemas.tables import DERIVED, FACTS
from training.media.hand import lengths_of, measures_of, media_hand

CONTENTS = pl.DataFrame(
    {
        "content_id": ["a", "b", "c", "d", "e"],
        "text": ["", "", "Two words.", "", ""],
        "media": [["m1"], ["m1", "m2"], [], ["m3"], ["gone"]],
    }
)


def described():
    """A picture, a larger one whose sharpness nobody knows, and a sound."""
    schema = pl.Schema(FACTS["media"]) | pl.Schema(DERIVED["media_metrics"])
    rows = [
        {"media_id": "m1", "width": 3, "height": 1, "sharpness": 1.0, "brightness": 0.5},
        {"media_id": "m2", "width": 15, "height": 2, "sharpness": None, "brightness": 1.5},
        {"media_id": "m3", "duration_s": 0.5, "loudness": -20.0},
    ]
    return pl.DataFrame(rows, schema=schema)


def test_measures_are_means_over_the_media_of_a_content():
    found = measures_of(CONTENTS, described())
    assert found["width"].to_list() == pytest.approx([np.log(4), (np.log(4) + np.log(16)) / 2, None, None, None])
    assert found["brightness"].to_list() == [0.5, 1.0, None, None, None]
    assert found["sharpness"].to_list() == pytest.approx([np.log(2), np.log(2), None, None, None])
    assert found["loudness"].to_list() == [None, None, None, -20.0, None]


def test_what_is_unknown_is_the_mean_of_what_is_learnt_from_and_says_so():
    measures = measures_of(CONTENTS, described())
    hand = media_hand(CONTENTS, measures, pl.Series(["a", "c"]))
    column = {name: hand.features[:, at] for at, name in enumerate(hand.names)}
    assert np.isfinite(hand.features).all()
    assert hand.filling["brightness"] == 0.5
    assert column["brightness"].tolist() == [0.5, 1.0, 0.5, 0.5, 0.5]
    assert column["brightness_unknown"].tolist() == [0.0, 0.0, 1.0, 1.0, 1.0]
    # Nothing that is learnt from is a sound.
    assert hand.filling["loudness"] == 0.0
    assert column["words"].tolist() == pytest.approx([0.0, 0.0, np.log(3), 0.0, 0.0])


def test_lengths_are_pixels_milliseconds_or_characters():
    found = lengths_of(CONTENTS, described())
    assert found["content_id"].to_list() == CONTENTS["content_id"].to_list()
    assert found["length"].to_list() == [3.0, 3.0, 10.0, 500.0, None]


def test_a_measure_depends_on_no_order():
    turned = measures_of(CONTENTS.reverse(), described().reverse()).reverse()
    assert turned.equals(measures_of(CONTENTS, described()))
