"""Shingles the plain way, one text at a time: what the fast way is compared with."""

import unicodedata

UNSPACED = (
    "CJK",
    "HIRAGANA",
    "HENTAIGANA",
    "KATAKANA",
    "THAI",
    "LAO",
    "TIBETAN",
    "MYANMAR",
    "KHMER",
    "BOPOMOFO",
    "YI ",
)


def is_alone(char):
    """Is the character a token by itself?"""
    is_word = unicodedata.category(char)[0] in "LN"
    return is_word and unicodedata.name(char, "").startswith(UNSPACED)


def tokens(text):
    found = []
    before = "separator"
    for char in text:
        category = unicodedata.category(char)[0]
        if category not in "LNM":
            before = "separator"
        elif category == "M" and before != "separator":
            found[-1] += char
        elif is_alone(char):
            found += [char]
            before = "alone"
        elif before == "run":
            found[-1] += char
        else:
            found += [char]
            before = "run"
    return found


def shingles(text, ngram):
    words = tokens(text)
    if len(words) < ngram:
        return {tuple(words)} if words else set()
    return {tuple(words[at : at + ngram]) for at in range(len(words) - ngram + 1)}


def jaccard(left, right):
    return len(left & right) / len(left | right) if left | right else 0.0
