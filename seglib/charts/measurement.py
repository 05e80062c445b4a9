"""Figures of step 06: KPIs, campaign lifts, and where accounts moved since the previous run."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.charts.measurement_kpis import kpi_by_segment, kpi_over_periods
from seglib.charts.measurement_lifts import lift_by_segment
from seglib.charts.style import new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart
from seglib.measurement import Refresh
from seglib.quotes import cited, quote
from seglib.strategy import SegmentedMarket

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "kpi_by_segment",
    "kpi_over_periods",
    "lift_by_segment",
    "migration_flow",
    "migration_heatmap",
]

_GAP, _BAR = 0.025, 0.03  # of the figure's height and width


def migration_heatmap(refresh: Refresh, market: SegmentedMarket) -> Chart:
    """Show where the accounts of each previous segment are now.

    Parameters
    ----------
    refresh
        From :func:`seglib.measurement.compare_runs`.
    market
        For the source line.
    """
    rows = refresh.migration
    befores = _order(rows, "before")
    nows = _order(rows, "now")
    wide = rows.pivot(index="before", columns="now", values="accounts")
    counts = wide.reindex(index=befores, columns=nows).fillna(0).to_numpy(dtype=float)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure, (ax,) = new_figure(_migration_title(refresh), height=1.9 + 0.42 * len(befores))
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for i, j in np.ndindex(*counts.shape):
        if counts[i, j]:
            color = "white" if shares[i, j] > 0.55 else palette().ink
            text = f"{shares[i, j]:.0%}\n{counts[i, j]:,.0f}"
            ax.text(j, i, text, ha="center", va="center", fontsize=8, color=color)
    names = dict(zip(rows["now"], rows["now_name"], strict=True))
    old = dict(zip(rows["before"], rows["before_name"], strict=True))
    ax.set_xticks(range(len(nows)), [textwrap.fill(names[s], 13) for s in nows], fontsize=7.5)
    ax.set_yticks(range(len(befores)), [textwrap.fill(old[s], 26) for s in befores])
    ax.set_xlabel("Segment now")
    ax.set_ylabel("Segment before")
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.xaxis.set_label_position("top")
    ax.xaxis.tick_top()
    return Chart(
        figure,
        "migration",
        alt=f"Heatmap of where accounts went: {_went(rows)}.",
        caption="Share and number of the accounts of each segment of run "
        f"{cited('refresh.json:compared_with', refresh.previous)} by their segment now. "
        + source_line("assignments of both runs", int(rows["accounts"].sum()), market.day),
    )  # fmt: skip


def migration_flow(refresh: Refresh, market: SegmentedMarket) -> Chart:
    """Show the flow of accounts from the previous run's segments to this run's (alluvial).

    Parameters
    ----------
    refresh
        From :func:`seglib.measurement.compare_runs`.
    market
        For the source line.
    """
    rows = refresh.migration
    figure, (ax,) = new_figure(_migration_title(refresh), height=4.6)
    total = int(rows["accounts"].sum())
    left, right = (_stack(rows, column) for column in ("before", "now"))
    for side, places, column in ((0.0, left, "before"), (1.0, right, "now")):
        _bars(ax, side, places, rows, column)
    starts = {segment: low for segment, (low, _) in left.items()}
    ends = {segment: low for segment, (low, _) in right.items()}
    scale = _scale(rows)
    for before in left:
        for now in right:
            own = rows[(rows["before"] == before) & (rows["now"] == now)]
            if len(own):
                height = float(own["accounts"].iloc[0]) * scale
                color = segment_color(before if before > 0 else now)
                _ribbon(ax, starts[before], ends[now], height, color)
                starts[before] += height
                ends[now] += height
    ax.set_xlim(-0.62, 1.62)
    ax.set_ylim(1.0, -0.06)
    ax.text(0, -0.035, f"Before ({refresh.previous})", ha="right", fontsize=9, color=palette().ink)
    ax.text(1, -0.035, "Now", ha="left", fontsize=9, color=palette().ink)
    ax.set_axis_off()
    return Chart(
        figure,
        "migration-flow",
        alt=f"Flow of accounts between runs: {_went(rows)}.",
        caption="Each run's own segments. Height: accounts. Colour: the segment before; of new "
        "accounts the one now. " + source_line("assignments of both runs", total, market.day),
    )


def _scale(rows: pd.DataFrame) -> float:
    """Height of one account, so that the side with more gaps just fits."""
    gaps = max(rows["before"].nunique(), rows["now"].nunique()) - 1
    return (1 - _GAP * gaps) / max(float(rows["accounts"].sum()), 1.0)


def _stack(rows: pd.DataFrame, column: str) -> dict[int, tuple[float, float]]:
    """Top and height of each segment's bar on one side."""
    scale, top, places = _scale(rows), 0.0, {}
    for segment in _order(rows, column):
        height = float(rows.loc[rows[column] == segment, "accounts"].sum()) * scale
        places[segment] = (top, height)
        top += height + _GAP
    return places


def _bars(
    ax: Axes, side: float, places: dict[int, tuple[float, float]], rows: pd.DataFrame, column: str
) -> None:
    names = dict(zip(rows[column], rows[f"{column}_name"], strict=True))
    counts = rows.groupby(column)["accounts"].sum()
    outward = -1 if side == 0 else 1
    for segment, (top, height) in places.items():
        ax.barh(top + height / 2, outward * _BAR, height, left=side, color=segment_color(segment))
        words = textwrap.fill(f"{names[segment]} ({counts[segment]:,})", 26)
        at = side + outward * (_BAR + 0.015)
        ax.text(at, top + height / 2, words, ha="right" if side == 0 else "left", va="center",
                fontsize=8, color=palette().ink)  # fmt: skip


def _ribbon(ax: Axes, start: float, end: float, height: float, color: str) -> None:
    """One flow, from the left bar to the right one."""
    x = np.linspace(0, 1, 60)
    y = start + (end - start) * (3 * x**2 - 2 * x**3)
    ax.fill_between(x, y, y + height, color=color, alpha=0.45, linewidth=0)


def _order(rows: pd.DataFrame, column: str) -> list[int]:
    """Segments in order; 'no segment' and absent accounts last."""
    found = sorted(int(s) for s in rows[column].unique())
    return [s for s in found if s > 0] + [s for s in found if s == 0] + [s for s in found if s < 0]


def _migration_title(refresh: Refresh) -> str:
    moved = refresh.rules.loc[refresh.rules["rule"] == "moved", "value"]
    same = int((refresh.identity["kind"] == "same").sum())
    before = int((refresh.identity["before"] > 0).sum())
    title = f"{quote('same', same)} of {quote('before', before)} segments are still the same"
    if moved.empty:
        return title
    by = "by the earlier model " if refresh.one_model else ""
    return f"{title}; {by}{quote('moved', moved.iloc[0], '.0%')} of the accounts moved"


def _went(rows: pd.DataFrame) -> str:
    largest = rows.sort_values("accounts", ascending=False).drop_duplicates("before")
    return "; ".join(
        f"of {r['before_name']}, {r['share']:.0%} to {r['now_name']}"
        for r in largest.sort_values("before").to_dict("records")
    )
