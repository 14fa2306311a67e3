import numpy as np
import pytest
import torch
from whisper.audio import N_FRAMES, N_SAMPLES, log_mel_spectrogram, pad_or_trim

from tasks.demo.media.sentences import words
from training.tiny.speech.batches import make_batch, no_speech, spectrograms
from training.tiny.speech.forward import decode, encode
from training.tiny.speech.measure import open_whisper, transcribe
from training.tiny.speech.model import TOKENS, Codes
from training.tiny.speech.score import word_errors
from training.tiny.speech.train import Course, Training, train
from training.tiny.speech.voices import RATE, Utterance

MICRO = Course(steps=24, decay=4, warmup=4, batch=6, state=32, layers=1, save_every=10, look_every=24)
PITCHES = {"one": 300, "two": 600, "three": 1200, "four": 2400}


def sung(sentence):
    """A language that needs no program to be spoken: a tone for each word."""
    times = np.arange(RATE // 4) / RATE
    tones = [np.sin(2 * np.pi * PITCHES[word] * times) for word in sentence.split()]
    return Utterance(sentence, np.concatenate(tones).astype(np.float32) * 0.3)


POOL = [sung(said) for said in ("one two", "two one", "three", "four one two", "three three", "two four")]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speech")
    told = []
    return train(MICRO, POOL, POOL[:2], folder, told.append), folder, told


@pytest.mark.parametrize(
    ("said", "heard", "rate"),
    [
        ("a b c d", "a b c d", 0),
        ("a b c d", "a x c d", 0.25),
        ("a b c d", "b c d", 0.25),
        ("a b c d", "a b c d e", 0.25),
        ("a b", "", 1),
        ("a b", "b a", 1),
    ],
)
def test_wrong_words_are_counted(said, heard, rate):
    assert word_errors([said], [heard]) == rate


def test_a_sentence_is_encoded_as_whisper_decodes_it():
    codes = Codes(words())
    rows = codes.rows("two small red circles")
    assert codes.tokenizer.decode([codes.vocabulary.tokens[row] for row in rows]) == " two small red circles"
    assert codes.tokenizer.decode_with_timestamps([codes.vocabulary.tokens[codes.time(1.32)]]) == "<|1.30|>"
    marks = [codes.vocabulary.tokens[row] for row in (codes.end, codes.start, codes.silent, codes.timeless)]
    known = codes.tokenizer
    assert marks == [known.eot, known.sot, known.no_speech, known.no_timestamps]


def test_a_batch_holds_sentences_with_and_without_times_and_silence():
    codes = Codes(words())
    batch = make_batch(POOL, codes, 60, np.random.default_rng(0))
    assert batch.mels.shape[:2] == (60, 80)
    assert batch.tokens.shape == batch.following.shape
    first = batch.following[:, 0].tolist()
    assert {codes.silent, codes.time(0.0), -1} == set(first)
    for row, said in zip(range(60), batch.words, strict=True):
        assert (first[row] == codes.silent) == (not said)
        assert batch.following[row, 1 : 1 + len(said)].tolist() == said


def test_nobody_speaks_in_silence_noise_tones_and_music():
    chance = np.random.default_rng(0)
    sounds = [no_speech(chance) for _ in range(40)]
    assert any(not sound.any() for sound in sounds)
    # A melody is loud, and takes no more than half of the frequencies there are.
    highs = [np.abs(np.fft.rfft(sound)) for sound in sounds if np.abs(sound).max() > 0.1]
    assert any(high[len(high) // 2 :].max() < 0.1 * high.max() for high in highs)
    assert sum(bool(sound.any()) for sound in sounds) > 10
    assert all(sound.dtype == np.float32 for sound in sounds)


def test_training_lowers_the_loss():
    training = Training(MICRO, POOL)
    begun = training.advance()["words"]
    for _ in range(MICRO.steps - 3):
        training.advance()
    assert training.advance()["words"] < 0.95 * begun


def test_going_on_ends_where_an_unbroken_training_does(tmp_path):
    unbroken = Training(MICRO, POOL)
    for _ in range(4):
        unbroken.advance()
    broken = Training(MICRO, POOL)
    for _ in range(2):
        broken.advance()
    broken.keep(tmp_path / "kept")
    again = Training(MICRO, POOL)
    again.go_on(tmp_path / "kept")
    again.advance()
    again.advance()
    for one, other in zip(unbroken.model.parameters(), again.model.parameters(), strict=True):
        assert torch.equal(one, other)


def test_it_tells_what_it_reached(trained):
    assert any("word error rate" in said for said in trained[2])


def test_the_full_model_does_what_the_small_one_does(trained):
    training, folder, _ = trained
    model = open_whisper(folder / "model")
    sounds = [spoken.samples for spoken in POOL[:2]]
    whole = torch.stack([pad_or_trim(log_mel_spectrogram(sound, padding=N_SAMPLES), N_FRAMES) for sound in sounds])
    tokens = torch.tensor(training.codes.vocabulary.tokens)
    rows = torch.tensor([[training.codes.start, training.codes.timeless, *training.codes.rows("one two")]] * 2)
    with torch.no_grad():
        heard = encode(training.model, spectrograms(sounds))
        full = model(whole, tokens[rows])
        small = decode(training.model, rows, heard)
    # A few frames of silence stand for some 1,400: near, not equal.
    torch.testing.assert_close(full[..., tokens], small, atol=0.05, rtol=0)
    absent = torch.ones(TOKENS, dtype=torch.bool)
    absent[tokens] = False
    assert not full[..., absent].any()


def test_whisper_transcribes_with_it(trained):
    text, silence = transcribe(open_whisper(trained[1] / "model"), POOL[0].samples)
    assert isinstance(text, str)
    assert 0 <= silence <= 1
