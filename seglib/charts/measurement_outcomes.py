"""Figures of step 06: retention month by month, and what segments explain of what came next."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.ticker import MaxNLocator

from seglib.charts.style import (
    grid,
    listed,
    new_figure,
    palette,
    segment_color,
    source_line,
)
from seglib.exhibits import Chart, Note
from seglib.measurement import Payoff, Retention
from seglib.measurement.payoff import CONTRACTS, NONE, SEGMENTS, explained, in_text
from seglib.quotes import quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_WORDS = {"contracts": "under contract", "orders": "ordering"}
_TABLES = {"contracts": "subscriptions", "orders": "orders"}


def retention_curves(found: Retention) -> Chart | Note:
    """Show Kaplan-Meier curves by segment, a panel a kind of retention, with intervals at the end.

    Parameters
    ----------
    found
        From :func:`seglib.measurement.retention`.
    """
    if found.summary.empty:
        return found.notes[0]
    kinds = found.kinds
    figure, axes = new_figure(_retention_title(found), height=4.8, columns=len(kinds))
    for ax, kind in zip(axes, kinds, strict=True):
        _curves(ax, found, kind)
    handles, labels = axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower left", frameon=False, fontsize=8.5)
    counted = int(found.summary.loc[found.summary["segment"] == 0, "accounts"].max())
    rules = " ".join(found.rule(kind) for kind in kinds)
    return Chart(
        figure,
        "retention",
        alt=f"Curves of the share of accounts still there since {found.day}. {_ends(found)}",
        caption=f"Kaplan-Meier; bars at the end: 95 % intervals (log-log). {rules} {found.said} "
        + source_line(" and ".join(_TABLES[kind] for kind in kinds), counted, found.until),
    )


def _curves(ax: Axes, found: Retention, kind: str) -> None:
    rows = found.summary[found.summary["kind"] == kind]
    horizon = float(rows["months"].max())
    lowest = 1.0
    for place, row in enumerate(rows.to_dict("records")):
        own = found.curves[
            (found.curves["kind"] == kind) & (found.curves["segment"] == row["segment"])
        ]
        whole = row["segment"] == 0
        x = np.r_[0.0, own["time"], horizon]
        y = np.r_[1.0, own["survival"], row["survival"]]
        color = palette().muted if whole else segment_color(int(row["segment"]))
        label = "\n".join(textwrap.wrap(str(row["name"]), 50, max_lines=2, placeholder="…"))
        line, width = ("--", 1.2) if whole else ("-", 1.9)
        ax.step(x, y, where="post", color=color, label=label, linestyle=line, linewidth=width)
        if not whole:
            at = horizon * (1.01 + 0.022 * place)
            ax.plot([at, at], [row["low"], row["high"]], color=color, linewidth=1.6)
            lowest = min(lowest, float(row["low"]))
    ax.set_ylim(max(lowest - 0.05, 0.0), 1.01)
    ax.set_xlim(0, horizon * 1.15)
    ax.set_xticks(np.arange(0, horizon + 0.5, 3 if horizon > 4 else 1))
    ax.set_xlabel(f"Months since {found.day}")
    ax.yaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.set_title(f"Still {_WORDS[kind]}", loc="left", fontsize=9.5, color=palette().ink)
    grid(ax, "y")


def _retention_title(found: Retention) -> str:
    """State the largest difference where the log-rank test says that segments differ."""
    for kind in sorted(found.kinds, key=lambda k: found.tests[k]):
        rows = found.summary[(found.summary["kind"] == kind) & (found.summary["segment"] > 0)]
        if len(rows) >= 2 and found.tests[kind] < 0.05:
            ranked = rows.sort_values("survival")
            worst, best = ranked.iloc[0], ranked.iloc[-1]
            return (
                f"After {quote('months', rows['months'].max(), '.0f')} months "
                f"{quote('best', best['survival'], '.0%')} of {best['name']} are still "
                f"{_WORDS[kind]}, {quote('worst', worst['survival'], '.0%')} of {worst['name']}"
            )
    return f"Who is still there since {found.day}: no difference between segments is beyond chance"


def _ends(found: Retention) -> str:
    return " ".join(
        f"{row['name']}: {row['survival']:.0%} still {_WORDS[row['kind']]} after "
        f"{row['months']:.0f} months (from {row['low']:.0%} to {row['high']:.0%})."
        for row in found.summary.to_dict("records")
    )


def payoff_by_grouping(found: Payoff) -> Chart | Note:
    """Show what each grouping explains of each outcome, with intervals; a panel an outcome.

    Parameters
    ----------
    found
        From :func:`seglib.measurement.payoff`.
    """
    if found.table.empty:
        return found.notes[0]
    table = found.table[found.table["grouping"] != NONE]
    outcomes = list(dict.fromkeys(table["outcome"]))
    most = int(table.groupby("outcome").size().max())
    figure, axes = new_figure(
        _payoff_title(found.table), height=1.5 + 0.42 * most, columns=len(outcomes)
    )
    bounds = table[["low", "high"]].to_numpy(dtype=float)
    limits = (min(float(np.nanmin(bounds)), 0.0) - 0.02, max(float(np.nanmax(bounds)), 0.0) + 0.02)
    for number, (ax, outcome) in enumerate(zip(axes, outcomes, strict=True)):
        rows = table[table["outcome"] == outcome].reset_index(drop=True)
        _explained(ax, rows, first=number == 0)
        ax.set_xlim(*limits)
    accounts = int(table["accounts"].max())
    return Chart(
        figure,
        "payoff",
        alt=f"Dots of what groupings explain out of sample. {_payoff_said(table)}",
        caption="Explained out of sample, with 95 % intervals; 0 is what no groups explain (thin "
        f"line). {found.said} " + source_line(_judged_by(outcomes), accounts, ""),
    )


def _judged_by(outcomes: Sequence[str]) -> str:
    """Tables that the outcomes were read from."""
    contracts = [outcome == CONTRACTS for outcome in outcomes]
    tables = (["orders"] if not all(contracts) else []) + ["subscriptions"] * any(contracts)
    return listed(tables)


def _explained(ax: Axes, rows: pd.DataFrame, *, first: bool) -> None:
    ax.axvline(0, color=palette().muted, linewidth=0.8, zorder=0)
    for y, row in enumerate(rows.to_dict("records")):
        color = palette().accent if row["grouping"] == SEGMENTS else palette().muted
        ax.plot([row["low"], row["high"]], [y, y], color=color, linewidth=1.8)
        ax.plot(row["explained"], y, "o", color=color, markersize=6)
        text = f"{row['explained']:.1%}"
        ax.annotate(text, (row["explained"], y), (0, 6), textcoords="offset points", ha="center",
                    fontsize=8.5, color=palette().ink)  # fmt: skip
    labels = [f"{r['grouping']} ({r['groups']})" for r in rows.to_dict("records")]
    ax.set_yticks(range(len(rows)), labels if first else [""] * len(rows))
    ax.set_ylim(len(rows) - 0.5, -0.7)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(lambda v, _: f"{v:.0%}")
    ax.set_title(str(rows["outcome"].iloc[0]), loc="left", fontsize=9.5, color=palette().ink)
    ax.set_xlabel(str(rows["measure"].iloc[0]))


def _payoff_title(table: pd.DataFrame) -> str:
    """Say what these segments explain of the outcome in which most comparisons are decided."""
    decided = table[table["verdict"].str.startswith("these segments")]
    if decided.empty:
        return "Of what came next, no grouping is seen to explain more than these segments or less"
    outcome = str(decided["outcome"].value_counts(sort=True).sort_index(kind="stable").idxmax())
    rows = table[table["outcome"] == outcome]
    ours = rows[rows["grouping"] == SEGMENTS].iloc[0]
    said = [f"{outcome}: these segments explain {explained(ours, form='.0%')}"]
    for verdict in ("more", "less"):
        names = rows.loc[rows["verdict"] == f"these segments explain {verdict}", "grouping"]
        if len(names):
            said.append(f"{verdict} than {listed([in_text(name) for name in names])}")
    return ", ".join(said)


def _payoff_said(table: pd.DataFrame) -> str:
    return " ".join(
        f"{row['outcome']}, {row['grouping']}: {row['explained']:.1%} (from {row['low']:.1%} to "
        f"{row['high']:.1%})."
        for row in table.to_dict("records")
    )
