"""Figures of step 06: KPIs with intervals, and KPIs over time."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.measurement import Kpis, kpi_catalogue
from seglib.measurement.tables import figure_text, kpi_figure
from seglib.strategy import SegmentedMarket

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLUMNS = 3
_QUARTERS = 4


def _source(market: SegmentedMarket, kpi: str) -> str:
    return source_line(" or ".join(kpi_catalogue()[kpi].needs), len(market.accounts), market.day)


def _axis_format(ax: Axes, unit: str, axis: str = "x") -> None:
    target = ax.xaxis if axis == "x" else ax.yaxis
    if unit == "share":
        target.set_major_formatter(lambda v, _: f"{v:.0%}")
    else:
        target.set_major_formatter(lambda v, _: _short(v))


def _short(value: float) -> str:
    """Write a number short enough for an axis.

    Examples
    --------
    >>> [_short(v) for v in (0.5, 12, 3400, 2_500_000)]
    ['0.5', '12', '3.4k', '2.5m']
    """
    for size, letter in ((1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"


def kpi_by_segment(measured: Kpis, kpi: str, market: SegmentedMarket) -> Chart | Note:
    """Show one KPI of the last period by segment, with its interval and as pulled together.

    Parameters
    ----------
    measured
        From :func:`seglib.measurement.kpis`.
    kpi
        Key of the KPI.
    market
        For the source line.
    """
    entry = kpi_catalogue()[kpi]
    rows = measured.latest(kpi) if kpi in measured.names else pd.DataFrame()
    if rows.empty or rows["value"].isna().all():
        return missing(entry.label, entry.needs)
    unit, period = str(rows["unit"].iloc[0]), str(rows["period"].iloc[0])
    figure, (ax,) = new_figure(_kpi_title(rows, entry.label), height=1.5 + 0.42 * len(rows))
    ordered = rows.iloc[::-1].reset_index(drop=True)
    for y, row in enumerate(ordered.to_dict("records")):
        color = segment_color(int(row["segment"]))
        if pd.isna(row["value"]):
            ax.text(1.01, y, f"no {entry.of}", va="center", fontsize=9, color=palette().muted,
                    transform=ax.get_yaxis_transform())  # fmt: skip
            continue
        ax.plot([row["low"], row["high"]], [y, y], color=color, linewidth=2, solid_capstyle="butt")
        ax.plot(row["value"], y, "o", color=color, markersize=7)
        ax.plot(row["shrunk"], y, "|", color=palette().ink, markersize=11, markeredgewidth=1.4)
        text = f"{figure_text(row['value'], unit)} (n = {row['denominator']:,.0f})"
        ax.text(1.01, y, text, va="center", fontsize=9, transform=ax.get_yaxis_transform())
    if entry.kind != "money":
        ax.axvline(float(rows["whole"].iloc[0]), color=palette().muted, linewidth=0.8, zorder=0)
    ax.set_yticks(range(len(ordered)), ordered["name"])
    ax.set_ylim(-0.6, len(ordered) - 0.4)
    _axis_format(ax, unit)
    ax.set_xlabel(f"{entry.label}, {period}" + ("" if unit == "share" else f", {unit}"))
    grid(ax)
    whole = "" if entry.kind == "money" else " Thin line: all accounts."
    return Chart(
        figure,
        f"kpi-{kpi.replace('_', '-')}",
        alt=f"Dots of {entry.label.lower()} by segment in {period}, with 95 % intervals: "
        f"{_said(rows, unit)}.",
        caption=f"{entry.meaning}. Dot: as counted; line: 95 % interval; tick: pulled toward all "
        f"segments. n: {entry.of}.{whole} " + _source(market, kpi),
    )


def _said(rows: pd.DataFrame, unit: str) -> str:
    return "; ".join(
        f"{r['name']} {figure_text(r['value'], unit)} (from {figure_text(r['low'], unit)} to "
        f"{figure_text(r['high'], unit)})"
        for r in rows.to_dict("records")
    )


def _kpi_title(rows: pd.DataFrame, label: str) -> str:
    """State the largest difference, or none where the intervals overlap."""
    known = rows.dropna(subset=["value", "low", "high"]).sort_values("value")
    period = rows["period"].iloc[0]
    if len(known) >= 2 and known["low"].iloc[-1] > known["high"].iloc[0]:
        top, bottom = known.iloc[-1], known.iloc[0]
        return (
            f"{label} in {period}: {kpi_figure(top)} in {top['name']}, {kpi_figure(bottom)} in "
            f"{bottom['name']}"
        )
    return f"{label} by segment in {period}"


def kpi_over_periods(measured: Kpis, kpi: str, market: SegmentedMarket) -> Chart | Note:
    """Show one KPI over the periods, a panel a segment, with intervals.

    Parameters
    ----------
    measured
        From :func:`seglib.measurement.kpis`.
    kpi
        Key of the KPI.
    market
        For the source line.
    """
    entry = kpi_catalogue()[kpi]
    rows = measured.of(kpi) if kpi in measured.names else pd.DataFrame()
    if rows.empty:
        return missing(f"{entry.label} over time", entry.needs)
    if rows["period"].nunique() < 2:
        return Note(f"{entry.label} is known for one period only.", "missing")
    unit, periods = str(rows["unit"].iloc[0]), list(dict.fromkeys(rows["period"]))
    segments = list(dict.fromkeys(rows["segment"]))
    columns = 2 if len(segments) == 4 else min(_COLUMNS, len(segments))
    lines = -(-len(segments) // columns)
    figure, axes = new_figure(
        _trend_title(rows, entry.label, periods),
        height=0.9 + 1.85 * lines,
        columns=columns,
        rows=lines,
    )
    top = float(np.nanmax(rows[["value", "high"]].to_numpy(dtype=float)))
    bottom = min(float(np.nanmin(rows[["value", "low"]].to_numpy(dtype=float))), 0.0)
    for ax, segment in zip(axes, segments, strict=False):
        own = rows[rows["segment"] == segment].set_index("period").reindex(periods)
        _trend(ax, own, segment_color(int(segment)), entry.kind != "money")
        name = textwrap.fill(str(own["name"].dropna().iloc[0]), 28)
        ax.set_title(name, loc="left", fontsize=8.5, color=palette().ink)
        ax.set_xlim(-0.3, len(periods) - 0.5)
        ax.set_ylim(bottom, top * 1.05)
        ax.set_xticks([0, len(periods) - 1], [periods[0], periods[-1]])
        _axis_format(ax, unit, "y")
        grid(ax, "y")
    for ax in axes[len(segments) :]:
        ax.set_axis_off()
    whole = "; thin line: all accounts" if entry.kind != "money" else ""
    return Chart(
        figure,
        f"trend-{kpi.replace('_', '-')}",
        alt=f"Lines of {entry.label.lower()} by segment from {periods[0]} to {periods[-1]}. "
        + " ".join(_change(rows, s, periods, unit) for s in segments),
        caption=f"{entry.meaning}. Band: 95 % interval{whole}. Accounts count with the segment "
        "that they have now. " + _source(market, kpi),
    )


def _trend(ax: Axes, own: pd.DataFrame, color: str, with_whole: bool) -> None:
    x = np.arange(len(own))
    ax.fill_between(x, own["low"].astype(float), own["high"].astype(float), color=color, alpha=0.2,
                    linewidth=0)  # fmt: skip
    ax.plot(x, own["value"].astype(float), color=color, linewidth=2, marker="o", markersize=3)
    if with_whole:
        ax.plot(x, own["whole"].astype(float), color=palette().muted, linewidth=0.8)


def _at(rows: pd.DataFrame, segment: int, period: str) -> dict[Any, Any] | None:
    """One segment's figure in one period; None where it has none."""
    own = rows[(rows["segment"] == segment) & (rows["period"] == period) & rows["value"].notna()]
    return own.to_dict("records")[0] if len(own) else None


def _change(rows: pd.DataFrame, segment: int, periods: list[str], unit: str) -> str:
    first, last = (_at(rows, segment, period) for period in (periods[0], periods[-1]))
    if first is None or last is None:
        return ""
    return (
        f"{first['name']}: from {figure_text(first['value'], unit)} to "
        f"{figure_text(last['value'], unit)}."
    )


def _trend_title(rows: pd.DataFrame, label: str, periods: list[str]) -> str:
    """State the largest change against the same quarter a year before, beyond both intervals."""
    neutral = f"{label} by segment, {periods[0]} to {periods[-1]}"
    if "Q" not in periods[-1] or len(periods) <= _QUARTERS:
        return neutral
    then, now = periods[-1 - _QUARTERS], periods[-1]
    found: list[tuple[float, str]] = []
    for segment in dict.fromkeys(rows["segment"]):
        before, after = _at(rows, segment, then), _at(rows, segment, now)
        if before is None or after is None:
            continue
        rose, fell = after["low"] > before["high"], after["high"] < before["low"]
        if rose or fell:
            text = (
                f"{label} {'rose' if rose else 'fell'} from {kpi_figure(before)} in {then} to "
                f"{kpi_figure(after)} in {now} in {after['name']}"
            )
            found.append((abs(after["value"] - before["value"]), text))
    return max(found)[1] if found else neutral
