"""How much of a text is Markdown, how much is code, and how many addresses it holds."""

from __future__ import annotations

import polars as pl

_FENCED = r"(?ms)^[ \t]*(?:```.*?(?:^[ \t]*```[ \t]*$|\z)|~~~.*?(?:^[ \t]*~~~[ \t]*$|\z))"
_LINE = r"(?m)^.*\S.*$"
# Headings, lists, quotes, tables; then bold, code and links within a line.
_MARKED_LINE = (
    r"(?m)^(?:[ \t]*(?:#{1,6} |[-*+] |\d{1,3}[.)] |> ?|\|.*\|).*"
    r"|.*(?:\*\*[^*\n]+\*\*|`[^`\n]+`|\[[^\]\n]+\]\([^)\n]+\)).*)$"
)
_URL = r"(?i)\b(?:(?:https?|ftp)://|www\.)[^\s<>\"'\]]+"


def markdown_share(text: pl.Expr) -> pl.Expr:
    """Return the share of lines that carry Markdown marks; blank lines and fenced code do not count.

    Null where no line is left.
    """
    prose = text.str.replace_all(_FENCED, "")
    lines = prose.str.count_matches(_LINE)
    return pl.when(lines > 0).then(prose.str.count_matches(_MARKED_LINE) / lines)


def code_share(text: pl.Expr) -> pl.Expr:
    """Return the share of characters in fenced code blocks, fences included; null for an empty text.

    A floor: code without fences is not seen.
    """
    prose = text.str.replace_all(_FENCED, "")
    return pl.when(text.str.len_bytes() > 0).then(1.0 - prose.str.len_chars() / text.str.len_chars())


def urls(text: pl.Expr) -> pl.Expr:
    """Count addresses that begin with http://, https://, ftp:// or www."""
    return text.str.count_matches(_URL).cast(pl.Int64)
