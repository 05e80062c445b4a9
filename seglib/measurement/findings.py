"""What step 06 found, in sentences computed from its results."""

from __future__ import annotations

from seglib.exhibits import Note
from seglib.measurement.kpis import Kpis, kpi_catalogue
from seglib.measurement.readout import Readout
from seglib.measurement.refresh import Refresh
from seglib.measurement.tables import figure_text


def findings(measured: Kpis, readout: Readout, refresh: Refresh | None) -> list[Note]:
    """Say what was measured: the leading KPI, the campaigns, the refresh.

    Parameters
    ----------
    measured, readout, refresh
        Results of the step.
    """
    return [*_kpi(measured), *_campaigns(readout), _refresh(refresh)]


def _kpi(measured: Kpis) -> list[Note]:
    """Best and worst segment of the leading KPI; sums of money depend on size and are passed."""
    for key in (k for k in measured.names if kpi_catalogue()[k].kind != "money"):
        rows = measured.latest(key).dropna(subset=["value", "low", "high"]).sort_values("value")
        if len(rows) < 2:
            continue
        bottom, top = rows.iloc[0], rows.iloc[-1]
        label, period, unit = top["label"], top["period"], str(top["unit"])
        if top["low"] > bottom["high"]:
            text = (
                f"{label} in {period}: {figure_text(top['value'], unit)} in {top['name']} against "
                f"{figure_text(bottom['value'], unit)} in {bottom['name']}; the 95 % intervals do "
                "not overlap."
            )
        else:
            text = f"{label}: no difference between segments is beyond chance in {period}."
        return [Note(text)]
    return []


def _campaigns(readout: Readout) -> list[Note]:
    if readout.overall.empty:
        return list(readout.notes)
    overall, split = readout.overall, readout.by_segment
    worked = overall[overall["verdict"] == "worked"]
    harmed = overall[overall["verdict"] == "did harm"]
    text = f"Of {len(overall)} campaigns with accounts held out, {len(worked)} worked"
    if len(worked):
        best = worked.sort_values("lift").iloc[-1]
        text += ":" if len(worked) == 1 else ", most of all"
        text += (
            f" {best['campaign_id']} ({100 * best['lift']:+.1f} points, 95 % from "
            f"{100 * best['low']:+.1f} to {100 * best['high']:+.1f})"
        )
    text += f" and {len(harmed)} did harm." if len(harmed) else "."
    small = int(split["verdict"].str.startswith("too small").sum())
    if small:
        text += f" {small} of {len(split)} readings by segment were too small to say."
    return [Note(text)]


def _refresh(refresh: Refresh | None) -> Note:
    if refresh is None:
        return Note("There is nothing to compare with: the study names no previous run.", "missing")
    return Note(f"Against run {refresh.previous}: {refresh.reason}")
