"""What a child process is asked to do with the bytes of a medium, and what it answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.stage import Stage
from tasks.media.decode.limits import Limits

Arrays = Mapping[str, NDArray[np.generic]]


class Answer(NamedTuple):
    """What is known of a medium: facts that JSON can say (no NaN), and arrays of numbers by name."""

    facts: Mapping[str, Any]
    arrays: Arrays = {}


class Job(Stage, ABC):
    """A job is its own settings: frozen, and a pure call on bytes.

    A child process imports it by its address, so it stands at the top of a module, and what that module imports is all
    that the child loads. What it raises is said of the medium, never of the run.
    """

    limits: Limits = Limits()

    @classmethod
    def address(cls) -> str:
        """Name the job so that another process can import it."""
        return f"{cls.__module__}:{cls.__qualname__}"

    @abstractmethod
    def __call__(self, data: bytes) -> Answer:
        """Look at one medium. Raises `Undecodable` if it cannot be decoded."""
