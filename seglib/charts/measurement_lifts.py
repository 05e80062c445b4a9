"""Figures of step 06: the lift of campaigns by segment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.style import new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.measurement import Readout
from seglib.measurement.readout import campaign_in_words
from seglib.quotes import quote
from seglib.strategy import SegmentedMarket

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CAMPAIGNS = 8


def lift_by_segment(readout: Readout, market: SegmentedMarket) -> Chart | Note:
    """Show the lift of each campaign in each segment, with intervals; a panel a campaign.

    Parameters
    ----------
    readout
        From :func:`seglib.measurement.campaign_readout`.
    market
        For the names and the source line.
    """
    if readout.by_segment.empty:
        return missing("The lift by segment", ["touches"])
    shown = readout.overall.tail(_CAMPAIGNS)
    columns = min(2, len(shown))
    lines = -(-len(shown) // columns)
    segments = [s for s in market.numbers if s in set(readout.by_segment["segment"])]
    figure, axes = new_figure(
        _lift_title(readout),
        height=1.0 + lines * (0.95 + 0.2 * (len(segments) + 1)),
        columns=columns,
        rows=lines,
    )
    names = ["All accounts", *(market.names[s] for s in segments)]
    split = readout.by_segment[readout.by_segment["campaign_id"].isin(shown["campaign_id"])]
    bounds = pd.concat([shown, split])[["low", "high"]].clip(-1, 1).to_numpy(dtype=float)
    limits = (float(np.nanmin(bounds)) - 0.03, float(np.nanmax(bounds)) + 0.03)
    for number, (ax, row) in enumerate(zip(axes, shown.to_dict("records"), strict=False)):
        own = split[split["campaign_id"] == row["campaign_id"]].set_index("segment")
        _forest(ax, row, own, segments)
        ax.set_xlim(*limits)
        labels = names if number % columns == 0 else [""] * len(names)
        ax.set_yticks(range(len(names)), labels)
        ax.set_ylim(len(names) - 0.4, -0.6)
        ax.xaxis.set_major_formatter(lambda v, _: f"{100 * v:+.0f}" if v else "0")
        if number >= len(shown) - columns:
            ax.set_xlabel("Lift, points")
        channel = f", {row['channel']}" if pd.notna(row["channel"]) else ""
        title = f"{row['campaign_id']}{channel}\n{_in_short(row)}"
        ax.set_title(title, loc="left", fontsize=9)
    for ax in axes[len(shown) :]:
        ax.set_axis_off()
    people = int((readout.overall["treated"] + readout.overall["held_out"]).sum())
    return Chart(
        figure,
        "campaign-lift",
        alt=_lift_alt(readout),
        caption="Conversion rate of the treated minus that of the held out, with 95 % intervals "
        "(Newcombe); intention to treat. Filled: beyond chance after Holm's correction. "
        f"{quote('assignments', people, ',')} assignments. "
        + source_line("touches", len(market.accounts), market.day),
    )


def _forest(ax: Axes, overall: Mapping[Any, Any], own: pd.DataFrame, segments: list[int]) -> None:
    ax.axvline(0, color=palette().muted, linewidth=0.8, zorder=0)
    split = own.to_dict("index")
    rows = [(overall, palette().ink), *((split.get(s, {}), segment_color(s)) for s in segments)]
    for y, (row, color) in enumerate(rows):
        if pd.isna(row.get("lift", np.nan)):
            continue
        ax.plot([row["low"], row["high"]], [y, y], color=color, linewidth=1.6)
        clear = row["p_holm"] < 0.05
        ax.plot(
            row["lift"],
            y,
            "o",
            color=color,
            markersize=6,
            markerfacecolor=color if clear else "white",
        )


def _in_short(row: Mapping[Any, Any]) -> str:
    verdict = str(row["verdict"])
    if verdict in ("worked", "did harm"):
        return f"{verdict} ({100 * row['lift']:+.1f} points)"
    return "too small to say" if verdict.startswith("too small") else "no effect seen"


def _lift_title(readout: Readout) -> str:
    overall = readout.overall
    clear = overall[overall["verdict"].isin(["worked", "did harm"])]
    every = quote("campaigns", len(overall))
    if clear.empty:
        return f"No effect is beyond chance in any of {every} campaigns with a hold-out"
    best = clear.iloc[int(np.argmax(clear["lift"].abs()))]
    return (
        f"{quote('made_a_difference', len(clear))} of {every} campaigns made a difference; "
        f"most {campaign_in_words(best)}: {quote('lift', 100 * best['lift'], '+.1f')} points "
        f"({quote('low', 100 * best['low'], '+.1f')} to "
        f"{quote('high', 100 * best['high'], '+.1f')})"
    )


def _lift_alt(readout: Readout) -> str:
    said = "; ".join(
        f"{r['campaign_id']} {100 * r['lift']:+.1f} points (from {100 * r['low']:+.1f} to "
        f"{100 * r['high']:+.1f}), {r['verdict']}"
        for r in readout.overall.to_dict("records")
    )
    clear = readout.by_segment[readout.by_segment["verdict"].isin(["worked", "did harm"])]
    parts = "; ".join(
        f"{r['campaign_id']} {r['verdict']} in {r['name']}" for r in clear.to_dict("records")
    )
    return f"Lift by campaign: {said}. By segment: {parts or 'none is beyond chance'}."
