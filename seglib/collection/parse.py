"""Numbers and dates that are written as text: which way of writing, and the value."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

import ibis

NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,2})?$"
DECIMAL_COMMA = r"^[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+$"
COMMA_THOUSANDS = r"^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?$"
COMMA_GROUPS = r"^[-+]?[1-9]\d{0,2}(,\d{3})+(,\d{3}|\.\d+)$"
POINT_THOUSANDS = r"^[-+]?[1-9]\d{0,2}(\.\d{3})+$"
POINT_GROUPS = r"^[-+]?[1-9]\d{0,2}(\.\d{3}){2,}$"

PLAIN_DAY = r"^\d{4}-\d{2}-\d{2}$"
STRICT_ISO = r"^\d{4}-\d{2}-\d{2}($|[ T])"
TIME_ZONE = r":\d{2}(\.\d+)?(Z|[-+]\d{2}(:?\d{2})?)$"
_TAIL = r"($|[ T,].*)"
_YEAR, _SHORT_YEAR = r"(\d{4}|\d{2})", r"(\d{2})"
_NAME = r"([A-Za-zÀ-ÿ]{3,12})"
_LIKE = {
    "YYYY-MM-DD": r"^(\d{4})-(\d{1,2})-(\d{1,2})",
    "YYYY/MM/DD": r"^(\d{4})/(\d{1,2})/(\d{1,2})",
    "DD.MM.YYYY": r"^(\d{1,2})\.(\d{1,2})\.YEAR",
    "YYYYMMDD": r"^(\d{4})(\d{2})(\d{2})$",
    "DD MMM YYYY": rf"^(\d{{1,2}})[-./ ]*{_NAME}[-./, ]*YEAR",
    "MMM DD YYYY": rf"^{_NAME}[-. ]+(\d{{1,2}})(?:st|nd|rd|th)?[-, ]+YEAR",
    "DD/MM/YYYY": r"^(\d{1,2})[/-](\d{1,2})[/-]YEAR",
    "MM/DD/YYYY": r"^(\d{1,2})[/-](\d{1,2})[/-]YEAR",
}
_ORDER = {"YYYY": (1, 2, 3), "DD": (3, 2, 1), "MM/DD/YYYY": (3, 1, 2), "MMM DD YYYY": (3, 1, 2)}


def _pattern(name: str, year: str) -> str:
    return _LIKE[name].replace("YEAR", year) + _TAIL


DATES: dict[str, tuple[str, tuple[int, int, int]]] = {
    name: (
        _pattern(name, _YEAR),
        _ORDER.get(name) or _ORDER[name[:2] if name[0] == "D" else "YYYY"],
    )
    for name in _LIKE
}
"""Way of writing a date: its pattern, and which groups are year, month and day.

``MMM`` is a month's name; years may have two digits.
"""

_MONTHS = (
    ("jan", "ene", "gen"), ("feb", "fev", "fév"), ("mar", "mär", "mrz", "maer"),
    ("apr", "avr", "abr"), ("may", "mai", "mag", "maj"), ("jun", "juin", "giu"),
    ("jul", "juil", "lug"), ("aug", "aoû", "aou", "ago"), ("sep", "set"),
    ("oct", "okt", "ott", "out"), ("nov",), ("dec", "déc", "dez", "dic"),
)  # fmt: skip
"""How the names of the twelve months begin, in English, German, French, Spanish, Italian."""

_FIRST_SHORT = 69
"""Two digits are a year from 1969 to 2068, as in POSIX."""

_SLASHES = DATES["DD/MM/YYYY"][0]
_TRY_CASTS = ("duckdb", "pyspark")


def number(value: Any, *, comma: bool) -> Any:
    """Read numbers from text; what is none becomes missing.

    Parameters
    ----------
    value
        Ibis text column, trimmed.
    comma
        Whether ``1.234`` means one thousand two hundred and thirty-four; ``1,5`` and ``10.5`` are
        read as what they can only be, either way.
    """
    thousands = POINT_THOUSANDS if comma else COMMA_THOUSANDS
    branches = [
        (value.re_search(thousands), value.replace("." if comma else ",", "")),
        (value.re_search(NUMBER), value),
        (value.re_search(DECIMAL_COMMA), value.replace(".", "").replace(",", ".")),
    ]
    if comma:
        branches.append((value.re_search(COMMA_THOUSANDS), value.replace(",", "")))
    return ibis.cases(*branches, else_=ibis.null("string")).cast("float64")


def plain_number(value: Any) -> Any:
    """Read numbers with a decimal point and nothing between thousands."""
    return ibis.ifelse(value.re_search(NUMBER), value, ibis.null("string")).cast("float64")


def day(value: Any, formats: tuple[str, ...], engine: str) -> Any:
    """Read days from text in one of several ways of writing; what is none becomes missing.

    Parameters
    ----------
    value
        Ibis text column, trimmed; what stands after the day is not read.
    formats
        Keys of :data:`DATES`, tried in order.
    engine
        Name of the Ibis backend: not every one can try a cast.
    """
    branches = [(value.re_search(STRICT_ISO), value.substr(0, 10))]
    for name in formats:
        pattern, order = DATES[name]
        year, month, day_ = (value.re_extract(pattern, group) for group in order)
        number_ = _month(month) if "MMM" in name else _two(month)
        text = _four(year) + "-" + number_ + "-" + _two(day_)
        branches.append((value.re_search(pattern), text))
    text = ibis.cases(*branches, else_=ibis.null("string"))
    if engine in _TRY_CASTS:
        return text.try_cast("date")
    return ibis.ifelse(_is_day(text), text, ibis.null("string")).cast("date")


def _two(digits: Any) -> Any:
    return digits.lpad(2, "0")


def _four(year: Any) -> Any:
    """Write a year of two digits with four."""
    century = ibis.ifelse(year >= str(_FIRST_SHORT), "19", "20")
    return ibis.ifelse(year.length() == 2, century + year, year)


def _month(name: Any) -> Any:
    """Number of a month from its name, two digits; missing where it is none."""
    small = name.lower()
    branches = [
        (reduce(or_, (small.startswith(begin) for begin in begins)), f"{number:02}")
        for number, begins in enumerate(_MONTHS, start=1)
    ]
    return ibis.cases(*branches, else_=ibis.null("string"))


def short_year(value: Any) -> Any:
    """Say of each date whether its year has two digits."""
    tests = (value.re_search(_pattern(n, _SHORT_YEAR)) for n in _LIKE if "YEAR" in _LIKE[n])
    return reduce(or_, tests)


def _is_day(text: Any) -> Any:
    """Say whether ``YYYY-MM-DD`` is a day of the calendar, for engines that raise on others."""
    year, month, day_ = (text.substr(s, n).cast("int64") for s, n in ((0, 4), (5, 2), (8, 2)))
    leap = ((year % 4 == 0) & (year % 100 != 0)) | (year % 400 == 0)
    last = ibis.cases(
        (month.isin([4, 6, 9, 11]), 30),
        (month != 2, 31),
        (leap, 29),
        else_=28,
    )
    return year.between(1, 9999) & month.between(1, 12) & (day_ >= 1) & (day_ <= last)


def slash_counts(value: Any) -> dict[str, Any]:
    """Count dates with slashes: those that only day-first fits, only month-first, or both."""
    first, second = (value.re_extract(_SLASHES, group) for group in (1, 2))
    fits = value.re_search(_SLASHES)
    over = [ibis.ifelse(fits, _two(part) > "12", False) for part in (first, second)]
    unlike = ibis.ifelse(fits, _two(first) != _two(second), False)
    return {
        "day first": over[0] & ~over[1],
        "month first": over[1] & ~over[0],
        "either": fits & ~over[0] & ~over[1] & unlike,
    }
