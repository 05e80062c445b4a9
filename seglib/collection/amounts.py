"""Numbers as people write amounts: with a currency, spaces between thousands, a sign behind."""

from __future__ import annotations

from typing import Any

import ibis

_DOLLARS = ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD")
_CROWNS = ("SEK", "NOK", "DKK", "ISK")
SIGNS: dict[str, tuple[str, ...]] = {
    "US$": ("USD",), "CA$": ("CAD",), "AU$": ("AUD",), "R$": ("BRL",), "$": _DOLLARS,
    "€": ("EUR",), "£": ("GBP",), "¥": ("JPY", "CNY"), "₹": ("INR",), "₺": ("TRY",), "₩": ("KRW",),
    "₪": ("ILS",), "₽": ("RUB",), "kr.": _CROWNS, "kr": _CROWNS, "Kr": _CROWNS, "zł": ("PLN",),
    "Kč": ("CZK",), "Ft": ("HUF",), "SFr.": ("CHF",), "Fr.": ("CHF",),
}  # fmt: skip
"""What people write for a currency, to the codes that it can stand for."""

_CODES = (
    "AED", "AUD", "BGN", "BRL", "CAD", "CHF", "CNY", "CZK", "DKK", "EUR", "GBP", "HKD", "HUF",
    "ILS", "INR", "ISK", "JPY", "KRW", "MXN", "NOK", "NZD", "PLN", "RON", "RUB", "SAR", "SEK",
    "SGD", "THB", "TRY", "TWD", "USD", "ZAR",
)  # fmt: skip
_MARK = "|".join(
    [sign.replace("$", r"\$").replace(".", r"\.") for sign in SIGNS]
    + [spelt for code in _CODES for spelt in (code, code.title(), code.lower())]
)
_BODY = r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?|\d[\d.,]*|[.,]\d+"
_AMOUNT = rf"^[-+(]? ?(?:{_MARK})? ?[-+]? ?({_BODY}) ?[-+]? ?(?:{_MARK})? ?\)?$"
_SAME = {"\u00a0": " ", "\u202f": " ", "\u2019": "'", "\u2212": "-"}


def bare(value: Any) -> Any:
    """Reduce an amount to its number: no currency, no spaces or apostrophes, the sign in front.

    Parameters
    ----------
    value
        Ibis text column, trimmed; what is no such amount stays as it is. ``(5)`` and ``5-`` are
        minus five, ``5,-`` is five.
    """
    text = value
    for written, plain in _SAME.items():
        text = text.replace(written, plain)
    text = text.re_replace(r"[.,]-+", "")
    fits = text.re_search(_AMOUNT) & (text.startswith("(") == text.endswith(")"))
    body = text.re_extract(_AMOUNT, 1).replace(" ", "").replace("'", "")
    sign = ibis.ifelse(text.contains("-") | text.startswith("("), "-", "")
    return ibis.ifelse(fits, sign + body, value)


def currency_of(value: Any) -> Any:
    """Take the sign or code of the currency out of an amount; empty where there is none.

    Parameters
    ----------
    value
        Ibis text column.
    """
    found = value.re_extract(f"({_MARK})", 1)
    return found.fill_null("")  # Postgres gives nothing where others give empty text


def stands_for(mark: str, currency: str) -> bool:
    """Say whether a sign or code can stand for a currency.

    Examples
    --------
    >>> stands_for("$", "CAD"), stands_for("eur", "EUR"), stands_for("£", "EUR")
    (True, True, False)
    """
    return currency.upper() in SIGNS.get(mark, (mark.upper(),))
