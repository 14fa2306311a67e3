"""Media of a plan: where they lie, and how large they may be."""

from __future__ import annotations

from pydantic import Field, PositiveFloat, PositiveInt

from schemas.stage import Settings


class Media(Settings):
    """Where the media lie that rows only name, and what none of them may exceed.

    Bytes inside rows are always kept. A path is looked for below `root`; without one it stays a name.
    """

    root: str | list[str] | None = Field(
        default=None,
        description="Folders and archives (.tar, .tar.gz, .zip), globs too, from the plan; sources may say their own.",
    )
    max_pixels: PositiveInt = Field(default=40_000_000, description="Pixels of a picture or of a frame.")
    max_bytes: PositiveInt = Field(default=32 << 20, description="Bytes of one medium.")
    max_seconds: PositiveFloat = Field(default=600.0, description="Seconds that a sound or a video plays.")
    fetch: bool = Field(default=False, description="Whether media at http and https addresses are fetched.")


def roots_of(said: str | list[str] | None) -> list[str]:
    """List the places that were said, in their order."""
    return [said] if isinstance(said, str) else said or []
