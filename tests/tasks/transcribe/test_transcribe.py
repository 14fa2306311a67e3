"""Transcripts by a tiny whisper: those of whisper itself, for many sounds at once and for none."""

import json

import numpy as np
import polars as pl
import pytest
import torch
import whisper
from safetensors.torch import save_file
from transformers import WhisperConfig, WhisperForConditionalGeneration

from schemas.errors import Terminal
from tasks.transcribe.checkpoint import load_whisper
from tasks.transcribe.transcribe import Transcribe
from tasks.transcribe.whisper import load_transcriber
from tests.tasks.tiny_models import build_whisper, save_whisper, sounds

TOKENS = 12


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    return save_whisper(tmp_path_factory.mktemp("speech"))


def test_a_transcript_is_that_of_whisper(weights):
    (model,) = load_whisper(weights)
    for sound in sounds(2, 45):
        theirs = whisper.transcribe(
            model, sound, language="de", temperature=0.0, fp16=False, sample_len=TOKENS, condition_on_previous_text=False,
            compression_ratio_threshold=None,
        )  # fmt: skip
        (ours,) = load_transcriber(weights, "de").transcribe([sound], 1, TOKENS)
        said = [each for each in theirs["segments"] if each["text"]]
        assert said
        assert ours.text == theirs["text"].strip()
        assert ours.language == "de"
        for segment, expected in zip(ours.segments, said, strict=True):
            assert segment.text == expected["text"]
            for part in ("start", "end", "avg_logprob", "no_speech_prob", "compression_ratio"):
                assert getattr(segment, part) == pytest.approx(expected[part], abs=1e-4), part


def test_transcripts_do_not_depend_on_the_batch(weights):
    heard = sounds(1, 33, 0.5, 3)
    one, three = (load_transcriber(weights, None).transcribe(heard, batch, TOKENS) for batch in (1, 3))
    assert [each.text for each in one] == [each.text for each in three]
    assert [each.language for each in one] == [each.language for each in three] != [None] * 4
    for a, b in zip(one, three, strict=True):
        assert a.avg_logprob == pytest.approx(b.avg_logprob, abs=1e-4)


@pytest.mark.parametrize("seconds", [0, 0.01, 0.09])
def test_too_short_a_sound_says_nothing(weights, seconds):
    (told,) = load_transcriber(weights, None).transcribe(sounds(seconds), 4, TOKENS)
    assert told == ("", None, [], None, 1.0)


def test_a_silent_sound_says_nothing_whatever_lies_beside_it(weights):
    silence = np.zeros(32_000, np.float32)
    noise = sounds(1)[0]
    about = {"model": "tiny", "revision": "1", "digest": "d", "weights": weights, "tokens": TOKENS}
    media = pl.LazyFrame({"content_id": ["a", "b", "c"]})
    found = Transcribe(**about)(media, [silence, noise, silence[:0]])["transcripts"]
    assert found["media_id"].to_list() == ["a", "b", "c"]
    assert [text == "" for text in found["text"]] == [True, False, True]
    assert found["segments"].to_list()[::2] == ["[]", "[]"]
    assert found["avg_logprob"].is_null().to_list() == [True, False, True]
    assert found["no_speech_prob"].to_list()[::2] == [1.0, 1.0]
    segments = json.loads(found["segments"][1])
    assert "".join(each["text"] for each in segments).strip() == found["text"][1]
    assert found.select("model", "revision").unique().rows() == [("tiny", "1")]
    assert Transcribe(**about)(media.limit(0), [])["transcripts"].schema == found.schema


def test_the_language_is_part_of_the_key_and_the_place_is_not(weights, tmp_path):
    about = {"model": "m", "revision": "1", "digest": "d"}
    one, moved = Transcribe(**about, weights=weights), Transcribe(**about, weights=tmp_path, batch=1)
    assert one.key() == moved.key() != Transcribe(**about, weights=weights, language="de").key()


def test_three_forms_of_one_model_are_one(tmp_path):
    config = WhisperConfig(
        vocab_size=51865, d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
        decoder_attention_heads=2, encoder_ffn_dim=128, decoder_ffn_dim=128,
    )  # fmt: skip
    torch.manual_seed(0)
    theirs = WhisperForConditionalGeneration(config).eval()
    theirs.save_pretrained(tmp_path / "theirs")
    (ours,) = load_whisper(tmp_path / "theirs" / "model.safetensors")
    mel, tokens = torch.randn(1, 80, 3000), torch.tensor([[50258, 50259, 50359, 11, 12]])
    with torch.no_grad():
        expected = theirs(input_features=mel, decoder_input_ids=tokens).logits
        assert torch.allclose(ours(mel, tokens), expected, atol=1e-4)
    pickled = load_whisper(save_whisper(tmp_path / "pickled", as_pickle=True))[0].state_dict()
    safe = load_whisper(save_whisper(tmp_path / "safe"))[0].state_dict()
    assert all(torch.equal(pickled[name].to_dense(), tensor.to_dense()) for name, tensor in safe.items())


def test_a_language_that_the_model_does_not_know_is_told(weights, tmp_path):
    with pytest.raises(Terminal, match=r"whisper knows no language xx: say one of .*de, "):
        load_transcriber(weights, "xx")
    english = save_whisper(tmp_path, n_vocab=51864)
    with pytest.raises(Terminal, match="knows English only"):
        load_transcriber(english, "de")
    assert load_transcriber(english, None).transcribe(sounds(1), 1, TOKENS)[0].language == "en"


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_audio_state": 1 << 40}, "are not those of a whisper"),
        ({"n_audio_ctx": 750}, "a whisper has 80 or 128 mels, 1500 places"),
        ({"n_text_state": "os.system"}, "are not those of a whisper"),
        ({"n_audio_layer": 3}, "does not fit its sizes: .*Missing key"),
    ],
)
def test_sizes_that_do_not_fit_are_told_before_memory_is_taken(tmp_path, sizes, message):
    model = build_whisper()
    said = json.loads(json.dumps({**model.dims.__dict__, **sizes}))
    (tmp_path / "dims.json").write_text(json.dumps(said))
    save_file({name: each.clone() for name, each in model.state_dict().items()}, tmp_path / "model.safetensors")
    with pytest.raises(Terminal, match=f"(?s){message}"):
        load_whisper(tmp_path / "model.safetensors")
