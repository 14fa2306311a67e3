"""A piece of work: whatever it does, it is done once, and found done by whoever asks again."""

from __future__ import annotations

import logging
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass

from warehouse.store import Receipt, Store

_log = logging.getLogger("winnow")


@dataclass(frozen=True)
class Piece(ABC):
    """One piece of work, whose result lies in the store under its `key`. Nothing here knows Prefect."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Name the result: equal keys mean equal rows."""

    @property
    @abstractmethod
    def stage_name(self) -> str:
        """Name the operator."""

    @property
    @abstractmethod
    def name(self) -> str:
        """Say in a few words what is done to what."""

    @abstractmethod
    def make(self, store: Store) -> Receipt:
        """Do the work and store the result under `key`."""

    @property
    def keys(self) -> list[str]:
        """Name the result and what it is made of."""
        return [self.key]

    def is_done(self, store: Store) -> bool:
        """Tell whether the result is there."""
        return store.receipt(self.key) is not None

    def perform(self, store: Store) -> Receipt:
        """Do the work, unless its result is there already, and store the result."""
        done = store.receipt(self.key)
        if done is not None:
            return done
        started = time.monotonic()
        receipt = self.make(store)
        sizes = ", ".join(f"{file.rows:,} {file.table}" for file in receipt.files if file.rows)
        _log.info("%s: %s, %.2f s", self.name, sizes, time.monotonic() - started)
        return receipt
