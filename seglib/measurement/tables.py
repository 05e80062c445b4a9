"""Tables of step 06, or the line that says what they need."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from seglib.exhibits import Note, Table, format_p, format_value, missing
from seglib.measurement.kpis import Kpis, kpi_catalogue
from seglib.measurement.readout import METHOD, Readout
from seglib.measurement.refresh import Refresh
from seglib.measurement.rules import refresh_rules
from seglib.quotes import cited, quote


def figure_text(value: float, unit: str) -> str:
    """Write a figure with its unit as a person would.

    Examples
    --------
    >>> figure_text(0.256, "share"), figure_text(12_345.6, "EUR"), figure_text(float("nan"), "EUR")
    ('25.6%', '12,346 EUR', '–')
    """
    if pd.isna(value):
        return "–"
    return f"{value:.1%}" if unit == "share" else f"{format_value(float(value))} {unit}"


def kpi_figure(row: Mapping[Any, Any] | pd.Series, what: str = "value") -> str:
    """Quote a figure of a row of ``kpis.parquet`` with its unit."""
    where = ",".join(f"{key}={row[key]}" for key in ("segment", "kpi", "period"))
    unit = str(row["unit"])
    return quote(f"kpis.parquet:{what}[{where}]", row[what], lambda v: figure_text(v, unit))


def latest_table(measured: Kpis) -> Table | Note:
    """Show every KPI of the last period: raw, interval, shrunken, whole and denominators."""
    if not measured.names:
        return missing("KPIs by segment", ["orders", "opportunities", "subscriptions"])
    rows = pd.concat([measured.latest(key) for key in measured.names])
    figures = {c: _in_unit(rows, c) for c in ("value", "low", "high", "shrunk", "whole")}
    shown = pd.DataFrame(
        {
            "kpi": [
                f"{label}, {'%' if unit == 'share' else unit}, {period}"
                for label, unit, period in zip(
                    rows["label"], rows["unit"], rows["period"], strict=True
                )
            ],
            "segment": rows["name"],
            **figures,
            "p_holm": rows["p_holm"].astype("float64"),
            "counted": [
                f"{_number(n)} / {_number(d)} {of}"
                for n, d, of in zip(rows["numerator"], rows["denominator"], rows["of"], strict=True)
            ],
        }
    )
    labels = {
        "kpi": "KPI, unit, period",
        "low": "95 % from",
        "high": "to",
        "shrunk": "toward all segments",
        "p_holm": "p against the others (Holm)",
        "whole": "all accounts",
        "counted": "numerator / denominator",
    }
    caption = "KPIs of the last whole period by segment: as counted, and pulled toward all segments"
    formats = {**dict.fromkeys(figures, format_value), "p_holm": format_p}
    return Table(shown, caption, formats, labels, limit=90, note=_said(measured.notes))


def _said(notes: Sequence[Note]) -> str:
    return " ".join(note.text for note in notes)


def _number(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else format_value(float(value))


def _in_unit(rows: pd.DataFrame, column: str) -> pd.Series:
    """Give a column's figures in the unit that heads the row: shares in percent."""
    return rows[column].astype("float64") * np.where(rows["unit"] == "share", 100.0, 1.0)


def definitions_table() -> Table:
    """Show what each KPI counts and which table it needs."""
    rows = [
        (kpi.label, kpi.meaning, kpi.of, " or ".join(kpi.needs)) for kpi in kpi_catalogue().values()
    ]
    frame = pd.DataFrame(rows, columns=["kpi", "meaning", "out of", "needs"])
    return Table(frame, "What each KPI counts, and which table it needs", labels={"kpi": "KPI"})


def _points(value: float) -> str:
    """Write a difference of rates in points.

    Examples
    --------
    >>> _points(0.128)
    '+12.8'
    """
    return f"{100 * value:+.1f}"


_CELLS: Mapping[str, str | Callable[[float], str]] = {
    "treated": "{:,}", "held_out": "{:,}", "treated_rate": "{:.1%}", "held_out_rate": "{:.1%}",
    "lift": _points, "low": _points, "high": _points, "detectable": _points,
    "p_interaction_holm": format_p,
}  # fmt: skip
_LABELS: Mapping[str, str] = {
    "lift": "lift, points", "low": "95 % from", "high": "to", "detectable": "designed to see from",
    "p_holm": "p (Holm)",
    "p_interaction_holm": "p, segments differ (Holm)", "campaign_id": "campaign",
}  # fmt: skip


def campaigns_table(readout: Readout) -> Table | Note:
    """Show each campaign: cells, rates, lift, whether segments differ, verdict."""
    if readout.overall.empty:
        return missing("The campaign readout", ["touches"])
    columns = [
        "campaign_id", "channel", "treated", "held_out", "treated_rate", "held_out_rate", "lift",
        "low", "high", "p_holm", "detectable", "p_interaction_holm", "verdict",
    ]  # fmt: skip
    caption = "Campaigns: conversion of the treated against the held out"
    note = f"{METHOD} {_said(readout.notes)}".strip()
    return Table(readout.overall[columns], caption, _CELLS, _LABELS, note=note)


def lifts_table(readout: Readout) -> Table | Note:
    """Show the lift of each campaign in each segment."""
    if readout.by_segment.empty:
        return missing("The lift by segment", ["touches"])
    columns = [
        "campaign_id", "name", "treated", "held_out", "treated_rate", "held_out_rate", "lift",
        "low", "high", "p_holm", "detectable", "verdict",
    ]  # fmt: skip
    labels = {**_LABELS, "name": "segment"}
    caption = "Lift by campaign and segment"
    return Table(readout.by_segment[columns], caption, _CELLS, labels, note=METHOD, limit=60)


def rules_table(refresh: Refresh | Note) -> Table | Note:
    """Show each rule of refresh with its figure and whether it fired."""
    if isinstance(refresh, Note):
        return refresh
    columns = ["figure", "value", "threshold", "fired", "decision"]
    formats = {"value": "{:.3f}", "threshold": "{:.2f}"}
    run = cited("refresh.json:compared_with", refresh.previous)
    caption = f"Rules of refresh against run {run}: {refresh.decision}"
    labels = {"threshold": "fires from"}
    return Table(refresh.rules[columns], caption, formats, labels, note=refresh.basis)


def identity_table(refresh: Refresh | Note, names: Mapping[int, str]) -> Table | None:
    """Show what became of each segment of the previous run; None where there is none."""
    if isinstance(refresh, Note):
        return None
    old = dict(zip(refresh.migration["before"], refresh.migration["before_name"], strict=True))
    rows = [
        (
            old.get(row["before"], "–") if row["before"] > 0 else "–",
            names.get(row["now"], "–") if row["now"] > 0 else "–",
            row["kind"],
            row["jaccard"],
        )
        for row in refresh.identity.to_dict("records")
    ]
    frame = pd.DataFrame(rows, columns=["segment before", "segment now", "verdict", "jaccard"])
    least = quote("same_from", refresh_rules().same_from, "g")
    note = f"The same from a Jaccard index of {least} on (accounts in both / accounts in either)."
    return Table(frame, "Segments before and now", {"jaccard": "{:.2f}"}, note=note)


def drift_table(refresh: Refresh | Note, label: Callable[[str], str] = str) -> Table | Note | None:
    """Show how far each segmentation variable has moved; None without a previous run.

    Parameters
    ----------
    refresh
        The comparison with the previous run.
    label
        What a person calls a variable.
    """
    if isinstance(refresh, Note):
        return None
    if refresh.drift.empty:
        return Note(
            "No segmentation variable is in both runs; drift cannot be measured.", "warning"
        )
    formats: dict[str, str | Callable[[Any], str]] = {
        "variable": label, "psi": "{:.3f}", "noise": "{:.3f}", "known_before": "{:.0%}",
        "known_now": "{:.0%}",
    }  # fmt: skip
    labels = {"psi": "PSI", "noise": "PSI without drift", "p_holm": "p (Holm)"}
    frame = refresh.drift[["variable", "psi", "noise", "p_holm", "known_before", "known_now"]]
    note = "Missing values have a bin of their own: where more is known now, that is drift too."
    return Table(frame, "Drift of the segmentation variables", formats, labels, note)
