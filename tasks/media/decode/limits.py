"""What one medium may cost."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from schemas.stage import Settings
from tasks.media.decode import Undecodable


class Limits(Settings):
    """The most a medium may have and take; what is over a limit is refused before it is unpacked, if that can be told.

    `max_pixels` are those of a picture or of one frame, `max_seconds` is play time. `ratio` bounds how many bytes an
    animated picture unpacks to for each of its own, once its frames together have more than `max_pixels`. `seconds` is
    the time of a processor, `wall` the time by the clock, which is longer where others work as well, and `memory` the
    bytes beyond its libraries that the process of a decoder may take for one medium.
    """

    max_bytes: PositiveInt = 32 << 20
    max_pixels: PositiveInt = 40_000_000
    max_seconds: PositiveFloat = 600.0
    max_frames: PositiveInt = 36_000
    ratio: PositiveInt = 200
    seconds: PositiveFloat = 10.0
    wall: PositiveFloat = 60.0
    memory: PositiveInt = 1 << 30

    @property
    def max_sound_bytes(self) -> int:
        """The most that samples may fill: room is left to copy them."""
        return self.memory // 4

    def check_bytes(self, count: int) -> None:
        """Refuse a medium without bytes, or with too many of them."""
        if not count:
            raise Undecodable("empty: it has no bytes")
        if count > self.max_bytes:
            raise Undecodable(f"too large: it has {count:,} bytes, more than {self.max_bytes:,}")

    def check_size(self, width: int, height: int) -> None:
        """Refuse a picture or a frame without pixels, or with too many of them."""
        if width < 1 or height < 1:
            raise Undecodable(f"broken: its header says {width} x {height} pixels")
        if width * height > self.max_pixels:
            raise Undecodable(f"too large: {width:,} x {height:,} pixels are more than {self.max_pixels:,}")

    def check_frames(self, count: int) -> None:
        """Refuse a video with too many frames."""
        if count > self.max_frames:
            raise Undecodable(f"too long: it has more than {self.max_frames:,} frames")

    def check_seconds(self, seconds: float) -> None:
        """Refuse a sound or a video that plays for too long."""
        if seconds > self.max_seconds:
            raise Undecodable(f"too long: it plays for more than {self.max_seconds:,g} seconds")
