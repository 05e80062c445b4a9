"""Figures of step 05: the budget, its marginal return, and what the tests can see."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.exhibits import Chart, Note, missing
from seglib.quotes import quote
from seglib.strategy import BudgetSplit, ExperimentPlan, SegmentedMarket
from seglib.strategy.budget import worth_spending


def budget_bars(split: BudgetSplit, market: SegmentedMarket) -> Chart | Note:
    """Show the split of the budget: a panel a segment, a bar a channel.

    Parameters
    ----------
    split
        From :func:`seglib.strategy.split_budget`.
    market
        For the currency and the source line.
    """
    if split.table.empty:
        return missing("The budget", ["orders", "subscriptions", "touches"])
    if split.total <= 0:
        return Note("The budget is 0: there is nothing to show.", "missing")
    segments = split.table.groupby("segment", sort=True)["amount"].sum()
    top = split.table.sort_values("amount", ascending=False).iloc[0]
    largest = quote("largest_part", top["share"], ".0%")
    title = f"{top['label']} in {top['name']} gets the largest part: {largest} of the budget"
    rows = split.table["channel"].nunique()
    figure, axes = new_figure(
        title, height=1.1 + len(segments) * (0.45 + 0.3 * rows), rows=len(segments)
    )
    limit = float(split.table["amount"].max()) * 1.15
    for ax, (segment, total) in zip(axes, segments.items(), strict=True):
        own = split.table[split.table["segment"] == segment].sort_values("amount")
        color = segment_color(int(str(segment)))
        ax.barh(own["label"], own["amount"], color=color, height=0.62)
        for y, row in enumerate(own.to_dict("records")):
            text = f" {row['amount']:,.0f}"
            ax.text(row["amount"], y, text, va="center", fontsize=9, color=palette().ink)
        ax.set_xlim(0, limit)
        ax.set_xticks([])
        ax.spines["bottom"].set_visible(False)
        back = own.loc[own["amount"] > 0, "marginal_return"].max()
        text = f"{own['name'].iloc[0]}: {total:,.0f}; one more {market.currency} returns {back:.2f}"
        ax.set_title(text, loc="left", fontsize=10, color=palette().ink)
    sources = _sources(split)
    said = "; ".join(
        f"{r['name']}, {r['label']}: {r['amount']:,.0f}" for r in split.table.to_dict("records")
    )
    return Chart(
        figure,
        "budget-split",
        alt=f"Bars of a budget of {split.total:,.0f} by segment and channel. {said}.",
        caption=f"Money by segment and channel, {market.currency}; within a segment one more unit "
        "returns the same in every channel that gets money; segments stay inside the study's "
        "bounds. "
        + source_line(f"response curves from {sources}", len(market.accounts), market.day),
    )


_STEEP = 12  # times its money that a unit returns, from which on the scale is logarithmic


def marginal_returns(split: BudgetSplit, market: SegmentedMarket) -> Chart | Note:
    """Show what the next unit of money returns as the budget grows, without bounds.

    Parameters
    ----------
    split
        From :func:`seglib.strategy.split_budget`.
    market
        For the currency and the source line.
    """
    if split.table.empty or split.total <= 0:
        return Note("Without a budget there is no marginal return to show.", "missing")
    price, money = _spending_curve(split.table)
    worth = worth_spending(split.table)
    reach = max(split.total, worth) * 1.15
    title = (
        f"The next unit pays for itself up to a budget of about {quote('pays', worth, ',.0f')}"
        if worth > 0
        else "No unit of this budget pays for itself within a year"
    )
    figure, (ax,) = new_figure(title, height=3.2)
    shown = money <= reach
    ax.plot(money[shown], price[shown], color=palette().accent, linewidth=2)
    ax.axhline(1, color=palette().muted, linewidth=0.8)
    ax.annotate(
        "above: pays for itself",  # under its line: the curve comes down to it from above
        (0.6 * reach, 1),
        (0, -3),
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=9,
        color=palette().muted,
    )
    ax.axvline(split.total, color=palette().ink, linewidth=0.8, linestyle="--")
    ax.text(
        split.total, 0.97, f"budget {split.total:,.0f} ", ha="right", va="top", fontsize=9,
        transform=ax.get_xaxis_transform(), color=palette().ink,
    )  # fmt: skip
    ax.set_xlim(0, reach)
    top = float(price[shown].max())
    steep = top > _STEEP  # the first units return so much that the rest would be one flat line
    if steep:
        ax.set_yscale("log")
        ax.set_ylim(min(0.4, float(price[shown].min()) * 0.8), top * 1.2)
        ax.yaxis.set_major_formatter(lambda v, _: f"{v:,.3g}")
    else:
        ax.set_ylim(0, max(top * 1.05, 1.3))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:,.0f}")
    ax.set_xlabel(f"Budget, {market.currency}")
    ax.set_ylabel("Return of the next unit")
    grid(ax, "y")
    return Chart(
        figure,
        "marginal-return",
        alt=f"Line of the return of the next unit of money against the budget; it falls to 1 at "
        f"about {worth:,.0f}, and the budget is {split.total:,.0f}.",
        caption="Expected return within a year; the best split at each budget, without bounds. "
        + ("Logarithmic: equal steps upward are equal multiples. " if steep else "")
        + source_line(f"response curves from {_sources(split)}", len(market.accounts), market.day),
    )


def _sources(split: BudgetSplit) -> str:
    measured = (split.table["source"] != "declared prior").any()
    return "past campaigns" if measured else "declared priors"


def _spending_curve(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Marginal return, and the budget at which the best split comes down to it."""
    slope = (table["response"] * table["value"] / table["cost"]).to_numpy(dtype=float)
    scale = (table["contacts_possible"] * table["cost"]).to_numpy(dtype=float)
    slope = np.maximum(np.nan_to_num(slope), 1e-9)
    price = np.geomspace(slope.max(), max(slope.max() * 1e-4, 1e-3), 400)
    money = (scale * np.maximum(np.log(slope[None, :] / price[:, None]), 0)).sum(axis=1)
    return price, money


def detectable_lifts(tests: ExperimentPlan, market: SegmentedMarket) -> Chart | Note:
    """Show the smallest lift that each segment's test can see, against the lift worth finding.

    Parameters
    ----------
    tests
        From :func:`seglib.strategy.plan_tests`.
    market
        For the source line.
    """
    rows = tests.table
    if rows.empty or rows["detectable"].isna().all():
        return Note("No segment is large enough for a test of its own.", "missing")
    relevant = float(rows["relevant"].iloc[0])
    enough = rows[rows["detectable"] <= relevant]
    figure, (ax,) = new_figure(_power_title(rows, enough, relevant), height=1.5 + 0.5 * len(rows))
    ordered = rows.iloc[::-1].reset_index(drop=True)
    for y, row in enumerate(ordered.to_dict("records")):
        color = segment_color(int(row["segment"]))
        if np.isnan(row["detectable"]):
            ax.text(0, y, " too few accounts", va="center", fontsize=9, color=palette().muted)
            continue
        ax.plot([0, row["detectable"]], [y, y], color=color, linewidth=2)
        ax.plot(row["detectable"], y, "o", color=color, markersize=8)
        text = f"  {100 * row['detectable']:.1f} points ({row['treated']:,} + {row['held_out']:,})"
        ax.text(row["detectable"], y, text, va="center", fontsize=9, color=palette().ink)
    ax.axvline(relevant, color=palette().ink, linewidth=0.9, linestyle="--")
    ax.set_yticks(range(len(ordered)), ordered["name"])
    ax.set_ylim(-0.6, len(ordered) - 0.2)
    ax.text(relevant, len(ordered) - 0.45, " worth finding", fontsize=9, color=palette().muted)
    ax.set_xlim(0, float(np.nanmax([*rows["detectable"], relevant])) * 1.45)
    ax.xaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f}")
    ax.set_xlabel("Smallest lift seen, in points of the conversion rate")
    grid(ax)
    said = "; ".join(
        f"{r['name']}: {100 * r['detectable']:.1f} points" for r in rows.to_dict("records")
        if not np.isnan(r["detectable"])
    )  # fmt: skip
    return Chart(
        figure,
        "test-power",
        alt=f"Dots of the smallest lift that a test in each segment can see: {said}; "
        f"{100 * relevant:.0f} points are worth finding.",
        caption=f"Power {quote('power', tests.settings.power, '.0%')}, two-sided level "
        f"{quote('level', tests.settings.alpha, '.0%')}; in brackets the accounts treated and "
        "held out. " + source_line("test plan", int(rows["accounts"].sum()), market.day),
    )


def _power_title(rows: pd.DataFrame, enough: pd.DataFrame, relevant: float) -> str:
    points = f"{quote('relevant_lift', 100 * relevant, ',.3g')} points"
    if len(enough) == len(rows):
        return f"Every segment's test would see a lift of {points}"
    if enough.empty:
        best = quote("smallest_lift", 100 * float(rows["detectable"].min()), ".1f")
        return f"No segment's own test would see {points}; the best sees {best}"
    many, every = quote("large_enough", len(enough)), quote("segments", len(rows))
    return f"{many} of {every} segments are large enough to see a lift of {points}"
