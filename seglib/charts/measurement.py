"""Figures of step 06: KPIs, campaign lifts, and where accounts moved since the previous run."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd

from seglib.charts.measurement_kpis import kpi_by_segment, kpi_over_periods
from seglib.charts.measurement_lifts import lift_by_segment
from seglib.charts.style import new_figure, palette, source_line
from seglib.exhibits import Chart
from seglib.measurement import Refresh
from seglib.strategy import SegmentedMarket

__all__ = ["kpi_by_segment", "kpi_over_periods", "lift_by_segment", "migration_heatmap"]


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
        caption=f"Share and number of the accounts of each segment of run {refresh.previous} by "
        "their segment now. " + source_line("assignments of both runs", int(rows["accounts"].sum()),
                                           market.day),
    )  # fmt: skip


def _order(rows: pd.DataFrame, column: str) -> list[int]:
    """Segments in order; 'no segment' and absent accounts last."""
    found = sorted(int(s) for s in rows[column].unique())
    return [s for s in found if s > 0] + [s for s in found if s == 0] + [s for s in found if s < 0]


def _migration_title(refresh: Refresh) -> str:
    moved = refresh.rules.loc[refresh.rules["rule"] == "moved", "value"]
    same = int((refresh.identity["kind"] == "same").sum())
    before = int((refresh.identity["before"] > 0).sum())
    share = f"; {moved.iloc[0]:.0%} of the accounts moved" if len(moved) else ""
    return f"{same} of {before} segments are still the same{share}"


def _went(rows: pd.DataFrame) -> str:
    largest = rows.sort_values("accounts", ascending=False).drop_duplicates("before")
    return "; ".join(
        f"of {r['before_name']}, {r['share']:.0%} to {r['now_name']}"
        for r in largest.sort_values("before").to_dict("records")
    )
