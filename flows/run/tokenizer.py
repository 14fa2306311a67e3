"""The tokenizer that a plan names: read once, kept in the store under its digest, so that a run can be told again."""

from __future__ import annotations

import hashlib
from pathlib import Path

import polars as pl

from schemas.errors import Terminal
from schemas.plan.curation import Tokenizer
from schemas.plan.plan import Plan
from tasks.measure.text.tokens import load
from warehouse.home import Home
from warehouse.store import Store


def pin_tokenizer(plan: Plan, root: Path, home: Home) -> Plan:
    """Store the tokenizer of a plan that needs one, and return the plan with the digest of what was found.

    Raises Terminal if it cannot be read, is none, or is not the one whose digest the plan gives.
    """
    told = plan.models.tokenizer
    if told is None:
        return plan
    content = _read(told, root, home)
    digest = hashlib.sha256(content).hexdigest()
    if told.sha256 not in (None, digest):
        raise Terminal(
            f"models.tokenizer: {told.path or told.repo} has the SHA-256 {digest}, but the plan says {told.sha256}: "
            "name the right file, or correct sha256"
        )
    text = _text(content, told)
    pinned = told.model_copy(update={"sha256": digest})
    Store(home).write(tokenizer_key(pinned), {"_tokenizer": pl.DataFrame({"content": [text]})}, {"inputs": []})
    return plan.model_copy(update={"models": plan.models.model_copy(update={"tokenizer": pinned})})


def tokenizer_key(pinned: Tokenizer) -> str:
    """Name where the store keeps a pinned tokenizer."""
    return f"tokenizer-{pinned.sha256}"


def _read(told: Tokenizer, root: Path, home: Home) -> bytes:
    place = root / told.path if told.path is not None else _fetched(told, home)
    try:
        return place.read_bytes()
    except OSError as error:
        raise Terminal(f"models.tokenizer: {place} cannot be read: {error.strerror}: correct it") from error


def _fetched(told: Tokenizer, home: Home) -> Path:
    from warehouse.intake.hub import fetch_of_model  # its client takes a second to import

    return fetch_of_model(told.repo or "", "tokenizer.json", told.revision, home.path)


def _text(content: bytes, told: Tokenizer) -> str:
    try:
        text = content.decode()
        load(text)
    except (UnicodeDecodeError, Terminal) as error:
        raise Terminal(f"models.tokenizer: {told.path or told.repo}: {error}: name a tokenizer.json") from error
    return text
