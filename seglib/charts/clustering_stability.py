"""Figures of step 03: stability for every number of segments, beside what noise reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from seglib.charts.clustering_parts import (
    NOISE,
    bands,
    end_labels,
    not_certified,
    shade_band,
    told,
)
from seglib.charts.style import grid, new_figure, palette, source_line
from seglib.clustering.found_again import FoundAgain
from seglib.clustering.verdict import Verdict
from seglib.collection import AccountTable
from seglib.exhibits import Chart, Note
from seglib.quotes import cited, quote

_COLORS = {how: color for how, color, _ in NOISE}
_READ = (0.8, 0.9)  # from which prediction strength is commonly read as support


def stability_chart(verdict: Verdict, accounts: AccountTable, as_of: str) -> Chart:
    """Show stability per number of segments beside the bands of both null twins.

    Parameters
    ----------
    verdict
        As :func:`seglib.clustering.assess` gives it.
    accounts, as_of
        For the source line.
    """
    table = verdict.table
    figure, (ax,) = new_figure(_stability_claim(table), height=3.9)
    ends = _noise_bands(ax, table)
    errors = (
        table["stability"] - table["lower_quartile"],
        table["upper_quartile"] - table["stability"],
    )
    ax.errorbar(
        table["k"], table["stability"], yerr=errors, color=palette().accent, marker="o", capsize=3
    )
    known = table["stability"].notna()
    beside, shown = table["k"][known] + 0.1, table[known]
    low, high = shown["copula_optimiser_low"], shown["copula_optimiser_high"]
    ax.vlines(beside, low, high, color=_COLORS["copula"], linewidth=1)
    ax.plot(
        beside, table["optimiser"][known], "D", markersize=5,
        markerfacecolor="white", markeredgecolor=palette().ink,
    )  # fmt: skip
    for column, label, color in (
        ("stability", "data", palette().accent), ("optimiser", "search alone", palette().ink)
    ):  # fmt: skip
        if known.any():
            last = int(np.flatnonzero(known)[-1])
            aside = 0.1 if column == "optimiser" else 0.0  # where its marks stand
            ends.append((float(table[column][last]), table["k"][last] + aside, label, color))
    _axes_over_k(ax, table, ends, "adjusted Rand index")
    for k in table["k"][~known]:
        not_certified(ax, k, 0.0)
    said = "; ".join(
        f"k = {row['k']}: {row['stability']:.2f} {_beyond(row)}, search alone "
        f"{row['optimiser']:.2f}"
        for row in table[known].to_dict("records")
    )
    return Chart(
        figure,
        "stability",
        alt=f"Median stability of k-means per number of segments beside two noise bands. {said}.",
        caption=told(
            "Median and quartiles over pairs of bootstrap samples (line); the same accounts "
            "searched again from fresh starts (◇; thin line: 95 % band of the same in twins that "
            "keep the correlations); "
            f"{bands()}.",
            "a high value alone proves nothing, noise reaches it too at few segments; and where ◇ "
            "lies below 1, part of the instability is the search's, not the market's.",
            source_line(
                cited("verdict.json:basis", verdict.stability.sentence().rstrip(".")),
                len(accounts.frame),
                as_of,
            ),
        ),
    )


def _beyond(row: Mapping[Any, Any]) -> str:
    """Say which kinds of noise a stability lies above."""
    if not row["above_permuted"]:
        return "not above noise"
    return "above both kinds of noise" if row["above_copula"] else "within correlated noise"


def _stability_claim(table: pd.DataFrame) -> str:
    """Say where stability is beyond both kinds of noise, else beyond the first, else nowhere."""
    both = table[table["above_permuted"] & table["above_copula"]]
    above = table[table["above_permuted"]] if both.empty else both
    if above.empty:
        return "No number of segments is more stable than noise"
    highs = ["permute_high"] if both.empty else ["permute_high", "copula_high"]
    best = above.iloc[int((above["stability"] - above[highs].max(axis=1)).argmax())]
    high = max(highs, key=best.__getitem__)
    stability, noise = (
        quote(f"verdict.json:per_k.{name}[k={best['k']:.0f}]", best[name], ".2f")
        for name in ("stability", high)
    )
    said = f"{quote('segments', best['k'])} segments: {stability}, noise up to {noise}"
    if both.empty:
        return (
            f"Stability is beyond noise without correlations only (most at {said}); correlation "
            "alone repeats such cuts"
        )
    return f"Stability rises above both kinds of noise most at {said}"


def _noise_bands(ax: Axes, table: pd.DataFrame) -> list[tuple[float, float, str, str]]:
    """Shade both bands; return where their names stand."""
    ends, last = [], len(table) - 1
    for how, color, label in NOISE:
        low, high = table[f"{how}_low"], table[f"{how}_high"]
        shade_band(ax, how, table["k"], low, high)
        ends.append((float((low + high)[last] / 2), float(table["k"][last]), label, color))
    return ends


def _axes_over_k(
    ax: Axes, table: pd.DataFrame, ends: list[tuple[float, float, str, str]], what: str
) -> None:
    end_labels(ax, ends)
    ax.set_xticks(table["k"])
    ax.set_xlim(table["k"].min() - 0.3, table["k"].max() + 1.5)
    lowest = float(table[["permute_low", "copula_low"]].min().min())
    ax.set_ylim(min(0.0, lowest) - 0.02, 1.03)
    ax.set_xlabel("number of segments")
    ax.set_ylabel(what)
    grid(ax, "y")


def strength_chart(found: FoundAgain, as_of: str) -> Chart | Note:
    """Show prediction strength for every number of segments beside both null twins.

    Parameters
    ----------
    found
        From :func:`seglib.clustering.find_again`.
    as_of
        For the source line.
    """
    table = found.strength
    if table.empty:
        return Note("Prediction strength needs at least four accounts that differ.", "missing")
    known = table["certified"].astype(bool)
    title, said = _strength_claim(table[known]), _strength_words(table)
    figure, (ax,) = new_figure(title, height=3.9)
    ends = _noise_bands(ax, table)
    ax.axhspan(*_READ, color=palette().grid, alpha=0.5, linewidth=0)
    right = float(table["k"].max()) + 1.45
    ax.text(right, _READ[0] + 0.05, "often asked for", ha="right", va="center", fontsize=8.5,
            color=palette().muted)  # fmt: skip
    ax.errorbar(
        table["k"][known], table["mean"][known], yerr=table["sd"][known], color=palette().accent,
        marker="o", capsize=3,
    )  # fmt: skip
    if known.any():
        last = table[known].iloc[-1]
        ends.append((float(last["mean"]), float(last["k"]), "data", palette().accent))
    _axes_over_k(ax, table, ends, "prediction strength")
    for k in table["k"][~known]:
        not_certified(ax, k, 0.0)
    split = quote("rows_split", found.rows_split, ",")
    of = "" if found.rows_split == found.rows else f" of a random {split}"
    return Chart(
        figure,
        "prediction_strength",
        alt=f"{title}. Prediction strength of k-means per number of segments: {said}.",
        caption=told(
            "Share of the pairs of the worst segment of one half of the accounts that the other "
            f"half's segments keep together; mean ± standard deviation over halvings; {bands()}.",
            "it judges by the worst segment alone, so one loose segment among many good ones "
            "makes it low.",
            source_line(
                f"k-means on {quote('halvings', found.rounds.splits)} halvings{of}; "
                f"effort {found.effort}",
                found.rows, as_of,
            ),
        ),
    )  # fmt: skip


def _strength_claim(known: pd.DataFrame) -> str:
    above = known[known["mean"] > known[["permute_high", "copula_high"]].max(axis=1)]
    if above.empty:
        return "No number of segments is foretold by half of the accounts better than noise is"
    high = above[["permute_high", "copula_high"]].max(axis=1)
    best = above.assign(top=high).iloc[int((above["mean"] - high).argmax())]
    asked = quote("often_asked_for", _READ[0])
    tail = "" if best["mean"] >= _READ[0] else f" (often asked for: {asked})"
    return (
        f"Half of the accounts foretells {quote('segments', best['k'])} segments beyond noise: "
        f"prediction strength {quote('strength', best['mean'], '.2f')}, "
        f"noise up to {quote('noise_high', best['top'], '.2f')}{tail}"
    )


def _strength_words(table: pd.DataFrame) -> str:
    return "; ".join(
        f"k = {row['k']}: {row['mean']:.2f}, noise up to "
        f"{max(row['permute_high'], row['copula_high']):.2f}"
        if row["certified"]
        else f"k = {row['k']}: not certified"
        for row in table.to_dict("records")
    )
