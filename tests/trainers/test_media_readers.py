"""What align-anything, SafeSora, LLaMA-Factory and TRL make of exports with media, by what their readers demand.

The first three are not installed. Each reader below is written after the behaviour of theirs: which columns are read,
what types they must have, which row is taken as the better one, and where files are looked for.
"""

from __future__ import annotations

import gzip
import io
import json
import os
from pathlib import Path

import datasets
import pytest
from PIL import Image

import warehouse
from flows.publish.export import export
from schemas.plan.export import Export
from tests.flows.media.world import ROWS, Senses
from tests.media import frames, samples


@pytest.fixture(scope="module")
def senses(tmp_path_factory):
    world = Senses(tmp_path_factory.mktemp("senses"))
    world.home = warehouse.open(world.curate())
    return world


@pytest.fixture
def exported(senses, tmp_path, monkeypatch):
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")

    def to(target, **asked):
        folder = tmp_path / "-".join([target, *asked.values()])
        export(senses.home, Export(to=target, out="x", **asked), folder)
        return folder

    return to


def load(folder, *playable):
    """The rows of all splits; sounds and videos stay bytes, as there is no decoder for them in `datasets` alone."""
    rows = []
    for data in datasets.load_dataset(str(folder)).values():
        raw = {column: type(data.features[column])(decode=False) for column in playable}
        shown = data.cast(datasets.Features(data.features | raw))
        rows += [shown[at] for at in range(shown.num_rows)]
    return rows


def truth(senses, task):
    """By prompt: the better and the worse answer as the source names them, and what is shown; files by their bytes."""
    found = {}
    for row in senses.rows[task]:
        if row["better"] in ("left", "right"):
            better, worse = row["better"], "right" if row["better"] == "left" else "left"
            found[row["prompt"]] = {
                "better": content(senses, row[better]), "worse": content(senses, row[worse]),
                "shown": content(senses, row.get("shown")),
                "better_shown": content(senses, row.get(f"{better}_shown")),
                "worse_shown": content(senses, row.get(f"{worse}_shown")),
            }  # fmt: skip
    return found


def content(senses, said):
    if isinstance(said, str) and said.startswith("./"):
        return senses.files.get(said[2:])
    return said


def pixel(data):
    return Image.open(io.BytesIO(data)).convert("RGB").getpixel((3, 3))


def overall(row, column):
    """As its formatters tell the better answer from the worse."""
    better = int(row[column])
    worse = 2 if better == 1 else 1
    assert better in (1, 2)
    return row[f"response_{better}"], row[f"response_{worse}"]


def test_text_and_image_to_text(senses, exported):
    rows, said = load(exported("align-anything", dimension="overall") / "AA_TI2T"), truth(senses, "ti2t")
    assert len(rows) == ROWS + 1
    for row in rows:
        assert isinstance(row["image"], Image.Image)
        question = row["question"].replace("Before\nand", "Before\n<image>\nand")
        assert overall(row, "overall_response") == (said[question]["better"], said[question]["worse"])
        assert row["image"].convert("RGB").getpixel((3, 3)) == pixel(said[question]["shown"])
    assert "Before\nand after?" in {row["question"] for row in rows}


def test_text_and_audio_to_text(senses, exported):
    rows = load(exported("align-anything", dimension="overall") / "AA_TA2T", "audio_path")
    said = truth(senses, "ta2t")
    assert sorted(row["prompt"] for row in rows) == sorted(said)
    for row in rows:
        expected = said[row["prompt"]]
        assert overall(row, "overall_response") == (expected["better"], expected["worse"])
        assert row["audio_path"]["bytes"] == expected["shown"]
        assert samples(row["audio_path"]["bytes"]) == (2_000, 8_000)
        assert row["audio_path"]["path"].endswith(".wav")


def test_text_and_video_to_text(senses, exported, monkeypatch):
    folder = exported("align-anything", dimension="overall") / "AA_TV2T"
    monkeypatch.setenv("ROOT_VIDEO_PATH", str(folder))
    rows, said = load(folder), truth(senses, "tv2t")
    assert sorted(row["prompt"] for row in rows) == sorted(said)
    for row in rows:
        path = os.environ["ROOT_VIDEO_PATH"] + row["video_path"].replace("./", "/")
        assert Path(path).read_bytes() == said[row["prompt"]]["shown"]
        assert Path(path).suffix == ".mp4"
        assert frames(Path(path).read_bytes()) == 4
        expected = said[row["prompt"]]
        assert overall(row, "overall_response") == (expected["better"], expected["worse"])


def test_text_to_audio(senses, exported):
    rows = load(exported("align-anything", dimension="overall") / "AA_T2A", "response_1", "response_2")
    said = truth(senses, "t2a")
    assert sorted(row["prompt"] for row in rows) == sorted(said)
    for row in rows:
        better, worse = overall(row, "overall_audio")
        expected = said[row["prompt"]]
        assert (better["bytes"], worse["bytes"]) == (expected["better"], expected["worse"])
        assert samples(better["bytes"]) == (2_000, 8_000)


def test_text_to_image(senses, exported):
    rows, said = load(exported("align-anything", dimension="overall") / "Pickapic"), truth(senses, "t2i")
    assert sorted(row["caption"] for row in rows) == sorted(said)
    assert len(rows) == ROWS - 1
    for row in rows:
        assert float(row["label_0"]) != 0.5
        better, worse = (row[f"jpg_{int(row[label])}"] for label in ("label_1", "label_0"))
        expected = said[row["caption"]]
        assert (better, worse) == (expected["better"], expected["worse"])
        assert Image.open(io.BytesIO(better)).convert("RGB").size == (16, 16)


def test_text_to_video(senses, exported):
    folder = exported("align-anything", dimension="overall") / "SafeSora"
    rows, said = load(folder), truth(senses, "t2v")
    assert sorted(row["prompt_text"] for row in rows) == sorted(said)
    for row in rows:
        better, worse = ("video_0", "video_1") if row["helpfulness"] == "video_0" else ("video_1", "video_0")
        found = [(folder / row[name]["video_path"]).read_bytes() for name in (better, worse)]
        assert found == [said[row["prompt_text"]][which] for which in ("better", "worse")]


def test_text_and_image_to_text_and_image(senses, exported, monkeypatch):
    folder = exported("align-anything", dimension="overall") / "ti2ti_preference"
    rows, said = load(folder), truth(senses, "ti2ti")
    monkeypatch.chdir(folder)
    # Its data set counts the valid rows and then takes the first so many of all: nothing but valid rows may be there.
    assert len(rows) == ROWS + 1
    for row in rows:
        if row["input_text"] == "Both?":
            assert [Image.open(path).size for path in row["input_image"]] == [(16, 16)] * 2
            assert (row["better_text"], row["better_img"]) == ("Yes, it is.", [])
            continue
        expected = said[row["input_text"]]
        assert (row["better_text"], row["worse_text"]) == (expected["better"], expected["worse"])
        assert [Path(path).read_bytes() for path in row["input_image"]] == [expected["shown"]]
        assert [Path(path).read_bytes() for path in row["better_img"]] == [expected["better_shown"]]
        assert [Path(path).read_bytes() for path in row["worse_img"]] == [expected["worse_shown"]]


def test_prompts_alone_go_to_the_templates_of_their_media(exported):
    folder = exported("align-anything", form="prompt-only")
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [
        "AA_TA2T", "AA_TI2T", "AA_TV2T", "PKUSafeRLHF", "ti2ti_preference",
    ]  # fmt: skip
    assert {"question", "image"} <= set(load(folder / "AA_TI2T")[0])
    assert {"prompt", "audio_path"} <= set(load(folder / "AA_TA2T", "audio_path")[0])
    assert [row["input_text"] for row in load(folder / "ti2ti_preference")] == ["Both?"]


class SafeSora:
    """Its pair data set: a folder, the name of the config in it, and videos that are looked for by their ids."""

    def __init__(self, path, config_filename):
        with gzip.open(path / config_filename, "rt", encoding="utf-8") as file:
            self.configs = json.load(file)
        assert isinstance(self.configs, list)
        for config in self.configs:
            for name in ("video_0", "video_1"):
                video = config[name]
                by_ids = path / "videos" / video["prompt_id"] / f"{video['video_id']}.mp4"
                assert by_ids == path / video["video_path"]
                video["video_path"] = str(by_ids)


def test_safesora_reads_its_own_layout(senses, exported):
    folder = exported("safesora")
    configs = [each for split in ("train", "test") for each in SafeSora(folder, f"config-{split}.json.gz").configs]
    rows = {row["prompt"]: row for row in senses.rows["t2v"]}
    assert sorted(config["prompt_text"] for config in configs) == sorted(rows)
    for config in configs:
        row = rows[config["prompt_text"]]
        assert config.keys() == {
            "pair_id", "prompt_id", "prompt_text", "prompt_type", "video_0", "video_1", "helpfulness", "harmlessness",
            "sub_preferences", "info",
        }  # fmt: skip
        assert config["video_0"].keys() == {
            "prompt_id", "prompt_text", "prompt_type", "video_id", "video_text", "video_path", "is_safe",
            "generated_from",
        }  # fmt: skip
        places = {
            side: next(
                name
                for name in ("video_0", "video_1")
                if Path(config[name]["video_path"]).read_bytes() == content(senses, row[side])
            )
            for side in ("left", "right")
        }
        assert config["helpfulness"] == places[row["better"]]
        assert config["harmlessness"] == places.get(row["safer"])
        subs = config["sub_preferences"]
        assert subs["information"] == subs["informativeness"] == (places["left"] if row["richer"] else None)
        assert {subs[name] for name in ("instruction_following", "correctness", "aesthetics")} == {None}
        assert config["prompt_type"] is None
        safe = {name: config[name]["is_safe"] for name in ("video_0", "video_1")}
        assert safe == {places["left"]: True, places["right"]: row["right_safe"]}
        assert {config[name]["generated_from"] for name in ("video_0", "video_1")} == {"sora", None}
    assert {config["video_0"]["generated_from"] for config in configs} == {"sora", None}


def test_a_dimension_that_is_asked_for_stands_for_helpfulness(senses, exported):
    folder = exported("safesora", dimension="motion")
    (config,) = [each for path in folder.glob("config-*") for each in SafeSora(folder, path.name).configs]
    assert config["helpfulness"] is not None
    assert config["harmlessness"] is None


def llama_factory(folder):
    """Its rows: media by paths below the folder, and as many tags as paths of each kind."""
    for entry in json.loads((folder / "dataset_info.json").read_text()).values():
        kind = {"parquet": "parquet", "jsonl": "json"}[entry["file_name"].split(".")[-1]]
        columns = entry["columns"]
        for row in datasets.load_dataset(kind, data_files=[str(folder / entry["file_name"])], split="train"):
            said = [each["value"] for each in row[columns["messages"]]]
            answers = [row[columns[side]]["value"] for side in ("chosen", "rejected") if side in columns]
            media = {}
            for tag, name in (("image", "images"), ("video", "videos"), ("audio", "audios")):
                media[tag] = [(folder / path).read_bytes() for path in row[columns[name]]]
                for answer in answers or [""]:
                    assert "".join([*said, answer]).count(f"<{tag}>") == len(media[tag])
            yield said, answers, media


@pytest.mark.parametrize("file_format", ["parquet", "jsonl"])
@pytest.mark.parametrize("form", ["preference", "unpaired"])
def test_llama_factory_finds_as_many_media_as_tags(senses, exported, form, file_format):
    folder = exported("llama-factory", form=form, format=file_format, dimension="overall")
    rows = list(llama_factory(folder))
    expected = {task: truth(senses, task) for task in ("t2t", "ti2t", "ta2t", "tv2t")}
    usable = sum(map(len, expected.values())) - 3
    assert len(rows) == usable * (2 if form == "unpaired" else 1)
    for said, answers, media in rows:
        prompt = said[0].removeprefix("<image>").removeprefix("<image>").removeprefix("<audio>").removeprefix("<video>")
        task = next(task for task, of in expected.items() if prompt in of)
        shown = expected[task][prompt]["shown"]
        found = [data for some in media.values() for data in some]
        if prompt == "Both?":
            assert found == [content(senses, path) for path in shown]
        else:
            assert found == ([] if shown is None else [shown])
        if form == "preference":
            assert answers == [expected[task][prompt][which] for which in ("better", "worse")]
    assert "Before\n<image>\nand after?" in {said[0] for said, *_ in rows}


@pytest.mark.parametrize("form", ["preference", "unpaired", "prompt-only"])
def test_trl_finds_a_placeholder_for_each_picture(senses, exported, form):
    data_utils = pytest.importorskip(
        "trl.data_utils", reason="TRL is not installed: pip install 'winnow-curation[train]'"
    )
    data = datasets.load_dataset(str(exported("trl", form=form, dimension="overall")))
    expected = truth(senses, "t2t") | truth(senses, "ti2t")
    shown = set()
    for split in data.values():
        assert isinstance(split.features["images"].feature, datasets.Image)
        for row in split:
            prompt = data_utils.prepare_multimodal_messages(row["prompt"], images=row["images"])
            parts = prompt[0]["content"]
            pictures = [part["image"] for part in parts if part["type"] == "image"]
            text = "<image>".join(part["text"] for part in parts if part["type"] == "text")
            said = expected.get(text)
            if said is not None and said["shown"] is not None:
                asked = said["shown"] if isinstance(said["shown"], list) else [said["shown"]]
                assert [p.convert("RGB").getpixel((3, 3)) for p in pictures] == [
                    pixel(content(senses, a)) for a in asked
                ]
                shown.add(text)
            if form == "preference":
                answers = [row[side][0]["content"] for side in ("chosen", "rejected")]
                assert answers == [[{"type": "text", "text": said[which]}] for which in ("better", "worse")]
            assert data_utils.is_conversational(row)
    wanted = {text for text, said in truth(senses, "ti2t").items()} - {"Gone?", "Torn?"}
    assert shown == wanted - (set() if form == "prompt-only" else {"Tagged?"})
