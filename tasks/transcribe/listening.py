"""How far a sound has been listened to: half a minute at a time, as whisper's own transcription goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor

# whisper's frames: a hundredth of a second each, 3,000 a window, two for each place of a timestamp.
WINDOW: Final = 3_000
_FRAME: Final = 0.01
_PLACE: Final = 2
# Above the first and not above the second a window counts as silent: whisper's own thresholds.
_NO_SPEECH: Final = 0.6
_LOGPROB: Final = -1.0
# A window is left after a second at least, so that no sound is listened to for ever.
_STEP: Final = 100


class Segment(NamedTuple):
    """A part of a sound in which something is said."""

    start: float
    end: float
    text: str
    avg_logprob: float
    no_speech_prob: float
    compression_ratio: float


@dataclass
class Listening:
    """A sound, and what has been heard of it."""

    mel: Tensor
    frames: int
    language: str | None
    seek: int = 0
    segments: list[Segment] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    no_speech: list[float] = field(default_factory=list)

    @property
    def has_ended(self) -> bool:
        """Tell whether all of the sound has been listened to."""
        return self.seek >= self.frames

    def window(self) -> Tensor:
        """Return the next half minute, (mels, 3000), with nothing behind the sound's end."""
        from torch.nn.functional import pad

        size = self._size()
        return pad(self.mel[:, self.seek : self.seek + size], (0, WINDOW - size))

    def hear(self, result: Any, tokenizer: Any) -> None:
        """Take up what whisper decoded of the window, and go on behind it."""
        self.language = result.language
        self.logprobs.append(result.avg_logprob)
        self.no_speech.append(result.no_speech_prob)
        if result.no_speech_prob > _NO_SPEECH and result.avg_logprob <= _LOGPROB:
            self.seek += self._size()
            return
        parts, heard = _cut(result.tokens, tokenizer.timestamp_begin, self._size())
        offset = self.seek * _FRAME
        for start, end, tokens in parts:
            text = tokenizer.decode([token for token in tokens if token < tokenizer.eot])
            if start < end and text.strip():
                told = (result.avg_logprob, result.no_speech_prob, result.compression_ratio)
                self.segments.append(Segment(offset + start * _FRAME, offset + end * _FRAME, text, *told))
        self.seek += max(heard, min(_STEP, self._size()))

    def _size(self) -> int:
        return min(WINDOW, self.frames - self.seek)


def _cut(tokens: list[int], first: int, size: int) -> tuple[list[tuple[int, int, list[int]]], int]:
    """Cut a window's tokens at its timestamps, which begin at `first`: start, end and tokens of each segment.

    Also returns how many frames were heard: up to the last timestamp if the window ends in the middle of a segment.
    """
    is_time = [token >= first for token in tokens]
    ends = [at for at in range(1, len(tokens)) if is_time[at - 1] and is_time[at]]
    if not ends:
        times = [token for token in tokens if token >= first]
        end = (times[-1] - first) * _PLACE if times and times[-1] != first else size
        return [(0, end, tokens)], size
    has_whole_end = is_time[-2:] == [False, True]
    if has_whole_end:
        ends.append(len(tokens))
    cuts = list(zip([0, *ends], ends, strict=False))
    parts = [
        ((tokens[start] - first) * _PLACE, (tokens[end - 1] - first) * _PLACE, tokens[start:end]) for start, end in cuts
    ]
    return parts, size if has_whole_end else (tokens[ends[-1] - 1] - first) * _PLACE
