"""Personal data that has a form of its own. A floor: names and postal addresses have none and are not seen."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

# ASCII digits and word boundaries: those of Unicode take ten times as long, and none of these forms needs them.
_EDGE = r"(?-u:\b)"
_EMAIL = rf"(?i){_EDGE}[a-z0-9][a-z0-9._%+-]{{0,63}}@(?:[a-z0-9-]{{1,63}}\.)+[a-z]{{2,24}}{_EDGE}"
# International with a plus, North American in three groups, Chinese mobile.
_PHONE = (
    rf"\+[0-9]{{1,3}}[ .-]?(?:\([0-9]{{1,4}}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){{6,12}}{_EDGE}"
    rf"|\([0-9]{{3}}\) ?[0-9]{{3}}[.-][0-9]{{4}}{_EDGE}"
    rf"|{_EDGE}[0-9]{{3}}[.-][0-9]{{3}}[.-][0-9]{{4}}{_EDGE}"
    rf"|{_EDGE}1[3-9][0-9]{{9}}{_EDGE}"
)
_DOTTED = rf"[0-9]+(?:\.[0-9]+)+|{_EDGE}(?:[0-9A-Fa-f]{{1,4}}:){{7}}[0-9A-Fa-f]{{1,4}}{_EDGE}"
_OCTET = r"(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_IP = rf"^(?:{_OCTET}(?:\.{_OCTET}){{3}}|[0-9A-Fa-f:]+)$"
_CARD = rf"{_EDGE}[2-6][0-9]{{3}}(?:[ -]?[0-9]){{9,15}}{_EDGE}"
_IBAN = rf"{_EDGE}[A-Z]{{2}}[0-9]{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_EDGE}"


def emails(text: pl.Expr) -> pl.Expr:
    """Count e-mail addresses."""
    return text.str.count_matches(_EMAIL).cast(pl.Int64)


def phones(text: pl.Expr) -> pl.Expr:
    """Count telephone numbers in international, North American and Chinese mobile form."""
    return text.str.count_matches(_PHONE).cast(pl.Int64)


def ip_addresses(text: pl.Expr) -> pl.Expr:
    """Count IPv4 addresses, and IPv6 addresses that are written out in full."""
    return _count(text, _DOTTED, lambda found: found.str.contains(_IP))


def credit_cards(text: pl.Expr) -> pl.Expr:
    """Count numbers of 13 to 19 digits that begin like a payment card and whose check digit (Luhn) is right."""
    return _count(text, _CARD, _passes_luhn)


def ibans(text: pl.Expr) -> pl.Expr:
    """Count international bank account numbers whose check digits (ISO 13616) are right."""
    return _count(text, _IBAN, _passes_mod_97)


def pii(text: pl.Expr) -> pl.Expr:
    """Count all of the above."""
    return emails(text) + phones(text) + ip_addresses(text) + credit_cards(text) + ibans(text)


def _count(text: pl.Expr, form: str, is_right: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Count what has the form and passes the check."""
    return text.str.extract_all(form).list.eval(is_right(pl.element())).list.sum().cast(pl.Int64)


def _passes_luhn(number: pl.Expr) -> pl.Expr:
    digits = number.str.replace_all(r"[^0-9]", "").str.zfill(20)
    total = pl.lit(0, pl.Int64)
    for place in range(20):
        digit = digits.str.slice(place, 1).cast(pl.Int64)
        doubled = digit * 2
        total += doubled - pl.when(doubled > 9).then(9).otherwise(0) if place % 2 == 0 else digit
    return total % 10 == 0


def _passes_mod_97(account: pl.Expr) -> pl.Expr:
    plain = account.str.replace_all(" ", "", literal=True)
    turned = pl.concat_str(plain.str.slice(4), plain.str.head(4))
    # A is 10 and Z is 35; leading zeros change nothing.
    letters = [chr(code) for code in range(ord("A"), ord("Z") + 1)]
    digits = turned.str.replace_many(letters, [str(at) for at in range(10, 36)]).str.zfill(72)
    rest = pl.lit(0, pl.Int64)
    for place in range(0, 72, 9):
        rest = (rest * 10**9 + digits.str.slice(place, 9).cast(pl.Int64)) % 97
    return rest == 1
