"""Decide how the numbers and dates of a text column are written, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seglib.collection.amounts import stands_for
from seglib.collection.findings import Finding, Level
from seglib.collection.parse import (
    COMMA_GROUPS,
    COMMA_THOUSANDS,
    DATES,
    DECIMAL_COMMA,
    NUMBER,
    POINT_GROUPS,
    POINT_THOUSANDS,
    TIME_ZONE,
    short_year,
    slash_counts,
)
from seglib.table_mapping import ReadOptions

_SLASHED = ("DD/MM/YYYY", "MM/DD/YYYY")
_TOLD_ALIKE = tuple(name for name in DATES if name not in _SLASHED)


def number_tests(value: Any) -> dict[str, Any]:
    """Tests that tell ways of writing a number, for a text column."""
    plain, comma = value.re_search(NUMBER), value.re_search(DECIMAL_COMMA)
    thousands = value.re_search(COMMA_THOUSANDS)
    points = value.re_search(POINT_THOUSANDS)
    return {
        "comma": comma & ~thousands,
        "comma thousands": thousands,
        "comma groups": value.re_search(COMMA_GROUPS),
        "point": plain & value.contains(".") & ~points,
        "point thousands": points,
        "point groups": value.re_search(POINT_GROUPS),
    }


def date_tests(value: Any) -> dict[str, Any]:
    """Tests that tell ways of writing a date, for a text column."""
    told = {name: value.re_search(DATES[name][0]) for name in _TOLD_ALIKE}
    more = {"time zone": value.re_search(TIME_ZONE), "short year": short_year(value)}
    return {**told, **slash_counts(value), **more}


def number_style(
    table: str, column: str, counts: Mapping[str, int], read: ReadOptions, lines: str = ""
) -> tuple[bool, list[Finding]]:
    """Say whether a comma is the decimal sign of a column, and what is worth a line.

    Parameters
    ----------
    table, column
        Where.
    counts
        Rows on which each test of :func:`number_tests` holds.
    read
        The study's word goes before what is counted.
    lines
        Where numbers such as ``1.234`` stand.
    """
    commas, points = _told(counts)
    comma = commas > points if read.decimal is None else read.decimal == "comma"
    findings = []
    if unsure_number(counts, read):
        findings += _ambiguous(table, column, counts, lines)
    elif comma:
        words = "numbers are written with a decimal comma; they were read as such."
        findings.append(Finding("pass", "decimal-comma", table, column, commas, words))
    elif counts.get("comma thousands"):
        words = "numbers are written with commas between thousands; they were read as such."
        count = counts["comma thousands"]
        findings.append(Finding("warn", "thousands-comma", table, column, count, words))
    commas, points = counts.get("comma", 0), counts.get("point", 0)
    if commas and points:
        words = (
            f"{commas:,} numbers have a decimal comma and {points:,} a decimal point; each was "
            f"read as it is written (what fits both: as with a {'comma' if comma else 'point'})."
        )
        findings.append(Finding("warn", "decimal-mixed", table, column, min(commas, points), words))
    return comma, findings


def unsure_number(counts: Mapping[str, int], read: ReadOptions) -> bool:
    """Say whether numbers such as ``1.234`` stand in a column in which none tells what it means.

    Parameters
    ----------
    counts
        Rows on which each test of :func:`number_tests` holds.
    read
        The study's word.
    """
    doubtful = counts.get("point thousands", 0) + counts.get("comma thousands", 0)
    return read.decimal is None and doubtful > 0 and not any(_told(counts))


def _told(counts: Mapping[str, int]) -> tuple[int, int]:
    """Numbers that can only have a decimal comma, and those that can only have a point."""
    commas = counts.get("comma", 0) + counts.get("point groups", 0)
    return commas, counts.get("point", 0) + counts.get("comma groups", 0)


def currency_marks(
    table: str, column: str, counts: Mapping[str, int], currency: str, marked: int
) -> tuple[list[str], list[Finding]]:
    """Say which signs of currencies are another one than the study's, and what is worth a line.

    Parameters
    ----------
    table, column
        Where.
    counts
        Sign or code of a currency to the amounts that carry it.
    currency
        The study's.
    marked
        Amounts that are no plain number: with a currency, or with spaces between thousands.
    """
    own = {mark: n for mark, n in counts.items() if stands_for(mark, currency)}
    others = {mark: n for mark, n in counts.items() if mark not in own}
    shown = {m: f"'{m}' ({n:,})" for m, n in counts.items()}
    place = (table, column)
    if not others:
        carried = ", ".join(shown.values()) or "spaces or a sign behind the number"
        words = f"amounts are written with {carried}; the number alone was read."
        return [], [Finding("pass", "currency-sign", *place, marked, words)]
    strange, count = ", ".join(shown[m] for m in others), sum(others.values())
    if own:
        words = f"amounts carry {strange}, and the study's currency is {currency} (no rate is "
        words += "applied); they count as missing."
        return list(others), [Finding("warn", "currency-other", *place, count, words)]
    words = f"amounts carry {strange}, and the study's currency is {currency}: set 'currency' to "
    words += "what they are in."
    return [], [
        Finding("stop" if len(others) > 1 else "warn", "currency-sign", *place, count, words)
    ]


def _ambiguous(table: str, column: str, counts: Mapping[str, int], lines: str) -> list[Finding]:
    """Say that no number tells the decimal sign from the one between thousands."""
    found = []
    for name, shown, taken in (
        ("point thousands", "1.234", "a decimal point: one and a bit"),
        ("comma thousands", "1,234", "commas between thousands: more than a thousand"),
    ):
        if count := counts.get(name, 0):
            words = (
                f"{count:,} numbers such as '{shown}' do not tell the decimal sign from the one "
                f"between thousands{lines}; they were read with {taken}. To be sure, say "
                "'read: {decimal: point}' or 'read: {decimal: comma}' for the table."
            )
            found.append(Finding("warn", "decimal-ambiguous", table, column, count, words))
    return found


def date_formats(
    table: str, column: str, counts: Mapping[str, int], read: ReadOptions, lines: str
) -> tuple[tuple[str, ...], list[Finding]]:
    """Say which ways of writing a date to read a column by, and what is worth a line.

    Parameters
    ----------
    table, column
        Where.
    counts
        Rows on which each test of :func:`date_tests` holds.
    read
        The study's word goes before what is counted.
    lines
        Where dates stand that fit both DD/MM and MM/DD.
    """
    slashed = {"DD/MM/YYYY": counts["day first"], "MM/DD/YYYY": counts["month first"]}
    chosen = max(slashed, key=lambda name: (slashed[name], name == "DD/MM/YYYY"))
    if read.dates in _SLASHED:
        chosen = read.dates
    findings = []
    if read.dates is None and (unsure := _unsure(counts, lines)):
        findings.append(Finding("stop", "date-ambiguous", table, column, counts["either"], unsure))
    formats = (*_TOLD_ALIKE, chosen) if read.dates is None else (read.dates,)
    used = {name: counts[name] for name in _TOLD_ALIKE if counts[name] and name in formats}
    if any(slashed.values()) or counts["either"]:
        used[chosen] = slashed[chosen] + counts["either"]
    if len(used) > 1 or (used and "YYYY-MM-DD" not in used):
        shown = ", ".join(f"{name}: {count:,}" for name, count in used.items())
        level: Level = "warn" if len(used) > 1 else "pass"
        words = f"dates were read as {shown}."
        findings.append(Finding(level, "date-format", table, column, sum(used.values()), words))
    if counts["short year"]:
        words = f"{counts['short year']:,} years have two digits; they count as 1969 to 2068."
        findings.append(Finding("warn", "short-year", table, column, counts["short year"], words))
    if counts["time zone"]:
        words = "times carry a time zone; the day is taken as it is written there."
        findings.append(Finding("pass", "time-zone", table, column, counts["time zone"], words))
    return formats, findings


def _unsure(counts: Mapping[str, int], lines: str) -> str:
    """Say why day and month cannot be told apart; empty when they can."""
    day_first, month_first, either = (counts[k] for k in ("day first", "month first", "either"))
    remedy = "say 'read: {dates: DD/MM/YYYY}' or 'read: {dates: MM/DD/YYYY}' for the table"
    if day_first and month_first:
        return (
            f"{day_first:,} dates can only be DD/MM/YYYY, {month_first:,} only MM/DD/YYYY and "
            f"{either:,} either{lines}; mend the file, or {remedy}."
        )
    if either and not day_first and not month_first:
        return f"no date tells day from month{lines}; {remedy}."
    return ""
