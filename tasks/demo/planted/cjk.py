"""CJK: copies in Chinese and in Japanese, where no space says where a word ends.

Each function plants one kind of thing in the scenes it is given, in the two languages by turns.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from tasks.demo.grammar import Scene
from tasks.demo.planted.edits import Edit, add_particle, blur, couples, estrange, swap
from tasks.demo.similarity import SIDES
from tasks.demo.truth import Planted, Row
from tasks.demo.words.chinese import CHINESE
from tasks.demo.words.japanese import JAPANESE

SOURCE = "cjk"
_LANGUAGES = (CHINESE, JAPANESE)


def cjk_duplicate(scenes: Sequence[Scene]) -> Planted:
    """Plant rows that are there twice."""
    return couples("cjk_duplicate", SOURCE, _rows("cjk-duplicate", scenes), lambda _, row: row, "merged_exact", 2)


def cjk_disguised(scenes: Sequence[Scene]) -> Planted:
    """Plant rows whose copy has other code points: full or half width, other forms of a character, marks apart."""

    def disguise(at: int, row: Row) -> Row:
        return row | {side: _DISGUISES[at % len(_DISGUISES)](row[side]) for side in SIDES}

    return couples("cjk_disguised", SOURCE, _rows("cjk-disguised", scenes), disguise, "merged_normalised", 2)


def cjk_near(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows whose copy has a particle more here and there: one of the two must go."""
    rows = _rows("cjk-near", scenes)
    return couples("cjk_near", SOURCE, rows, lambda at, row: blur(row, _edit(at), rng), "near_duplicate", 1)


def cjk_lookalike(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows with a copy that differs a little too much: both stay, and nothing ties them together."""
    rows = _rows("cjk-lookalike", scenes)
    return couples("cjk_lookalike", SOURCE, rows, lambda at, row: estrange(row, _edit(at), rng), "apart", 1)


def cjk_contradiction(scenes: Sequence[Scene], rng: np.random.Generator) -> Planted:
    """Plant rows whose near copy has chosen and rejected exchanged: one vote against one."""
    rows = _rows("cjk-contradiction", scenes)
    return couples("cjk_contradiction", SOURCE, rows, lambda at, row: swap(blur(row, _edit(at), rng)), "contradictory")


def _rows(kind: str, scenes: Sequence[Scene]) -> list[Row]:
    return [_LANGUAGES[at % len(_LANGUAGES)].row(f"{kind}-{at:04d}", scene) for at, scene in enumerate(scenes)]


def _edit(at: int) -> Edit:
    return add_particle(_LANGUAGES[at % len(_LANGUAGES)].particles)


def _with_ascii_marks(text: str) -> str:
    return text.translate(_ASCII_MARKS)


def _in_half_width(text: str) -> str:
    return text.translate(_HALF_WIDTH)


def _with_second_forms(text: str) -> str:
    return text.translate(_SECOND_FORMS)


def _with_marks_apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def _half_width_forms() -> dict[str, str]:
    """Say how kana and Japanese punctuation are written in half width; a voiced kana takes two characters."""
    plain = [chr(code) for code in range(0xFF61, 0xFF9E)]
    voiced = [kana + mark for kana in plain for mark in "\uff9e\uff9f"]
    wide = {unicodedata.normalize("NFKC", narrow): narrow for narrow in [*voiced, *plain]}
    return {kana: narrow for kana, narrow in wide.items() if len(kana) == 1}


_ASCII_MARKS = str.maketrans("，？123", ",?１２３")
_HALF_WIDTH = str.maketrans(_half_width_forms())
# The Korean standard has some characters once for each of their readings, and so has Unicode.
_SECOND_FORMS = str.maketrans("不行老冷更里", "\uf967\ufa08\uf934\uf92e\uf901\uf9e9")
# Chinese and Japanese by turns, as the rows are.
_DISGUISES: tuple[Callable[[str], str], ...] = (
    _with_ascii_marks, _in_half_width, _with_second_forms, _with_marks_apart,
)  # fmt: skip
