"""Figures of step 04 by month of the year: order intensity and win rate against no season.

They are called as ``seglib.charts.profiling.…``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.profiling_parts import Names, drawn, safe
from seglib.charts.style import new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.profiling.frames import records
from seglib.profiling.season import MONTHS, Season
from seglib.profiling.win_season import WinSeason, fiscal_months
from seglib.profiling.wording import small
from seglib.quotes import percent, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def season(found: Season, names: Names, *, as_of: str, starts: int = 1) -> Chart | Note:
    """Draw the calendar months of each segment against no season.

    Parameters
    ----------
    found
        From :func:`seglib.profiling.season`.
    names
        Names of the segments.
    as_of
        Date of the data.
    starts
        Month in which the fiscal year begins.
    """
    tested = found.tests[found.tests["p"].notna()] if len(found.tests) else found.tests
    if tested.empty:
        return _no_season(found)
    title = _season_claim(tested, found, names)
    top = max(float(found.months["index"].max()) * 1.2, 1.6)
    figure = _panels(
        title, tested, found.months, names, starts,
        lambda ax, months, row, x: _season_panel(ax, months, row, x, top),
    )  # fmt: skip
    left_out = len(found.tests) - len(tested)
    out, of = quote("left_out", left_out), quote("segments", len(found.tests))
    few = f" Left out for too few events: {out} of {of}." if left_out else ""
    said = " ".join(f"{names[r['segment']]}: {small(r['sentence'])}" for r in records(tested))
    what = "Orders" if found.source == "orders" else "Won opportunities"
    events, years = int(tested["events"].sum()), int(tested["years"].max())
    return Chart(
        figure,
        "season",
        alt=f"{title}. {said}",
        caption=f"{what} by calendar month against the same number without a season (days and "
        "growth allowed for), with 95 % "
        f"intervals; {quote('events', events)} events in {quote('years', years)} "
        f"year{'s' if years != 1 else ''}.{few} "
        + source_line(found.source, int(tested["accounts"].sum()), as_of),
    )


def _panels(
    title: str, tested: pd.DataFrame, months: pd.DataFrame, names: Names, starts: int,
    draw: Callable[[Axes, pd.DataFrame, Any, np.ndarray], None],
) -> Figure:  # fmt: skip
    """Draw one panel a segment, its months in the order of the fiscal year."""
    columns = {1: 1, 2: 2, 4: 2}.get(len(tested), 3)
    lines = -(-len(tested) // columns)
    height = 1.0 + 1.75 * lines
    figure, axes = new_figure(safe(title), width=9.0, height=height, columns=columns, rows=lines)
    order, x = fiscal_months(starts), np.arange(1, 13)
    for place, ax in enumerate(axes):
        if place >= len(tested):
            ax.set_visible(False)
            continue
        row = tested.iloc[place]
        own = months[months["segment"] == row["segment"]].set_index("month").loc[order]
        draw(ax, own.reset_index(), row, x)
        ax.set_xticks(x, [MONTHS[month - 1][0] for month in order])
        name = drawn(names[int(row["segment"])], 22)
        ax.set_title(name, loc="left", fontsize=9, color=palette().ink, fontweight="bold")
    return figure


def win_rate_months(found: WinSeason, names: Names, *, as_of: str, starts: int = 1) -> Chart | Note:
    """Draw the win rate of each segment by the month in which deals close.

    Parameters
    ----------
    found
        From :func:`seglib.profiling.win_season`.
    names
        Names of the segments.
    as_of
        Date of the data.
    starts
        Month in which the fiscal year begins.
    """
    tested = found.tests[found.tests["p"].notna()]
    if tested.empty:
        few = found.tests["sentence"].iloc[0] if len(found.tests) else ""
        return Note(few, kind="missing") if few else missing("The win rate by month", _DEALS)
    sure = tested[tested["peaks"] > 0]
    title = (
        f"The win rate of '{names[int(sure.iloc[0]['segment'])]}' depends on the month"
        if len(sure)
        else "No segment's win rate is shown to depend on the month"
    )
    figure = _panels(title, tested, found.months, names, starts, _win_panel)
    said = " ".join(f"{names[r['segment']]}: {small(r['sentence'])}" for r in records(tested))
    closed, won = int(tested["closed"].sum()), int(tested["won"].sum())
    return Chart(
        figure,
        "win_rate_months",
        alt=f"{title}. {said}",
        caption="Won / closed deals by the month in which they closed, with 95 % intervals; line: "
        f"the segment's own rate over the year. Source: opportunities; {quote('won', won)} of "
        f"{quote('closed', closed)} closed deals won; as of {as_of}.",
    )


_DEALS = ["opportunities"]


def _win_panel(ax: Axes, months: pd.DataFrame, row: pd.Series[Any], x: np.ndarray) -> None:
    color = segment_color(int(row["segment"])) if row["peaks"] else palette().neutral
    ax.vlines(x, months["low"], months["high"], color=color, lw=2)
    ax.plot(x, months["rate"], "o", color=color, ms=5)
    overall = float(months["overall"].iloc[0])
    ax.axhline(overall, color=palette().muted, lw=0.8)
    ax.set_ylim(0, 1)
    ax.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
    told = f"{percent(overall)} over the year"
    ax.text(0.99, 0.93, told, transform=ax.transAxes, ha="right", va="top", fontsize=8.5,
            color=palette().muted)  # fmt: skip


def _no_season(found: Season) -> Note:
    """Say what is lacking: the events, or a year of them."""
    if len(found.tests):
        why = small(str(found.tests["sentence"].iloc[0]))
        return Note(f"The buying season cannot be shown: {why}", kind="missing")
    return Note(
        "The buying season cannot be shown: it needs at least a year of the table 'orders' or "
        "'opportunities'.",
        kind="missing",
    )


def _season_claim(tested: pd.DataFrame, found: Season, names: Names) -> str:
    peaks = tested[tested["peak"] > 0]
    if peaks.empty:
        return "No segment is shown to have a buying season that returns every year"
    index = found.months.set_index(["segment", "month"])["index"]
    sizes = [float(index.loc[(r["segment"], r["peak"])]) for r in records(peaks)]
    top = peaks.iloc[int(np.argmax(sizes))]
    month = MONTHS[int(top["peak"]) - 1]
    times = quote("times", max(sizes), ".1f")
    return f"'{names[int(top['segment'])]}' buys {times} × as much in {month} as without a season"


def _flat(row: pd.Series[Any]) -> str:
    return "no steady peak" if row["p_holm"] < 0.05 else "no season shown"


def _season_panel(
    ax: Axes, months: pd.DataFrame, row: pd.Series[Any], x: np.ndarray, top: float
) -> None:
    segment, peak = int(row["segment"]), int(row["peak"])
    color = segment_color(segment) if peak else palette().neutral
    ax.fill_between(x, months["low"], months["high"], color=color, alpha=0.22, lw=0)
    ax.plot(x, months["index"], color=color, lw=2)
    ax.axhline(1, color=palette().muted, lw=0.8)
    ax.set_ylim(0, top)
    if not peak:
        ax.text(0.99, 0.03, _flat(row), transform=ax.transAxes, ha="right", fontsize=8.5,
                color=palette().muted)  # fmt: skip
        return
    place = int(months["month"].tolist().index(peak)) + 1
    height = float(months["index"].iloc[place - 1])
    ax.plot(place, height, "o", color=color, ms=6)
    ax.annotate(
        f"{MONTHS[peak - 1]} {height:.1f} ×", (place, height), (-7 if place > 8 else 7, 2),
        textcoords="offset points", ha="right" if place > 8 else "left", fontsize=8.5,
        color=palette().ink,
    )  # fmt: skip
