"""Shingles the plain way, one text at a time: what the fast way is compared with."""

import unicodedata

UNSPACED = ("CJK", "HIRAGANA", "KATAKANA", "THAI", "LAO", "TIBETAN", "MYANMAR", "KHMER", "BOPOMOFO", "YI ")


def tokens(text):
    found, run = [], ""
    for char in text:
        is_word = unicodedata.category(char)[0] in "LNM"
        is_alone = is_word and unicodedata.name(char, "").startswith(UNSPACED)
        if is_word and not is_alone:
            run += char
            continue
        found += [run] if run else []
        found += [char] if is_alone else []
        run = ""
    return found + ([run] if run else [])


def shingles(text, ngram):
    words = tokens(text)
    if len(words) < ngram:
        return {tuple(words)} if words else set()
    return {tuple(words[at : at + ngram]) for at in range(len(words) - ngram + 1)}


def jaccard(left, right):
    return len(left & right) / len(left | right) if left | right else 0.0
