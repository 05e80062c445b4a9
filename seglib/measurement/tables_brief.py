"""The KPIs as an executive reads them: a row a KPI, a column a segment, figures with units."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.charts.style import spaced
from seglib.exhibits import Note, Table, missing
from seglib.measurement.kpis import Kpis

_GAP = "\N{NO-BREAK SPACE}"
_MARKS = {
    "▲": "▲ ▼: above or below the other segments together by more than chance explains.",
    "~": "~: uncertain by a factor of two or more.",
}
_UNCERTAIN = 4.0  # times by which the interval's upper end is above its lower one


def kpis_in_brief(measured: Kpis) -> Table | Note:
    """Show each KPI of the last whole period in one row, its segments side by side.

    Parameters
    ----------
    measured
        From :func:`~seglib.measurement.steps.measure_kpis`.

    Returns
    -------
    Table or Note
        What cannot be counted is left out; intervals, denominators and tests stand in
        :func:`~seglib.measurement.tables.latest_table`.
    """
    if not measured.names:
        return missing("KPIs by segment", ["orders", "opportunities", "subscriptions"])
    parts = [measured.latest(key) for key in measured.names]
    period = max(part["period"].iloc[0] for part in parts)
    frame = pd.DataFrame([_row(part, period) for part in parts]).fillna("–")
    shown = "".join(frame.to_numpy().ravel()).replace("▼", "▲")
    note = " ".join(text for mark, text in _MARKS.items() if mark in shown)
    return Table(frame, f"KPIs by segment in {period}", labels={"kpi": "KPI"}, note=note)


def _row(part: pd.DataFrame, period: str) -> dict[str, str]:
    """One KPI; its period is said where it is not that of the others."""
    first = part.iloc[0]
    told = "" if first["period"] == period else f" ({first['period']})"
    unit = str(first["unit"])
    cells = {str(row["name"]): _cell(row) for row in part.to_dict("records")}
    return {"kpi": f"{first['label']}{told}", **cells, "all accounts": _said(first["whole"], unit)}


def _cell(row: dict[Any, Any]) -> str:
    text = _said(row["value"], str(row["unit"]))
    if row["high"] >= _UNCERTAIN * max(row["low"], 0.0) and row["value"] > 0:
        text = f"~{_GAP}{text}"
    if pd.isna(row["p_holm"]) or row["p_holm"] >= 0.05 or text == "–":
        return text
    return f"{text}{_GAP}{'▲' if row['value'] > row['whole'] else '▼'}"


def _said(value: float, unit: str) -> str:
    """Write a figure with its unit, with as many digits as one keeps in mind.

    Examples
    --------
    >>> [_said(v, unit).replace(_GAP, " ") for v, unit in ((0.898, "share"), (538_946, "EUR"))]
    ['90 %', '539,000 EUR']
    """
    if pd.isna(value):
        return "–"
    if unit == "share":
        return spaced(f"{value:.0%}")
    digits = f"{float(f'{value:.3g}'):,.0f}" if abs(value) >= 10 else f"{value:.1f}"
    return f"{digits}{_GAP}{unit}"
