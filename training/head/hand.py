"""What can be counted in a response: the features that need no model."""

from __future__ import annotations

import polars as pl

from tasks.measure.text.lengths import chars, lines, words
from tasks.measure.text.markup import urls
from tasks.measure.text.phrases import is_refusal
from tasks.measure.text.readability import readability

_TEXT = pl.col("text")
_RATES = {
    "upper": r"\p{Lu}",
    "digits": r"\p{N}",
    "commas": r"[,;:、，；：]",
    "quotes": r"[\"“”«»„]",
    "brackets": r"[()\[\]]",
    "odd": r"[^\p{L}\p{N}\p{P}\s]",
    "careless_starts": r"[.!?]\s+\p{Ll}",
    "missing_spaces": r"[,.;:!?]\p{L}",
}
_COUNTS = {
    "sentences": r"[.!?…。！？]+(?:\s|$)",
    "questions": r"[?？]",
    "exclamations": r"[!！]",
    "repeated_marks": r"[!?.]{2,}",
    "long_words": r"\b\p{L}{7,}\b",
    "items": r"(?m)^[ \t]*(?:[-*+•] |\d{1,3}[.)] )",
    "paragraphs": r"\n\s*\n",
    "bold": r"\*\*[^*\n]+\*\*",
    "fences": r"(?m)^[ \t]*```",
    "i": r"\b[Ii](?:\b|['’]m)",
    "you": r"(?i)\byou(?:r|rs)?\b",
    "hedges": r"(?i)\b(?:maybe|perhaps|might|possibly|probably|seems?|likely|could)\b",
    "sorry": r"(?i)\b(?:sorry|apologi[sz]e|apology)\b",
    "negations": r"(?i)\b(?:not|no|never|nothing|none)\b|n['’]t\b",
    "thinking": r"(?i)\b(?:think|believe|feel|sounds?|understand)\b",
    "causes": r"(?i)\b(?:because|since|therefore|thus|hence|so that|for example|for instance|however|although)\b",
}


def hand_features(contents: pl.DataFrame) -> pl.DataFrame:
    """Count what is countable in each `text`: one row a content, 36 numbers with no nulls.

    Counts are log1p, so that twice as many is as much at ten as at a thousand; rates are per character.
    """
    size = chars(_TEXT).clip(lower_bound=1)
    number = words(_TEXT)
    logs = {"chars": chars(_TEXT), "words": number, "lines": lines(_TEXT), "urls": urls(_TEXT)}
    counted = contents.select(
        *[count.log1p().alias(name) for name, count in logs.items()],
        *[_TEXT.str.count_matches(pattern).log1p().alias(name) for name, pattern in _COUNTS.items()],
        *[(_TEXT.str.count_matches(pattern) / size).alias(name) for name, pattern in _RATES.items()],
        size.sqrt().alias("sqrt_chars"),
        (size / number.clip(lower_bound=1)).log1p().alias("word_length"),
        (number / _TEXT.str.count_matches(_COUNTS["sentences"]).clip(lower_bound=1)).log1p().alias("sentence_length"),
        readability(_TEXT).clip(-100.0, 120.0).alias("readability"),
        is_refusal(_TEXT).cast(pl.Float64).alias("is_refusal"),
        # What breaks off in the middle of a sentence was cut short.
        _TEXT.str.contains(r"[.!?…。！？\"'”’)\]`*]\s*$").cast(pl.Float64).alias("ends_well"),
        _TEXT.str.contains(r"(?i)^\s*(?:no\b|i['’]m|i am|i do)").cast(pl.Float64).alias("starts_no"),
        _TEXT.str.contains(r"^\s*\p{Lu}").cast(pl.Float64).alias("starts_upper"),
    )
    return counted.cast(pl.Float64).fill_nan(None).fill_null(0.0)
