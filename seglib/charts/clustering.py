"""Figures of step 03: what preprocessing does, candidates compared; the others stand beside."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import Locator, MaxNLocator
from scipy.stats import skew

from seglib.charts.clustering_borders import gorge_chart, shadow_chart
from seglib.charts.clustering_levels import slsa_chart, slsw_chart
from seglib.charts.clustering_profile import segment_profile_chart
from seglib.charts.clustering_shape import neighbours_chart, separation_chart
from seglib.charts.clustering_stability import stability_chart, strength_chart
from seglib.charts.importance import importance_chart
from seglib.charts.style import new_figure, palette, source_line
from seglib.clustering.decision import METHOD_LABELS
from seglib.clustering.preprocessing import NumberStep, Preprocessing
from seglib.clustering.scorecard import CRITERIA
from seglib.collection import AccountTable
from seglib.exhibits import Chart
from seglib.quotes import quote

__all__ = [
    "gorge_chart",
    "importance_chart",
    "neighbours_chart",
    "scorecard_chart",
    "segment_profile_chart",
    "separation_chart",
    "shadow_chart",
    "slsa_chart",
    "slsw_chart",
    "stability_chart",
    "strength_chart",
    "transformation_chart",
]

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
        f"A logarithm brings the skewness of {quote('variables', len(taken))} variables from "
        f"{quote('before', np.median([s.skewness for s in shown]), '.1f')} to "
        f"{quote('after', np.median(list(after.values())), '.1f')} (median of those shown)",
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
    best = scorecard.to_dict("index")[chosen]
    gap, method = _gap(scorecard, fit, chosen), METHOD_LABELS[str(best["method"])]
    k = quote("decision.json:k", best["k"])
    score = quote("decision.json:score", best["score"], ".2f")
    figure, (ax,) = new_figure(
        f"{k} segments by {method} score {score} of 1; {gap}", height=1.5 + 0.3 * len(rows)
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
        f"{method} with {k} segments, score {score}; {gap}.",
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
    return f"the next best is {quote('gap', abs(gap), '.2f')} {'lower' if gap > 0 else 'higher'}"


def _heat(figure: Figure, ax: Axes, values: np.ndarray) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    plain_shades = LinearSegmentedColormap.from_list(
        "score", ["#ffffff", "#dce8f5", palette().accent]
    )
    shades = plain_shades.with_extremes(bad="#f3f4f6")
    ax.imshow(np.ma.masked_invalid(values), cmap=shades, vmin=0, vmax=1, aspect="auto")
    for y, row in enumerate(values):
        for x, value in enumerate(row):
            text = "–" if np.isnan(value) else f"{value:.2f}"
            color = "white" if value > 0.85 else palette().ink
            ax.text(x, y, text, ha="center", va="center", fontsize=9, color=color)
    ax.spines[:].set_visible(False)
