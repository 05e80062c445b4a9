"""Decide how the numbers and dates of a text column are written, and say so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seglib.collection.findings import Finding, Level
from seglib.collection.parse import (
    COMMA_THOUSANDS,
    DATES,
    DECIMAL_COMMA,
    NUMBER,
    POINT_THOUSANDS,
    TIME_ZONE,
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
        "point": plain & value.contains(".") & ~points,
        "point thousands": points,
    }


def date_tests(value: Any) -> dict[str, Any]:
    """Tests that tell ways of writing a date, for a text column."""
    told = {name: value.re_search(DATES[name][0]) for name in _TOLD_ALIKE}
    return {**told, **slash_counts(value), "time zone": value.re_search(TIME_ZONE)}


def number_style(
    table: str, column: str, counts: Mapping[str, int], read: ReadOptions
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
    """
    commas, points = counts.get("comma", 0), counts.get("point", 0)
    comma = commas > points if read.decimal is None else read.decimal == "comma"
    findings = []
    if comma:
        words = "numbers are written with a decimal comma; they were read as such."
        findings.append(Finding("pass", "decimal-comma", table, column, commas, words))
    elif counts.get("comma thousands"):
        words = "numbers are written with commas between thousands; they were read as such."
        count = counts["comma thousands"]
        findings.append(Finding("warn", "thousands-comma", table, column, count, words))
    if commas and points:
        words = (
            f"{commas:,} numbers have a decimal comma and {points:,} a decimal point; each was "
            f"read as it is written (what fits both: as with a {'comma' if comma else 'point'})."
        )
        findings.append(Finding("warn", "decimal-mixed", table, column, min(commas, points), words))
    return comma, findings


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
