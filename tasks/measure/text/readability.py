"""How hard a text is to read."""

from __future__ import annotations

import polars as pl

# Of lower-case letters; the ranges are Latin-1, Latin Extended and Latin Extended Additional.
_LATIN = r"[a-zß-öø-ɏḀ-ỿ]"
_WORD = rf"{_LATIN}+(?:['’]{_LATIN}+)*"
_OTHER_LETTER = r"[\p{L}--\p{Latin}]"
_SENTENCE_END = r"[.!?…]+(?:[\s\"'”’)\]]|$)"
_VOWELS = r"[aeiouyà-æè-ïò-öø-ýÿœ]+"
# A final e after a consonant is silent if the word has another vowel; after a consonant and l it is not (table).
_SILENT_E = r"[aeiouy](?:[a-z]*[b-df-hjkm-np-tv-xz]|(?:[a-z]*[aeiouy])?l)e(?-u:\b)"


def readability(text: pl.Expr) -> pl.Expr:
    """Return the Flesch reading ease (Flesch 1948): about 100 is easy, 0 hard; it is made for English.

    Null where letters of other scripts outnumber the Latin words, as the formula counts words and syllables. Syllables
    are groups of vowels less silent endings, at least one a word.
    """
    lower = text.str.to_lowercase()
    words = lower.str.count_matches(_WORD)
    sentences = lower.str.count_matches(_SENTENCE_END).clip(lower_bound=1)
    vowels = lower.str.count_matches(_VOWELS).cast(pl.Int64) - lower.str.count_matches(_SILENT_E)
    syllables = pl.max_horizontal(vowels, words.cast(pl.Int64))
    ease = 206.835 - 1.015 * words / sentences - 84.6 * syllables / words
    is_latin = lower.str.count_matches(_OTHER_LETTER) <= words
    return pl.when(is_latin & (words > 0)).then(ease)
