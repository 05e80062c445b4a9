"""Findings of the quality gate: pass, warn or stop, each with a code, a place and a count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

import pandas as pd

from seglib.errors import DataError

Level = Literal["pass", "warn", "stop"]

ACTIONS: dict[str, str] = {
    "key-missing": "rows left out",
    "key-duplicate": "rows left out",
    "key-orphan": "rows left out",
    "after-as-of": "rows left out",
    "currency": "rows left out",
    "cancelled": "rows left out",
    "type": "made missing",
    "not-known": "made missing",
    "told-missing": "made missing",
    "currency-other": "made missing",
    "impossible": "made missing",
    "personal-value": "made missing",
    "free-text": "replaced",
    "personal-text": "rows left out",
    "thousands-comma": "repaired",
    "decimal-comma": "repaired",
    "currency-sign": "repaired",
    "date-format": "repaired",
    "short-year": "repaired",
    "unknown-level": "repaired",
    "category-misspelt": "merged",
    "duplicate-merged": "merged",
    "corroborated": "filled",
    "imputed": "imputed",
}
"""What was done to the data where a finding has this code; other codes change nothing."""


@dataclass(frozen=True)
class Finding:
    """One thing that the quality gate found.

    Attributes
    ----------
    level
        ``pass`` (stated for the record), ``warn`` (handled, counted) or ``stop``.
    code
        Short reason code, such as ``key-duplicate``.
    table, column
        Where; the column may be empty.
    count
        Rows (or accounts, or columns) concerned.
    message
        What was found and what was done about it, one sentence.
    """

    level: Level
    code: str
    table: str
    column: str
    count: int
    message: str


def findings_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """Lay findings out as a table: stops first, then warnings, then what passed."""
    order = {"stop": 0, "warn": 1, "pass": 2}
    columns = ["level", "code", "table", "column", "count", "message"]
    rows = sorted(findings, key=lambda f: (order[f.level], f.table, f.column, f.code, f.message))
    return pd.DataFrame([asdict(row) for row in rows], columns=columns).astype({"count": "int64"})


def handled_table(findings: Iterable[Finding]) -> pd.DataFrame:
    """What was left out, repaired, merged or filled in: one row a table, column and reason.

    Returns
    -------
    pandas.DataFrame
        ``action``, ``code``, ``table``, ``column`` and ``count`` (rows, values or accounts).

    Examples
    --------
    >>> late = Finding("warn", "after-as-of", "orders", "order_date", 3, "3 rows were left out.")
    >>> handled_table([late])["action"].tolist()
    ['rows left out']
    """
    rows = [
        (ACTIONS[f.code], f.code, f.table, f.column, f.count)
        for f in findings
        if f.code in ACTIONS and f.count and f.level != "stop"
    ]
    columns = ["action", "code", "table", "column", "count"]
    return pd.DataFrame(rows, columns=columns).sort_values(columns, ignore_index=True)


def stop_on(findings: Iterable[Finding]) -> None:
    """Refuse the data when a finding says stop.

    Raises
    ------
    DataError
        With every such finding.
    """
    stops = [
        f"{f.table}{'.' + f.column if f.column else ''}: {f.message}"
        for f in findings
        if f.level == "stop"
    ]
    if stops:
        raise DataError(stops, where="the data")
