"""Every real file comes out as decoded or as a clear reason; the awkward ones as what they are."""

import pytest

from flows.media.pool import Pool
from tasks.media.look import Look
from tests.tasks.ingest.shards import real_data

SOUND = {"modality": "audio"}
FILM = {"modality": "video"}
TURNED = {"modality": "image", "width": 128, "height": 128}

# What a name says is wrong with a file need not be: these were tried one by one.
REFUSED = {
    "pillow/broken.png": "broken: broken PNG file",
    "pillow/broken_data_stream.png": "broken: unrecognized data stream contents",
    "pillow/chunk_no_fdat.png": "broken: APNG missing frame data",
    "pillow/crash-0c7e0e8e11ce787078f00b5b0ca409a167f070e0.tif": "broken: decoder error -2",
    "pillow/crash-1185209cf7655b5aed8ae5e77784dfdd18ab59e9.tif": "broken: decoder error -2",
    "pillow/decompression_bomb.gif": "too large: 4,364,696,535 pixels are more than 40,000,000",
    "pillow/decompression_bomb.ico": "too large: 4,294,836,225 pixels are more than 40,000,000",
    "pillow/decompression_bomb_extents.gif": "too large: 4,307,953,225 pixels are more than 40,000,000",
    "pillow/truncated_end_chunk.png": "truncated: the picture ends before it is complete",
    "pillow/truncated_image.png": "truncated: the picture ends before it is complete",
    "pillow/truncated_jpeg.jpg": "truncated: the picture ends before it is complete",
    "pillow/zero_width.gif": "broken: its header cannot be read",
    "pydub/test1_empty.wav": "empty: it has no samples",
    "scikit-image/README.txt": "not a medium: it is text",
    "scikit-image/multipage_rgb.tif": "broken: unknown pixel mode",
    "scikit-image/truncated.jpg": "truncated: the picture ends before it is complete",
}
DECODED = {
    "align-anything/logo.jpg": {"mime": "image/png", "width": 360, "height": 360},
    "align-anything/safevideo4.gif": FILM | {"mime": "image/gif", "frames": 47, "duration_s": 9.12},
    "llamafactory/2.avi": FILM | {"frames": 270, "fps": pytest.approx(359 / 12)},
    "moviepy/no_duration.webm": FILM | {"frames": 74, "duration_s": pytest.approx(4.94, abs=0.01), "channels": 2},
    "moviepy/video_with_failing_audio.mp4": FILM | {"frames": 280, "duration_s": pytest.approx(11.2), "channels": 2},
    "moviepy/transparent.webm": FILM | {"frames": 150, "width": 200},
    "pillow/broken_exif_dpi.jpg": {"modality": "image", "width": 100},
    "pillow/hopper_orientation_6.jpg": TURNED,
    "pillow/photoshop-200dpi-broken.jpg": {"modality": "image", "width": 200},
    "pillow/single_frame.png": {"modality": "image"},
    "pillow/syntax_num_frames_invalid.png": {"modality": "image", "width": 128},
    "pillow/truncated_app14.jpg": {"modality": "image", "width": 100},
    "pillow/truncated_exif_dpi.jpg": {"modality": "image", "width": 480},
    "pillow/iss634.webp": FILM | {"mime": "image/webp", "frames": 42},
    "pydub/creative_common.mp4": FILM | {"frames": 68, "sample_rate": 48_000},
    "pydub/test5.webm": SOUND | {"mime": "audio/webm"},
    "pydub/wrong_extension.aac": SOUND | {"mime": "audio/mp4", "duration_s": pytest.approx(9.66, abs=0.01)},
    "whisper/jfk.flac": SOUND | {"duration_s": 11.0, "sample_rate": 44_100, "channels": 2},
}


@pytest.fixture(scope="module")
def looked():
    folder = real_data("media")
    files = [file for file in sorted(folder.glob("*/*")) if file.is_file()]
    with Pool(2) as pool:
        items = [(str(file.relative_to(folder)), file) for file in files]
        return {seen.media_id: seen for seen in pool.run(Look(), items)}


def test_every_file_is_decoded_or_refused_with_a_reason(looked):
    assert len(looked) >= 143
    assert {name: seen.error for name, seen in looked.items() if seen.error} == {}
    assert {name for name, seen in looked.items() if seen.facts["error"]} == set(REFUSED)
    for seen in looked.values():
        assert seen.facts["note"] is None
        if seen.facts["error"] is None:
            is_sound = seen.facts["modality"] == "audio"
            assert all(seen.facts[name] for name in (["duration_s"] if is_sound else ["width", "height"]))


@pytest.mark.parametrize("name", REFUSED)
def test_the_reason_is_the_right_one(looked, name):
    assert looked[name].facts["error"].startswith(REFUSED[name])


@pytest.mark.parametrize("name", DECODED)
def test_what_looks_awkward_is_decoded(looked, name):
    facts = looked[name].facts
    assert {key: facts[key] for key in DECODED[name]} == DECODED[name]
