"""Profile of every table and column after the gate: filled, distinct, range, outliers, status."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from seglib.collection.findings import Finding
from seglib.collection.outliers import fences
from seglib.schema import contract

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from seglib.collection.collect import Tables

_MOST_ROWS = 2_000_000
"""Beyond it distinct values and quartiles are left out: they cannot be had in one pass."""

_GROUP = 0.05  # share of the values from which on they are a group apart and no outliers

_ORDER = {"pass": 0, "warn": 1, "stop": 2}
_COLUMNS = [
    "table", "column", "type", "unit", "rows", "missing", "distinct", "minimum", "maximum",
    "outliers", "status", "reasons",
]  # fmt: skip


def profile_tables(tables: Tables) -> tuple[pd.DataFrame, list[Finding]]:
    """Describe every column of every table that passed the gate.

    Parameters
    ----------
    tables
        The cleaned tables.

    Returns
    -------
    tuple of pandas.DataFrame and list of Finding
        One row per table and column: ``missing`` is a share, ``minimum`` and ``maximum`` are
        numbers or days as text and are left out for personal columns, ``distinct`` and
        ``outliers`` are missing above two million rows. Findings are the columns with outliers.
    """
    rows, findings = [], []
    for name, table in tables.tables.items():
        described, found = _describe(name, table)
        rows += described
        findings += found
    frame = pd.DataFrame(rows, columns=_COLUMNS[:-2])
    frame = frame.astype({"distinct": "Int64", "outliers": "Int64"})
    return with_status(frame, [*tables.findings, *findings]), findings


def with_status(profile: pd.DataFrame, findings: Iterable[Finding]) -> pd.DataFrame:
    """Give each column the worst level that was found in it, and the codes of the reasons.

    Parameters
    ----------
    profile
        Has ``table`` and ``column``.
    findings
        What the gate found; what passed gives no reason.
    """
    status: dict[tuple[str, str], str] = {}
    reasons: dict[tuple[str, str], set[str]] = {}
    for found in findings:
        place = (found.table, found.column)
        status[place] = max(status.get(place, "pass"), found.level, key=_ORDER.__getitem__)
        if found.level != "pass":
            reasons.setdefault(place, set()).add(found.code)
    places = list(zip(profile["table"], profile["column"], strict=True))
    return profile.assign(
        status=[status.get(place, "pass") for place in places],
        reasons=[", ".join(sorted(reasons.get(place, ()))) for place in places],
    )


def _describe(name: str, table: ir.Table) -> tuple[list[tuple], list[Finding]]:
    small = int(table.count().to_pandas()) <= _MOST_ROWS
    numbers = [c for c in table.columns if table[c].type().is_numeric()]
    wanted: dict[str, Any] = {"rows|": table.count()}
    for column in table.columns:
        wanted |= _wanted(table[column], column, small=small)
    got = table.aggregate(**wanted).to_pandas().iloc[0].to_dict()
    outliers = _outliers(table, {c: (got[f"low|{c}"], got[f"high|{c}"]) for c in numbers if small})
    outliers = {c: n if n <= _GROUP * got[f"filled|{c}"] else 0 for c, n in outliers.items()}
    rows = [_row(name, table, column, got, outliers) for column in table.columns]
    return rows, [_finding(name, c, n) for c, n in outliers.items() if n]


def _wanted(column: Any, name: str, *, small: bool) -> dict[str, Any]:
    wanted = {f"filled|{name}": column.count()}
    if small:
        wanted[f"distinct|{name}"] = column.nunique()
    if column.type().is_numeric() or column.type().is_temporal():
        wanted |= {f"minimum|{name}": column.min(), f"maximum|{name}": column.max()}
    if small and column.type().is_numeric():
        wanted |= {f"low|{name}": column.quantile(0.25), f"high|{name}": column.quantile(0.75)}
    return wanted


def _outliers(table: ir.Table, quartiles: dict[str, tuple[float, float]]) -> dict[str, int]:
    limits = {c: found for c, ends in quartiles.items() if (found := fences(*ends))}
    if not limits:
        return {}
    beyond = {
        c: ((table[c] < low) | (table[c] > high)).fill_null(False).cast("int64").sum()
        for c, (low, high) in limits.items()
    }
    counted = table.aggregate(**beyond).to_pandas().iloc[0]
    return {c: 0 if pd.isna(counted[c]) else int(counted[c]) for c in beyond}


def _row(
    name: str, table: ir.Table, column: str, got: dict[str, Any], outliers: dict[str, int]
) -> tuple:
    spec = contract()[name].columns.get(column)
    rows, shown = int(got["rows|"]), not (spec and spec.personal)
    ends = [_plain(got.get(f"{end}|{column}")) if shown else None for end in ("minimum", "maximum")]
    return (
        name,
        column,
        spec.type if spec else str(table[column].type()),
        spec.unit if spec else "",
        rows,
        1 - int(got[f"filled|{column}"]) / rows if rows else 1.0,
        got.get(f"distinct|{column}"),
        *ends,
        outliers.get(column),
    )


def _plain(value: Any) -> str | None:
    if value is None or pd.isna(value):
        return None
    return f"{value:.10g}" if isinstance(value, int | float) else str(value)[:10]


def _finding(table: str, column: str, count: int) -> Finding:
    words = f"values far outside the rest: {count:,}; they stay as they are."
    return Finding("warn", "outlier", table, column, count, words)
