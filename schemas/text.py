"""When two texts count as the same: NFKC, case folded, white space collapsed.

The form is the fixed point of NFKC and full case folding (The Unicode Standard, section 3.13, compatibility caseless
matching) with every run of white space turned into one space and none at the ends.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import polars as pl

# Blocks in which no letter composes with the one before it: Latin, Greek, Cyrillic, punctuation, kana, Han, Hangul.
_CHECKED_BLOCKS = [range(0x80, 0x300), range(0x370, 0x530), range(0x1E00, 0x2070), range(0x3041, 0x3100)]
_PLAIN_BLOCKS = r"\u{4E00}-\u{9FFF}\u{AC00}-\u{D7A3}"
# Its lower case depends on what follows it.
_CAPITAL_SIGMA = 0x3A3
# Inner white space that collapsing has to touch. Naming the few characters that survive NFKC is three times as fast as
# the class of all white space.
_ODD_SPACE = r"[\t\n\x0B\x0C\r\x1C-\x1F\u{85}\u{1680}\u{2028}\u{2029}]"
_UNEVEN = rf"  |{_ODD_SPACE}"
# Runs that are not one plain space already: leaving those alone is five times as fast.
_UNEVEN_RUN = rf" *{_ODD_SPACE}[\s\x1C-\x1F]*|  +"


def normalise(texts: pl.Series) -> pl.Series:
    """Return `texts` in normal form. Nulls stay null; applying it twice changes nothing."""
    folded = fold(texts)
    uneven = folded.str.contains(_UNEVEN) | folded.str.starts_with(" ") | folded.str.ends_with(" ")
    return _replace_where(folded, uneven.fill_null(value=False), _collapse).alias(texts.name)


def fold(texts: pl.Series) -> pl.Series:
    """Return `texts` in normal form but for their white space, which stays as it is."""
    # Normalising costs a hundred times a lowercase, and changes nothing where every character is plain.
    is_odd = texts.str.contains(_ODD).fill_null(value=False)
    return _replace_where(texts.str.to_lowercase(), is_odd, lambda _: _casefold(texts.filter(is_odd)))


def written(messages: pl.Expr) -> pl.Expr:
    """Write each list of messages as one text: a single message bare, several as "role: content" blocks."""
    blocks = messages.list.eval(
        pl.concat_str([pl.element().struct["role"], pl.lit(": "), pl.element().struct["content"].fill_null("")])
    )
    alone = messages.list.get(0, null_on_oob=True).struct["content"]
    return pl.when(messages.list.len() == 1).then(alone).otherwise(blocks.list.join("\n\n"))


def prefixes(talks: pl.DataFrame) -> pl.DataFrame:
    """List the earlier prompts that conversations continue, the shortest first.

    `talks` has a `record_id` and its `messages`; returns record_id and text, as `written` writes the messages up to
    and with each turn of the user but the last.
    """
    talks = talks.filter(pl.col("messages").list.len() > 1)
    deepest = int(talks["messages"].list.len().max() or 0)  # type: ignore[arg-type]
    parts = [_prefix_of(talks, turns) for turns in range(1, deepest)]
    return pl.concat(parts) if parts else pl.DataFrame(schema={"record_id": pl.String, "text": pl.String})


def _prefix_of(talks: pl.DataFrame, turns: int) -> pl.DataFrame:
    """Write the first `turns` messages of the talks that go on after a question there."""
    messages = pl.col("messages")
    goes_on = (messages.list.len() > turns) & (messages.list.get(turns - 1, null_on_oob=True).struct["role"] == "user")
    return talks.filter(goes_on).select("record_id", text=written(messages.list.head(turns)))


def _replace_where(texts: pl.Series, chosen: pl.Series, change: Callable[[pl.Series], pl.Series]) -> pl.Series:
    if not chosen.any():
        return texts
    return texts.clone().scatter(chosen.arg_true(), change(texts.filter(chosen)))


def _collapse(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(_UNEVEN_RUN, " ").str.strip_chars(" ")


def _casefold(texts: pl.Series) -> pl.Series:
    """Fold one text at a time: polars knows lower case, not case folding."""
    return pl.Series([_nfkc_casefold(text) for text in texts.to_list()], dtype=pl.String)


def _nfkc_casefold(text: str) -> str:
    # Folding can undo the composition and the other way round; a text that no longer changes is in both forms.
    while (folded := unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())) != text:
        text = folded
    return text


def _is_plain(code: int) -> bool:
    """Tell whether lower case is all that the normal form does to a character."""
    char = chr(code)
    lower = char.lower()
    return (
        code != _CAPITAL_SIGMA
        and unicodedata.category(char)[0] not in "MC"
        and len(lower) == 1
        and _nfkc_casefold(char) == lower == _nfkc_casefold(lower)
    )


def _odd_characters() -> str:
    """Write the class of characters that need more than lower case; all beyond the known blocks do."""
    plain = "".join(rf"\u{{{code:X}}}" for block in _CHECKED_BLOCKS for code in block if _is_plain(code))
    return rf"[^\x00-\x7F{_PLAIN_BLOCKS}{plain}]"


_ODD = _odd_characters()
