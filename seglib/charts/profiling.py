"""Figures of step 04: size and value, profiles, differences; those on reach stand beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.charts.profiling_months import season, win_rate_months
from seglib.charts.profiling_parts import (
    Names,
    drawn,
    heat_map,
    percent_axis,
    safe,
    segment_rows,
)
from seglib.charts.profiling_reach import effect_sizes, role_coverage, rule_quality
from seglib.charts.profiling_value import lorenz, pair_differences, question_accuracy
from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.profiling.frames import records
from seglib.profiling.wording import short, small
from seglib.quotes import percent, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "differences_heatmap",
    "effect_sizes",
    "lorenz",
    "pair_differences",
    "profile_plot",
    "question_accuracy",
    "role_coverage",
    "rule_quality",
    "season",
    "size_and_value",
    "win_rate_months",
]

_EDGE = 0.06
"""Share under which a figure left of its mark would reach into the names."""


def size_and_value(sizes: pd.DataFrame, names: Names, *, value: str, as_of: str) -> Chart | Note:
    """Draw each segment's share of the accounts and of the revenue.

    Parameters
    ----------
    sizes
        From :func:`seglib.profiling.segment_sizes`.
    names
        Names of the segments; 'no segment' is left out of the picture, not of the shares.
    value
        Label of what 'revenue' is in the table; empty where there is none.
    as_of
        Date of the data.
    """
    rows = sizes[sizes["segment"] > 0]
    if rows.empty:
        return Note("No account was put into a segment.", kind="warning")
    worth = bool(value) and bool(rows["revenue_share"].notna().all())
    title = _value_claim(rows, names, small(value)) if worth else _size_claim(rows, names)
    figure, (ax, *_) = new_figure(safe(title), height=1.4 + 0.62 * len(rows))
    for y, row in enumerate(records(rows)):
        _size_row(ax, y, row, worth)
    segment_rows(ax, rows["segment"].tolist(), names)
    percent_axis(ax)
    what = (
        f"Share of the accounts (ring) and of the {small(value)} (dot)"
        if worth
        else "Share of the accounts"
    )
    said = "; ".join(
        _size_words(row, names, small(value) if worth else "") for row in records(rows)
    )
    source = source_line("orders" if worth else "accounts", int(sizes["accounts"].sum()), as_of)
    return Chart(
        figure,
        "size_and_value",
        alt=f"{title}. {said}.",
        caption=f"{what} by segment, with 95 % intervals. {source}",
    )


def _size_row(ax: Axes, y: int, row: dict[str, Any], worth: bool) -> None:
    share, brings = row["share"], row["revenue_share"]
    ax.plot([row["share_low"], row["share_high"]], [y, y], color=palette().neutral, lw=1.4)
    ax.plot(share, y, "o", mfc="white", mec=palette().muted, ms=8, mew=1.6, zorder=3)
    if not worth:
        _over(ax, share, y, percent(share), "center")
        return
    color = segment_color(row["segment"])
    ax.plot([row["revenue_share_low"], row["revenue_share_high"]], [y, y], color=color, lw=2)
    ax.plot(brings, y, "o", color=color, ms=9, zorder=4)
    _over(ax, share, y, percent(share), "right" if share < brings else "left")
    side = "left" if share < brings else "right"
    side = "center" if brings < _EDGE < share - brings else side  # clear of the names on the left
    _over(ax, brings, y, percent(brings), side, bold=True)


def _over(ax: Axes, x: float, y: int, text: str, side: str, *, bold: bool = False) -> None:
    """Write over a point, away from its partner."""
    ax.annotate(
        text, (x, y), (0, 8), textcoords="offset points", ha=side, fontsize=8.5,
        color=palette().ink if bold else palette().muted, fontweight="bold" if bold else "normal",
    )  # fmt: skip


def _value_claim(rows: pd.DataFrame, names: Names, value: str) -> str:
    above = rows[rows["value_index_low"] > 1]
    if above.empty:
        return f"Share of the accounts and of the {value} by segment"
    first = above.sort_values("revenue_share", ascending=False).iloc[0]
    segment = int(first["segment"])
    brings, share = (_quoted(first, name) for name in ("revenue_share", "share"))
    return f"'{names[segment]}' brings {brings} of the {value} with {share} of the accounts"


def _quoted(row: pd.Series[Any], name: str) -> str:
    """Quote a share of a segment, as its card has it."""
    return quote(f"segments.json:{name}[segment={int(row['segment'])}]", row[name], percent)


def _size_claim(rows: pd.DataFrame, names: Names) -> str:
    order = rows.sort_values("share", ascending=False)
    if len(order) < 2 or order["share_low"].iloc[0] <= order["share_high"].iloc[1]:
        return "Share of the accounts by segment"
    first = order.iloc[0]
    name = names[int(first["segment"])]
    return f"'{name}' is the largest segment: {_quoted(first, 'share')} of the accounts"


def _size_words(row: dict[str, Any], names: Names, value: str) -> str:
    text = f"{names[row['segment']]}: {percent(row['share'])} of the accounts"
    return f"{text}, {percent(row['revenue_share'])} of the {value}" if value else text


def _shown(profiles: pd.DataFrame, most: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pick the most telling variables: differences (variables × segments), and their rows."""
    rows = profiles[profiles["level"] != "other levels"].copy()
    level = [f": {short(v, 24)}" if v else "" for v in rows["level"]]
    rows["row"] = [f"{short(a, 34)}{b}" for a, b in zip(rows["label"], level, strict=True)]
    rows["size"] = rows["standardised"].abs()
    best = rows.groupby("row")["size"].max().sort_values(ascending=False, kind="stable").head(most)
    rows = rows[rows["row"].isin(best.index)]
    wide = rows.pivot_table(index="row", columns="segment", values="standardised")
    return wide.loc[_alike(wide)], rows


def _alike(wide: pd.DataFrame) -> list[str]:
    """Order variables so that those with like profiles stand together."""
    from scipy.cluster import hierarchy

    if len(wide) < 3:
        return [str(row) for row in wide.index]
    links = hierarchy.linkage(wide.fillna(0.0).to_numpy(), "average", optimal_ordering=True)
    return [str(wide.index[i]) for i in hierarchy.leaves_list(links)]


def _strongest(rows: pd.DataFrame, names: Names) -> str:
    """Say which distinct difference is the largest; empty where there is none."""
    distinct = rows[rows["distinct"]]
    if distinct.empty:
        return ""
    top = distinct.sort_values(["size", "row"], ascending=[False, True]).iloc[0]
    name, what = names[int(top["segment"])], top["row"]
    side = "above" if top["standardised"] > 0 else "below"
    size = quote("deviations", top["size"], ".1f")
    return f"'{name}' stands out most: '{what}' is {size} standard deviations {side} the average"


def profile_plot(
    profiles: pd.DataFrame, names: Names, *, n: int, as_of: str, most: int = 14
) -> Chart | Note:
    """Draw the profile of each segment beside all accounts, marker variables in colour.

    Parameters
    ----------
    profiles
        From :func:`seglib.profiling.profile`.
    names
        Names of the segments.
    n
        Accounts.
    as_of
        Date of the data.
    most
        Variables (or levels) shown, those with the largest difference.
    """
    if profiles.empty:
        return missing("The profile of the segments", ["accounts", "orders"])
    wide, rows = _shown(profiles, most)
    title = _strongest(rows, names) or "Profiles of the segments beside all accounts"
    segments = [int(s) for s in wide.columns]
    lines = -(-len(segments) // 4)
    columns = -(-len(segments) // lines)
    width, height = 3.2 + 1.7 * columns, 0.9 + lines * (0.75 + 0.22 * len(wide))
    figure, axes = new_figure(safe(title), width=width, height=height, columns=columns, rows=lines)
    limit = max(float(np.nanmax(np.abs(wide.to_numpy()))) * 1.1, 0.5)
    for place, ax in enumerate(axes):
        if place >= len(segments):
            ax.set_visible(False)
            continue
        own = rows[rows["segment"] == segments[place]].set_index("row").reindex(wide.index)
        _profile_panel(ax, own, segments[place], names, labelled=place % columns == 0)
        ax.set_xlim(-limit, limit)
    return Chart(
        figure,
        "profile_plot",
        alt=f"{title}. {int(rows['marker'].sum())} of {len(rows)} bars are marker variables.",
        caption="Bars: segment's mean minus all accounts' mean, in standard deviations (skewed "
        "variables on their logarithm); coloured: marker variables. The "
        f"{quote('variables', len(wide))} variables or levels that differ most, like ones "
        "together. " + source_line("account table", n, as_of),
    )


def _profile_panel(
    ax: Axes, own: pd.DataFrame, segment: int, names: Names, *, labelled: bool
) -> None:
    marker = own["marker"].eq(True).to_numpy()
    colors = [segment_color(segment) if m else palette().grid for m in marker]
    ax.barh(range(len(own)), own["standardised"].fillna(0.0), color=colors, height=0.66)
    ax.axvline(0, color=palette().muted, lw=0.8)
    name = drawn(names[segment], 19)
    ax.set_title(name, loc="left", fontsize=9, color=palette().ink, fontweight="bold")
    labels = [drawn(str(row)) if labelled else "" for row in own.index]
    ax.set_yticks(range(len(own)), labels, fontsize=8.5, color=palette().ink)
    ax.set_ylim(len(own) - 0.4, -0.6)
    ax.spines["left"].set_visible(False)
    grid(ax)


def differences_heatmap(
    profiles: pd.DataFrame, names: Names, *, n: int, as_of: str, most: int = 24
) -> Chart | Note:
    """Draw every segment's standardised differences as a table of colours and figures.

    Parameters
    ----------
    profiles, names, n, as_of, most
        As for :func:`profile_plot`.
    """
    if profiles.empty:
        return missing("The differences between the segments", ["accounts", "orders"])
    wide, rows = _shown(profiles, most)
    count = int(rows["distinct"].sum())
    title = (
        f"{quote('distinct', count)} of {quote('differences', len(rows))} differences from the "
        "average are larger than chance explains"
        if count
        else "Differences from the average by segment"
    )
    width = max(6.4, 3.4 + 1.15 * wide.shape[1])
    figure, (ax, *_) = new_figure(safe(title), width=width, height=1.5 + 0.27 * len(wide))
    certain = rows.assign(distinct=rows["distinct"].astype("float64")).pivot_table(
        index="row", columns="segment", values="distinct"
    )
    colors = ("#a3470b", "#ffffff", palette().accent)
    heat_map(ax, wide, wide.map(_signed), names, low=-1.5, high=1.5, colors=colors)
    known = wide.notna().to_numpy()
    for text, sure in zip(ax.texts, certain.reindex_like(wide).to_numpy()[known] == 1, strict=True):
        text.set_fontweight("bold" if sure else "normal")
    return Chart(
        figure,
        "differences_heatmap",
        alt=f"{title}. {_strongest(rows, names) or 'None stands out'}.",
        caption="Segment's mean minus all accounts' mean, in standard deviations; bold: distinct "
        "(Holm-adjusted p < 0.05 and the average outside the mean's interval). Segmentation "
        "variables differ by construction. " + source_line("account table", n, as_of),
    )


def _signed(value: float) -> str:
    """Write a difference with its sign; what rounds to nothing has none below."""
    return f"{round(value, 1) + 0.0:+.1f}".replace("-", "−")
