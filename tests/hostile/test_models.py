"""Loading a model never runs code: pickles, archives, headers and settings that try to, or that are broken."""

import io
import json
import os
import pickle
import random
import struct
import zipfile
from contextlib import suppress

import pytest
import torch
from safetensors.torch import save

from flows.embed.media_models import settle_image_text
from schemas.errors import Terminal
from schemas.plan.media_models import ImageTextModel
from tasks.models.open_clip import load_open_clip
from tasks.models.weights import check_weights, read_weights
from tasks.transcribe.checkpoint import load_whisper
from tests.hostile import TIMES
from tests.loopback.hub import Hub
from tests.tasks.tiny_models import CLIP, save_open_clip, save_whisper
from warehouse.home import Home

pytestmark = pytest.mark.hostile

ROUNDS = TIMES


@pytest.fixture
def canary(tmp_path):
    """A file that exists if code of a model was run; and ways to run code."""
    place = tmp_path / "canary"
    yield place
    assert not place.exists()


class Runs:
    """A pickle of this runs `call(*said)` when it is loaded."""

    def __init__(self, call, *said):
        self.call, self.said = call, said

    def __reduce__(self):
        return self.call, self.said


def calls(place):
    touch = f"touch {place}"
    python = f"open({str(place)!r}, 'w').close()"
    return [
        Runs(os.system, touch),
        Runs(eval, python),
        Runs(exec, python),
        Runs(os.mknod, str(place)),
        Runs(io.open, str(place), "w"),
        Runs(getattr, Runs(__import__, "os"), "mkdir"),
    ]


def zipped(place, call, number):
    """A checkpoint as torch writes it, with code at one of several depths."""
    held = [call, {"weights": call}, {"state_dict": {"a": torch.zeros(1), "b": call}}, {"dims": call}]
    torch.save(held[number % len(held)], place)


def bare(place, call, number):
    """A pickle as it was before torch wrote archives."""
    place.write_bytes(pickle.dumps({"a": call}, protocol=number % 5))


def legacy(place, call, number):
    torch.save({"a": call}, place, _use_new_zipfile_serialization=False)


@pytest.mark.parametrize("form", [zipped, bare, legacy])
@pytest.mark.parametrize("ending", [".pt", ".pth", ".bin"])
def test_a_malicious_pickle_is_refused_and_not_run(tmp_path, canary, form, ending):
    save_open_clip(tmp_path / "clip")
    weights = tmp_path / "clip" / f"evil{ending}"
    for number in range(ROUNDS):
        for call in calls(canary):
            form(weights, call, number)
            for read in (check_weights, read_weights, load_whisper, lambda file: load_open_clip(file, None)):
                with pytest.raises(Terminal, match=r"could run code|cannot be read as weights"):
                    read(weights)
            assert not canary.exists()


def test_the_pickles_would_run_code_if_they_were_trusted(tmp_path):
    for number, call in enumerate(calls(tmp_path / "canary")[:5]):
        zipped(tmp_path / "evil.pt", call, number)
        torch.load(tmp_path / "evil.pt", weights_only=False)
        assert (tmp_path / "canary").exists()
        (tmp_path / "canary").unlink()


def test_an_archive_writes_nothing_beside_itself(tmp_path, canary):
    torch.save({"a": torch.zeros(3)}, tmp_path / "good.pt")
    for number, name in enumerate(["../canary", str(canary), "..\\canary", "data/../../canary"]):
        place = tmp_path / f"slip{number}.pt"
        with zipfile.ZipFile(tmp_path / "good.pt") as good, zipfile.ZipFile(place, "w") as slip:
            for each in good.infolist():
                slip.writestr(each.filename, good.read(each))
            slip.writestr(name, b"here")
        with suppress(Terminal):
            assert set(read_weights(place)) == {"a"}
        assert not (tmp_path.parent / "canary").exists()
        assert not canary.exists()


def test_a_compiled_model_is_refused(tmp_path):
    torch.jit.script(torch.nn.Linear(1, 1)).save(tmp_path / "compiled.pt")
    with pytest.raises(
        Terminal, match=r"compiled.pt cannot be read as weights \(Cannot use ``weights_only=True`` with"
    ):
        read_weights(tmp_path / "compiled.pt")


GOOD = save({"a": torch.zeros(8), "b": torch.ones(2, 2)})
HEADER = struct.unpack("<Q", GOOD[:8])[0]


def headed(header):
    said = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(said)) + said


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 7,
        struct.pack("<Q", 1 << 63) + GOOD[8:],
        struct.pack("<Q", 200_000_000) + GOOD[8:],
        struct.pack("<Q", len(GOOD)) + GOOD[8:],
        headed(b"{" + b" " * 100),
        headed(b"[1, 2]"),
        headed(b'{"a": 1}'),
        headed({"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}),
        headed({"a": {"dtype": "F32", "shape": [1 << 62, 8], "data_offsets": [0, 32]}}) + bytes(32),
        headed({"a": {"dtype": "F32", "shape": [8], "data_offsets": [32, 0]}}) + bytes(32),
        headed({"a": {"dtype": "F32", "shape": [8], "data_offsets": [-32, 0]}}) + bytes(32),
        headed({"a": {"dtype": "object", "shape": [1], "data_offsets": [0, 4]}}) + bytes(4),
        headed({}),
        GOOD + b"more",
        pickle.dumps({"a": 1}),
    ],
)
def test_a_broken_safetensors_header_is_told(tmp_path, data):
    (tmp_path / "model.safetensors").write_bytes(data)
    (tmp_path / "dims.json").write_text("{}")
    for read in (check_weights, read_weights, load_whisper):
        with pytest.raises(Terminal, match=r"is damaged .*: fetch it again|holds no tensors: fetch it again"):
            read(tmp_path / "model.safetensors")


def test_truncated_weights_are_told_wherever_they_end(tmp_path):
    place = tmp_path / "model.safetensors"
    for end in sorted(random.Random(0).sample(range(len(GOOD)), min(len(GOOD), 25 * TIMES))):
        place.write_bytes(GOOD[:end])
        with pytest.raises(Terminal, match="is damaged"):
            check_weights(place)


def test_truncated_pickles_are_told_wherever_they_end(tmp_path):
    torch.save({"a": torch.zeros(8)}, tmp_path / "good.pt")
    data = (tmp_path / "good.pt").read_bytes()
    for end in sorted(random.Random(0).sample(range(len(data)), min(len(data), 25 * TIMES))):
        (tmp_path / "cut.pt").write_bytes(data[:end])
        with pytest.raises(Terminal, match=r"cut.pt (cannot be read as weights|holds more than weights)"):
            read_weights(tmp_path / "cut.pt")


@pytest.mark.parametrize(
    ("where", "said", "message"),
    [
        ("config.json", {"auto_map": {"AutoModel": "evil.Evil"}}, "config.json says auto_map, which names code"),
        ("tokenizer_config.json", {"a": [{"auto_map": {}}]}, "tokenizer_config.json says auto_map, which names code"),
        ("open_clip_config.json", {"trust_remote_code": True}, "says trust_remote_code, which names code to be run"),
        ("text_cfg", {"hf_model_name": "evil/model"}, "its text tower evil/model would be fetched from the Hub"),
        ("vision_cfg", {"timm_model_name": "hf-hub:evil/model"}, "'hf-hub:evil/model' is a place and no name"),
        ("vision_cfg", {"timm_model_name": "local-dir:/tmp"}, "'local-dir:/tmp' is a place and no name"),
        ("vision_cfg", {"act_kwargs": "os.system"}, "does not fit open_clip_config.json"),
        ("vision_cfg", {"evil": "os.system"}, "does not fit open_clip_config.json: .*unexpected keyword argument"),
        ("text_cfg", {"hf_tokenizer_name": "evil/model"}, "holds no tokenizer for the model"),
        ("model_cfg", {"custom_text": "os.system", "multimodal_cfg": 3}, "does not fit open_clip_config.json"),
    ],
)
def test_settings_that_name_code_are_refused(tmp_path, canary, where, said, message):
    weights = save_open_clip(tmp_path)
    (tmp_path / "evil.py").write_text(f"open({str(canary)!r}, 'w').close()")
    (tmp_path / "__init__.py").write_text(f"open({str(canary)!r}, 'w').close()")
    if where.endswith(".json"):
        (tmp_path / where).write_text(json.dumps({"model_cfg": CLIP, **said}))
    else:
        part = {**CLIP, **said} if where == "model_cfg" else {**CLIP, where: {**CLIP[where], **said}}
        (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": part}))
    with pytest.raises(Terminal, match=message):
        load_open_clip(weights, None)
    speech = save_whisper(tmp_path / "speech")
    if where == "config.json":
        (tmp_path / "speech" / where).write_text(json.dumps(said))
        with pytest.raises(Terminal, match=message):
            load_whisper(speech)


def test_random_weights_never_pass_for_a_model(tmp_path):
    weights = save_open_clip(tmp_path)
    # Copies: what is read stays in the file, which is written anew.
    whole = {name: tensor.clone() for name, tensor in read_weights(weights).items()}
    for missing in ("visual.proj", "token_embedding.weight", "transformer.resblocks.3.ln_2.bias"):
        weights.write_bytes(save({name: tensor for name, tensor in whole.items() if name != missing}))
        load_open_clip.cache_clear()
        with pytest.raises(Terminal, match=rf"(?s)does not fit open_clip_config.json: .*Missing key.*{missing}"):
            load_open_clip(weights, None)
    weights.unlink()
    with pytest.raises(Terminal, match=r"open_clip_model.safetensors is not there"):
        load_open_clip(weights, None)


@pytest.mark.parametrize("name", ["../evil.json", "a/../../evil.json", "/tmp/evil.json", "..\\evil.json"])
def test_a_repository_writes_nothing_outside_the_home(tmp_path, monkeypatch, name):
    save_open_clip(tmp_path / "clip")
    files = {file.name: file.read_bytes() for file in (tmp_path / "clip").iterdir()}
    before = set(tmp_path.rglob("*"))
    with Hub() as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        hub.commit("team/evil", {**files, name: b"{}"})
        with pytest.raises(Terminal, match=r"team/evil holds what cannot be fetched safely \(Invalid filename"):
            settle_image_text(ImageTextModel(repo="team/evil"), tmp_path, Home.at(tmp_path / "home"))
    written = {place for place in set(tmp_path.rglob("*")) - before if "evil" in place.name and place.is_file()}
    assert all((tmp_path / "home" / "hub") in place.parents for place in written)
    assert not (tmp_path.parent / "evil.json").exists()
