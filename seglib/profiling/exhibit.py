"""Show a result, or say in one line which table it wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note, Table, missing
from seglib.profiling.frames import records
from seglib.profiling.intervals import p_text
from seglib.quotes import percent, quote


def table_or_missing(
    frame: pd.DataFrame,
    caption: str,
    *,
    wants: Sequence[str],
    names: Mapping[int, str] | None = None,
    **options: Any,
) -> Table | Note:
    """Return a table, or the line that says what it needs where there is nothing to show.

    Parameters
    ----------
    frame
        What is shown; its ``segment`` column becomes the segments' names when these are given.
    caption
        What the table says.
    wants
        Contract tables, any of which would fill it.
    names
        Names of the segments.
    options
        Further fields of :class:`~seglib.exhibits.Table`.

    Examples
    --------
    >>> table_or_missing(pd.DataFrame(), "Needs by segment", wants=["surveys"])
    Needs by segment: not shown, the table 'surveys' is needed.
    >>> table_or_missing(pd.DataFrame({"segment": [1]}), "Sizes", wants=[], names={1: "Large"})
    Sizes
    segment
      Large
    """
    if frame.empty:
        return missing(caption, wants)
    if names is not None and "segment" in frame:
        frame = frame.assign(segment=[segment_label(int(s), names) for s in frame["segment"]])
        frame = frame[["segment", *[c for c in frame.columns if c != "segment"]]]
    return Table(frame, caption=caption, **options)


def told_by_segment(
    frame: pd.DataFrame,
    row: str,
    names: Mapping[int, str],
    text: Callable[[Mapping[str, Any]], str],
) -> pd.DataFrame:
    """Lay a long table out with one column a segment, each cell told in words.

    Parameters
    ----------
    frame
        One row per ``row`` × ``segment``; with ``p_holm`` a last column says whether segments
        differ.
    row
        Column that heads the rows, which keep their order.
    names
        Names of the segments.
    text
        What a cell says, from its row.

    Examples
    --------
    >>> long = pd.DataFrame({"what": "days", "segment": [1, 2], "median": [6.0, 2.0]})
    >>> told_by_segment(long, "what", {1: "One", 2: "Two"}, lambda r: f"{r['median']:.0f} d")
       what  One  Two
    0  days  6 d  2 d
    """
    if frame.empty:
        return pd.DataFrame()
    cells = frame[[row, "segment"]].assign(told=[text(r) for r in records(frame)])
    wide = cells.pivot(index=row, columns="segment", values="told")
    wide = wide.loc[frame[row].drop_duplicates()].fillna("–")
    wide.columns = pd.Index([segment_label(int(s), names) for s in wide.columns])
    if "p_holm" in frame:
        p = frame.groupby(row, sort=False)["p_holm"].first()
        wide["do segments differ"] = [p_text(v) if v == v else "not tested" for v in p]
    return wide.reset_index()


def intervals_by_segment(
    frame: pd.DataFrame,
    row: str,
    value: str,
    names: Mapping[int, str],
    *,
    write: Callable[[float], str] = percent,
) -> pd.DataFrame:
    """Lay a long table out with one column a segment: figures with their intervals.

    Parameters
    ----------
    frame
        One row per ``row`` × ``segment``, with ``value``, ``low``, ``high``, ``overall`` and
        ``p_holm``.
    row, value
        Columns that head the rows and hold the figures.
    names
        Names of the segments.
    write
        How a figure is written.

    Returns
    -------
    DataFrame
        ``row``, a column a segment, ``all segments`` and ``do segments differ`` (adjusted p);
        empty where the frame is.

    Examples
    --------
    >>> long = pd.DataFrame({"fit": "ours", "segment": [1], "share": [0.5], "low": [0.4],
    ...                      "high": [0.6], "overall": [0.5], "p_holm": [0.0004]})
    >>> intervals_by_segment(long, "fit", "share", {1: "One"}).iloc[0].tolist()
    ['ours', '50 % (40 % to 60 %)', '50 %', 'p < 0.001']
    """

    def text(cell: Mapping[str, Any]) -> str:
        return bounded(cell[value], cell["low"], cell["high"], write)

    wide = told_by_segment(frame, row, names, text)
    if wide.empty:
        return wide
    overall = frame.groupby(row, sort=False)["overall"].first()
    told = ["–" if v != v else write(v) for v in overall]
    wide.insert(len(wide.columns) - 1, "all segments", told)
    return wide


def one_decimal(value: float) -> str:
    """Write a figure with one decimal.

    Examples
    --------
    >>> one_decimal(3.04)
    '3.0'
    """
    return f"{value:,.1f}"


def bounded(value: float, low: float, high: float, write: Callable[[float], str]) -> str:
    """Write a figure with its interval; a dash where it is missing.

    Examples
    --------
    >>> bounded(3.0, 2.0, 4.0, lambda v: f"{v:.0f}"), bounded(3.0, 2.0, float("nan"), str)
    ('3 (2 to 4)', '3.0 (2.0 to –)')
    """
    told = [write(v) if v == v else "–" for v in (value, low, high)]
    return told[0] if value != value or low != low else f"{told[0]} ({told[1]} to {told[2]})"


def definition(accounts: AccountTable, variable: str) -> str:
    """Say how a variable is computed, for a note; its thresholds are quoted.

    Examples
    --------
    >>> from seglib.quotes import bare, quotes_in
    >>> from seglib.schema import ColumnInfo
    >>> info = ColumnInfo(name="habit", role="descriptor", kind="flag", label="Habit",
    ...                   definition="Irregularity of 1.2 or less")
    >>> text = definition(AccountTable(pd.DataFrame(), {"habit": info}), "habit")
    >>> bare(text), [figure.value for figure in quotes_in(text)]
    ('Irregularity of 1.2 or less.', [1.2])
    """
    text = accounts.columns[variable].definition
    quoted = re.sub(r"\d+(?:\.\d+)?", lambda number: quote("threshold", float(number[0])), text)
    return f"{quoted}."


def segment_label(segment: int, names: Mapping[int, str]) -> str:
    """Name a segment; 0 is 'No segment'.

    Examples
    --------
    >>> segment_label(0, {1: "Large"}), segment_label(1, {1: "Large"})
    ('No segment', 'Large')
    """
    return names.get(segment, f"Segment {segment}" if segment else "No segment")
