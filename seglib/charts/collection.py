"""Figures of step 02: the addressable market, missing values."""

from __future__ import annotations

import pandas as pd

from seglib.charts.style import grid, new_figure, palette, source_line
from seglib.collection import AccountTable
from seglib.exhibits import Chart
from seglib.quotes import percent, quote

_MOST_BARS = 20

_STAGES = {"TAM": "All on file (TAM)", "SAM": "Can be served (SAM)"}


def market_chart(market: pd.DataFrame, accounts: AccountTable, as_of: str) -> Chart:
    """Show the addressable market as a funnel of bars.

    Parameters
    ----------
    market
        As :func:`seglib.collection.market_funnel` counts it.
    accounts, as_of
        For the source line.
    """
    counts = market.set_index("stage")["accounts"]
    target = int(counts["Target list"])
    count = quote("market.parquet:accounts[stage=Target list]", target, ",")
    title = (
        f"{count} accounts in the served market are not customers yet"
        if target
        else "Every account on file in the served market is a customer already"
    )
    figure, (ax,) = new_figure(title, height=2.6)
    stages = list(reversed(market["stage"].tolist()))
    values = [int(counts[s]) for s in stages]
    colors = [palette().accent if s == "Target list" else palette().neutral for s in stages]
    ax.barh([_STAGES.get(s, s) for s in stages], values, color=colors, height=0.62)
    for y, value in enumerate(values):
        ax.text(value, y, f" {value:,}", va="center", fontsize=10, color=palette().ink)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_xlim(0, max(values) * 1.14 or 1)
    said = ", ".join(f"{stage} {int(counts[stage]):,}" for stage in market["stage"])
    return Chart(
        figure,
        "addressable-market",
        alt=f"Bars of the addressable market in accounts: {said}.",
        caption="Addressable market, in accounts on file. Target list: prospects and former "
        "customers that can be served. " + source_line("accounts", len(accounts.frame), as_of),
    )


def missing_chart(quality: pd.DataFrame, accounts: AccountTable, as_of: str) -> Chart | None:
    """Show the share missing of each variable that is missing at all; None where nothing is."""
    gaps = quality[quality["missing"] > 0].sort_values("missing", ascending=False)
    if gaps.empty:
        return None
    shown = gaps.head(_MOST_BARS).iloc[::-1]
    worst = gaps.iloc[0]
    bases = gaps[gaps["role"] == "base"]
    most = quote("most_missing", worst["missing"], percent)
    title = f"'{worst['label']}' is missing most often: for {most} of the customers"
    figure, (ax,) = new_figure(title, height=1.2 + 0.26 * len(shown))
    colors = [palette().accent if r == "base" else palette().neutral for r in shown["role"]]
    ax.barh(shown["label"], shown["missing"], color=colors, height=0.62)
    for y, value in enumerate(shown["missing"]):
        text = f" {100 * value:.0f} %" if value >= 0.005 else " < 1 %"
        ax.text(value, y, text, va="center", fontsize=9, color=palette().ink)
    ax.set_xlim(0, min(1.12, shown["missing"].max() * 1.18))
    ax.xaxis.set_major_formatter(lambda v, _: f"{100 * v:.0f} %")
    grid(ax)
    n = len(accounts.customers.frame)
    return Chart(
        figure,
        "missing-values",
        alt=f"Bars of the share of customers without a value: {len(gaps)} variables have gaps, "
        f"{len(bases)} of them segmentation variables; the largest is {worst['label']} with "
        f"{most}.",
        caption="Share of customers without a value; segmentation variables in blue. "
        + source_line("account table", n, as_of),
    )
