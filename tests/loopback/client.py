"""The real client of the Hub, in this process, talking to the fake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from tests.loopback.hub import TOKEN, Hub


@contextmanager
def connected(patch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A fake that `winnow` writes to; the client tries again at once where it would wait, and uploads without Xet."""
    with Hub() as hub:
        patch.setenv("HF_ENDPOINT", hub.endpoint)
        patch.setenv("HF_TOKEN", TOKEN)
        patch.setattr("huggingface_hub.constants.HF_HUB_DISABLE_XET", True)
        patch.setattr("huggingface_hub.utils._http.time", SimpleNamespace(sleep=lambda _seconds: None))
        yield hub
