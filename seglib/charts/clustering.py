"""Figures of step 03: what preprocessing does, stability beside its nulls, candidates compared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Locator, MaxNLocator
from scipy.stats import skew

from seglib.charts.style import grid, new_figure, palette, segment_color, source_line
from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.preprocessing import NumberStep, Preprocessing
from seglib.clustering.scorecard import CRITERIA
from seglib.clustering.verdict import Verdict
from seglib.collection import AccountTable
from seglib.exhibits import Chart

_MOST_PANELS = 4


def transformation_chart(
    preprocessing: Preprocessing, accounts: AccountTable, as_of: str
) -> Chart | None:
    """Show the most skewed variables before and after the logarithm; None where none is taken."""
    taken = [s for s in preprocessing.steps if isinstance(s, NumberStep) and s.unit is not None]
    if not taken:
        return None
    shown = sorted(taken, key=lambda s: -s.skewness)[:_MOST_PANELS]
    after = {s.variable: float(skew(s.values(accounts.frame)[:, 0], bias=False)) for s in shown}
    figure, axes = new_figure(
        f"A logarithm brings the skewness of {len(taken)} variables from "
        f"{np.median([s.skewness for s in shown]):.1f} to {np.median(list(after.values())):.1f} "
        "(median of those shown)",
        columns=len(shown),
        rows=2,
        height=3.6,
    )
    for column, step in enumerate(shown):
        raw = accounts.frame[step.variable].dropna()
        panels = (raw, pd.Series(step.values(accounts.frame)[:, 0]))
        for row, values in enumerate(panels):
            ax = axes[row * len(shown) + column]
            color = palette().neutral if row == 0 else palette().accent
            ax.hist(values, bins=24, color=color)
            ax.set_yticks([])
            ax.spines["left"].set_visible(False)
            ax.xaxis.set_major_locator(_few_ticks())
            ax.xaxis.set_major_formatter(_short_number)
        axes[column].set_title(accounts.label(step.variable), fontsize=9.5, color=palette().ink)
    axes[0].set_ylabel("as recorded", fontsize=9)
    axes[len(shown)].set_ylabel("after", fontsize=9)
    said = "; ".join(
        f"{accounts.label(s.variable)} from {s.skewness:.1f} to {after[s.variable]:.1f}"
        for s in shown
    )
    return Chart(
        figure,
        "transformation",
        alt=f"Histograms before and after the logarithm. Skewness: {said}.",
        caption="Distributions as recorded (grey) and after logarithm and standardisation (blue). "
        + source_line("account table", len(accounts.frame), as_of),
    )


def _few_ticks() -> Locator:
    return MaxNLocator(3)


def _short_number(value: float, _: object = None) -> str:
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def scorecard_chart(
    scorecard: pd.DataFrame, chosen: int, fit: pd.Series, accounts: AccountTable, as_of: str
) -> Chart:
    """Show the best candidates of each method on the five criteria, as a heat map with numbers.

    Parameters
    ----------
    scorecard
        As :func:`seglib.clustering.evaluate_candidates` measures it.
    chosen
        Row of the chosen candidate.
    fit
        Which rows are defensible.
    accounts, as_of
        For the source line.
    """
    order = scorecard.assign(fit=fit).sort_values(
        ["fit", "score"], ascending=[False, False], kind="stable"
    )
    shown = list(order.index[:12])
    if chosen not in shown:
        shown = [*shown[:11], chosen]
    rows = scorecard.loc[shown]
    values = rows[[*CRITERIA, "score"]].to_numpy(dtype=float)
    best = scorecard.loc[chosen]
    gap, method = _gap(scorecard, fit, chosen), METHOD_LABELS[str(best["method"])]
    figure, (ax,) = new_figure(
        f"{best['k']} segments by {method} score {best['score']:.2f} of 1; {gap}",
        height=1.5 + 0.3 * len(rows),
    )
    _heat(figure, ax, values)
    names = [
        f"{METHOD_LABELS[str(r.method)]}, {r.k}"
        + (" ◀ kept" if i == chosen else "" if fit[i] else " (not defensible)")
        for i, r in zip(rows.index, rows.itertuples(), strict=True)
    ]
    ax.set_yticks(range(len(rows)), names)
    for label, i in zip(ax.get_yticklabels(), rows.index, strict=True):
        label.set_fontweight("bold" if i == chosen else "normal")
        label.set_color(palette().ink if fit[i] else palette().muted)
    ax.set_xticks(range(len(CRITERIA) + 1), [*CRITERIA, "score"], fontsize=8.5)
    ax.xaxis.tick_top()
    return Chart(
        figure,
        "scorecard",
        alt=f"Heat map of {len(rows)} candidates on five criteria. Kept: "
        f"{method} with "
        f"{best['k']} segments, score {best['score']:.2f}; {gap}.",
        caption="Each criterion from 0 to 1, more is better; – could not be measured. "
        + source_line("candidate segmentations", len(accounts.frame), as_of),
    )


def _gap(scorecard: pd.DataFrame, fit: pd.Series, chosen: int) -> str:
    others = scorecard.loc[fit & (scorecard.index != chosen), "score"]
    if others.empty or pd.isna(others.max()):
        return "no other candidate is defensible"
    gap = float(scorecard.loc[chosen, "score"] - others.max())
    if abs(gap) < 0.02:
        return "another answer is as good"
    return f"the next best is {abs(gap):.2f} {'lower' if gap > 0 else 'higher'}"


def _heat(figure: Figure, ax: Axes, values: np.ndarray) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    shades = LinearSegmentedColormap.from_list("score", ["#ffffff", "#dce8f5", palette().accent])
    shades.set_bad("#f3f4f6")
    ax.imshow(np.ma.masked_invalid(values), cmap=shades, vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            text = "–" if np.isnan(value) else f"{value:.2f}"
            color = "white" if value > 0.85 else palette().ink
            ax.text(x, y, text, ha="center", va="center", fontsize=9, color=color)
    ax.spines[:].set_visible(False)


def shadow_chart(assignments: pd.DataFrame, as_of: str) -> Chart:
    """Show how far the accounts of each segment lie from its border.

    Parameters
    ----------
    assignments
        ``segment`` and ``shadow`` of each account: 0 at the centroid, 1 on the border with the
        next segment.
    as_of
        For the source line.
    """
    placed = assignments[(assignments["segment"] > 0) & assignments["shadow"].notna()]
    labels, shadow = placed["segment"].to_numpy(), placed["shadow"].to_numpy()
    segments = sorted(set(labels.tolist()))
    border = float((shadow > 0.9).mean())
    title = f"{border:.0%} of the accounts lie near a border between two segments"
    figure, (ax,) = new_figure(title, height=1.3 + 0.48 * len(segments))
    rng = np.linspace(0, 1, 41)
    for row, segment in enumerate(segments):
        inside = shadow[labels == segment]
        counts, _ = np.histogram(inside, bins=rng)
        height = counts / max(counts.max(), 1) * 0.8
        base = len(segments) - 1 - row
        ax.fill_between(
            (rng[:-1] + rng[1:]) / 2, base, base + height, step="mid", color=segment_color(segment)
        )
        ax.text(
            1.02, base + 0.25, f"median {np.median(inside):.2f}", fontsize=9, color=palette().muted
        )
    ticks = [len(segments) - 1 - r + 0.25 for r in range(len(segments))]
    ax.set_yticks(ticks, [f"Segment {s}" for s in segments])
    ax.axvline(0.9, color=palette().muted, linewidth=0.8, linestyle="--")
    ax.set_xlim(0, 1.2)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 0.9, 1], ["0\ncore", ".25", ".5", ".75", ".9", "1\nborder"])
    medians = ", ".join(f"segment {s} {np.median(shadow[labels == s]):.2f}" for s in segments)
    return Chart(
        figure,
        "shadow",
        alt=f"Distributions of the shadow value per segment; medians: {medians}. "
        f"{border:.0%} of the accounts lie above 0.9, near a border.",
        caption="Shadow value: twice the distance to the own centroid over the sum of the "
        "distances to the two nearest. " + source_line("assignments", len(labels), as_of),
    )


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
    above = table[table["above_permuted"]]
    if above.empty:
        title = "No number of segments is more stable than noise"
    else:
        best = above.sort_values("excess").iloc[-1]
        title = (
            f"{best['k']:.0f} segments rise furthest above noise: stability {best['stability']:.2f}"
            f" against {best['stability'] - best['excess']:.2f}"
        )
    figure, (ax,) = new_figure(title, height=3.8)
    bands = (("permute", palette().neutral, "noise"), ("copula", "#b98a2f", "noise, correlated"))
    ends: list[tuple[float, float, str, str]] = []
    for how, color, label in bands:
        low, high = table[f"{how}_low"], table[f"{how}_high"]
        ax.fill_between(table["k"], low, high, color=color, alpha=0.28, linewidth=0)
        last = len(table) - 1
        middle = float((low + high)[last] / 2)
        ends.append((middle, float(table["k"][last]), label, color))
    errors = (
        table["stability"] - table["lower_quartile"],
        table["upper_quartile"] - table["stability"],
    )
    ax.errorbar(
        table["k"], table["stability"], yerr=errors, color=palette().accent, marker="o", capsize=3
    )
    known = table["stability"].notna()
    if known.any():
        last = int(np.flatnonzero(known)[-1])
        end = float(table["stability"][last]), float(table["k"][last])
        ends.append((*end, "data", palette().accent))
    _end_labels(ax, ends)
    for k in table["k"][~known]:
        ax.text(k, 0.02, "not\ncertified", ha="center", fontsize=8, color=palette().muted)
    ax.set_xticks(table["k"])
    ax.set_xlim(table["k"].min() - 0.3, table["k"].max() + 1.3)
    ax.set_ylim(min(0.0, float(table[["permute_low", "copula_low"]].min().min())), 1.03)
    ax.set_xlabel("number of segments")
    ax.set_ylabel("adjusted Rand index")
    grid(ax, "y")
    said = "; ".join(
        f"k = {row['k']}: {row['stability']:.2f}"
        + (" above noise" if row["above_permuted"] else " not above noise")
        for row in table[known].to_dict("records")
    )
    return Chart(
        figure,
        "stability",
        alt=f"Median stability of k-means per number of segments beside two noise bands. {said}.",
        caption="Median and quartiles over pairs of bootstrap samples (line), and the 95 % band of "
        "null twins: every column permuted (grey), correlations kept (ochre). "
        + source_line(verdict.stability.sentence().rstrip("."), len(accounts.frame), as_of),
    )


def _end_labels(ax: Axes, ends: Sequence[tuple[float, float, str, str]]) -> None:
    """Name each line at its end, from the lowest up, none nearer than a line of text."""
    lowest = -np.inf
    for y, x, label, color in sorted(ends):
        lowest = max(y, lowest + 0.075)
        ax.text(x + 0.12, lowest, label, fontsize=9, color=color, va="center")
