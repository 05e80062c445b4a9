"""Figures of step 05: the targeting matrix, the budget and what the tests can see."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.strategy_budget import budget_bars, detectable_lifts, marginal_returns
from seglib.charts.style import listed, new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.quotes import quote
from seglib.strategy import SegmentedMarket, Targeting

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["budget_bars", "detectable_lifts", "marginal_returns", "targeting_matrix"]

_BUBBLE = 900.0
_OFTEN = 0.8


def targeting_matrix(choice: Targeting, market: SegmentedMarket) -> Chart | Note:
    """Show attractiveness × competitiveness, the bubble being the profit potential.

    Parameters
    ----------
    choice
        From :func:`seglib.strategy.targeting`.
    market
        For the source line.
    """
    rows = choice.matrix
    if rows["attractiveness"].isna().all() or rows["competitiveness"].isna().all():
        return missing("The targeting matrix", _wanted(choice))
    figure, (ax,) = new_figure(_matrix_title(choice), width=7.2, height=5.2)
    top = max(float(rows["profit_potential"].max()), 1e-9)
    ordered = rows.sort_values("profit_potential", ascending=False)
    for row in ordered.to_dict("records"):
        _bubble(ax, row, top)
    (left, right), (low, high) = _window(rows)
    ax.set_xlim(left, right + 0.6 * (right - left))
    ax.set_ylim(low, high)
    ax.set_xticks(np.arange(np.ceil(left), np.floor(right) + 1))
    ax.set_yticks(np.arange(np.ceil(low), np.floor(high) + 1))
    _label_bubbles(ax, ordered, right)
    ax.set_xlabel("Attractiveness of the segment (1 to 10; 5.5 = market)", loc="left")
    ax.set_ylabel("Our competitiveness in it (1 to 10)")
    ax.vlines(5.5, low, high, color=palette().grid, linewidth=0.8, zorder=0)
    ax.hlines(5.5, left, right, color=palette().grid, linewidth=0.8, zorder=0)
    ax.spines["bottom"].set_bounds(left, right)
    unit = str(rows["potential_unit"].iloc[0])
    return Chart(
        figure,
        "targeting-matrix",
        alt=_matrix_alt(choice),
        caption=f"Bubble area: profit potential ({unit}). Whiskers: 90 % of the positions when the "
        "weights are drawn around the stated ones. Ring: chosen. Dashed: knocked out. "
        + source_line("targeting criteria", len(market.customers), market.day),
    )


def _wanted(choice: Targeting) -> list[str]:
    there = set(choice.scores["axis"])
    return ["orders", "opportunities"] if "attractiveness" not in there else [
        "opportunities", "surveys", "technologies",
    ]  # fmt: skip


def _matrix_title(choice: Targeting) -> str:
    rows = choice.matrix.set_index("segment").loc[choice.targets]
    if rows.empty:
        return "No segment passes the knock-outs"
    if len(rows) == len(choice.matrix):
        first, every = (
            rows["name"].iloc[0],
            "Both" if len(rows) == 2 else f"All {quote('addressed', len(rows))}",
        )
        return (
            f"{every} segments are addressed; {first} comes first"
            if len(rows) > 1
            else (f"{first} is the only segment, and it is addressed")
        )
    least = float(rows["chosen_share"].min())
    share = quote("least_chosen", least, ".0%")
    names = listed(rows["name"].tolist())
    if least >= _OFTEN:
        how = "all" if least > 0.995 else f"at least {share} of the"
        come = "come" if len(rows) > 1 else "comes"
        return f"{names} {come} first, under {how} drawn weights"
    last = rows["name"].iloc[int(np.argmin(rows["chosen_share"]))]
    if len(rows) == 1:
        return f"{names} comes first, but only under {share} of the drawn weights"
    return f"{names} come first; {last} only under {share} of the drawn weights"


def _matrix_alt(choice: Targeting) -> str:
    said = [
        f"{row['name']}: attractiveness {row['attractiveness']:.1f}, competitiveness "
        f"{row['competitiveness']:.1f}, chosen under {row['chosen_share']:.0%} of drawn weights"
        + (f", knocked out ({row['knocked_out']})" if row["knocked_out"] else "")
        for row in choice.matrix.to_dict("records")
    ]
    return f"Targeting matrix. {'; '.join(said)}."


def _bubble(ax: Axes, row: Mapping[Any, Any], top: float) -> None:
    color = segment_color(int(row["segment"]))
    x, y = row["attractiveness"], row["competitiveness"]
    ax.plot([row["attractiveness_low"], row["attractiveness_high"]], [y, y], color=color, lw=1)
    ax.plot([x, x], [row["competitiveness_low"], row["competitiveness_high"]], color=color, lw=1)
    area = _BUBBLE * max(float(row["profit_potential"]) / top, 0.02)
    edge = palette().ink if row["target"] else color
    style = "--" if row["knocked_out"] else "-"
    ax.scatter(
        [x], [y], s=area, color=color, alpha=0.55 if not row["knocked_out"] else 0.2, zorder=3
    )
    ax.scatter(
        [x], [y], s=area, facecolor="none", edgecolor=edge, linestyle=style,
        linewidth=1.8 if row["target"] else 0.8, zorder=4,
    )  # fmt: skip


def _label_bubbles(ax: Axes, rows: pd.DataFrame, left: float) -> None:
    """Write the names in a column, in the order of the bubbles, with a line to each."""
    low, high = ax.get_ylim()
    ordered = rows.sort_values("competitiveness").to_dict("records")
    gap = 0.145 * (high - low)
    places = _spread([float(row["competitiveness"]) for row in ordered], gap, low, high)
    for row, y in zip(ordered, places, strict=True):
        color = segment_color(int(row["segment"]))
        ax.plot(
            [row["attractiveness"], left - 0.02 * (high - low)], [row["competitiveness"], y],
            color=color, linewidth=0.8, linestyle=":", zorder=2,
        )  # fmt: skip
        ax.text(
            left, y, f"{textwrap.fill(row['name'], 30)}\nchosen {row['chosen_share']:.0%}",
            va="center", fontsize=9, color=palette().ink, linespacing=1.1,
            fontweight="bold" if row["target"] else "normal",
        )  # fmt: skip


def _spread(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move sorted positions apart by at least a gap, inside limits as far as they fit."""
    gap = min(gap, (high - low) / max(len(wanted), 1))
    places: list[float] = []
    for y in wanted:
        places.append(max(y, places[-1] + gap if places else low + gap / 2))
    top = high - gap / 2
    for i in range(len(places) - 1, -1, -1):
        places[i] = min(places[i], top)
        top = places[i] - gap
    return places


def _window(rows: pd.DataFrame) -> tuple[tuple[float, float], tuple[float, float]]:
    """Limits of both axes: the positions with room for labels, inside 0.5 to 10.5."""
    limits = []
    for axis in ("attractiveness", "competitiveness"):
        low, high = float(rows[f"{axis}_low"].min()), float(rows[f"{axis}_high"].max())
        room = max(0.25 * (high - low), 0.6)
        limits.append((max(min(low, 5.5) - room, 0.5), min(max(high, 5.5) + room, 10.5)))
    return limits[0], limits[1]
