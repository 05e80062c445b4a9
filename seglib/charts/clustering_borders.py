"""Figures of step 03: how sharp the borders of the kept segments are."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from seglib.charts.clustering_parts import TWINS, segment_name, told
from seglib.charts.clustering_shape import ALONE, source_of
from seglib.charts.style import new_figure, palette, segment_color, source_line
from seglib.clustering.shape import BORDER, Shape, gorge
from seglib.exhibits import Chart, Note
from seglib.quotes import quote

Floats = NDArray[np.float64]

_CLEAR = 2 / 3  # similarity from which an account is said to belong clearly to a segment
_BINS = 30


def gorge_chart(shape: Shape, as_of: str, *, sqrt: bool = False) -> Chart | Note:
    """Show how alike all accounts are to each segment: a gorge where the segment stands apart.

    Parameters
    ----------
    shape
        From :func:`seglib.clustering.shape.shape_of`.
    as_of
        For the source line.
    sqrt
        Plot the square root of the similarity, as flexclust's shipped code does.
    """
    count = len(shape.segments)
    if count < 2:
        return Note(ALONE, "missing")
    values = gorge(shape.X, shape.centers, sqrt=sqrt)
    placed = shape.labels > 0
    place = np.searchsorted(shape.segments, shape.labels[placed])
    clear = float((values[placed][np.arange(len(place)), place] >= _CLEAR).mean())
    title = (
        f"{quote('clear', clear, '.0%')} of the accounts belong clearly to their segment "
        "(similarity of ⅔ or more)"
    )
    columns = min(count, 4)
    rows = -(-count // columns)
    figure, axes = new_figure(title, columns=columns, rows=rows, height=0.9 + 1.75 * rows)
    bins = np.linspace(0, 1, _BINS + 1)
    for ax in axes[count:]:
        ax.set_axis_off()
    for ax, column, segment in zip(axes, values.T, shape.segments, strict=False):
        own = shape.labels == segment
        parts = [column[own], column[~own]]
        ax.hist(
            parts, bins=bins.tolist(), stacked=True, color=[segment_color(segment), palette().grid]
        )
        ax.set_title(f"{segment_name(segment)}, {own.sum():,}", fontsize=9.5, color=palette().ink)
        ax.set_yticks([])
        ax.spines["left"].set_visible(False)
        ax.set_xlim(0, 1)
        ax.set_xticks([0, 0.5, 1], ["0", ".5", "1"])
    label = "square root of the similarity" if sqrt else "similarity"
    figure.supxlabel(f"{label} of all {len(shape.X):,} accounts to the segment", fontsize=9,
                     color=palette().muted)  # fmt: skip
    means = "; ".join(
        f"segment {s}: own accounts {column[shape.labels == s].mean():.2f}, others "
        f"{column[shape.labels != s].mean():.2f}"
        for s, column in zip(shape.segments, values.T, strict=True)
    )
    return Chart(
        figure,
        "gorge",
        alt=f"{title}. Mean similarity by segment: {means}.",
        caption=told(
            "Each panel holds all accounts: those of the segment in its colour, all others grey. "
            "Two peaks with a gorge between them: the segment stands apart; one slope: it shades "
            f"into the rest. {shape.basis}",
            "the more segments there are, the lower every similarity; compare panels of one "
            "figure, not figures of different numbers of segments.",
            source_line(source_of(shape), len(shape.X), as_of),
        ),
    )


def shadow_chart(
    assignments: pd.DataFrame, as_of: str, noise: pd.DataFrame | None = None
) -> Chart | Note:
    """Show how far the accounts of each segment lie from its border.

    Parameters
    ----------
    assignments
        ``segment`` and ``shadow`` of each account: 0 at the centroid, 1 on the border with the
        next segment.
    as_of
        For the source line.
    noise
        Band of the share near a border in null twins: ``how``, ``low``, ``high``.
    """
    placed = assignments[(assignments["segment"] > 0) & assignments["shadow"].notna()]
    if placed.empty:
        return Note(ALONE, "missing")
    segments = sorted(set(placed["segment"].tolist()))
    border = float((placed["shadow"] > BORDER).mean())
    near = f"{quote('near_border', border, '.0%')} of the accounts lie"
    title = f"{near} near a border{_beside_noise(border, noise)}"
    figure, (ax,) = new_figure(title, height=1.5 + 0.48 * len(segments))
    for row, segment in enumerate(segments):
        inside = placed.loc[placed["segment"] == segment, "shadow"].to_numpy()
        _ridge(ax, len(segments) - 1 - row, inside, segment_color(segment))
    ticks = [len(segments) - 1 - r + 0.25 for r in range(len(segments))]
    ax.set_yticks(ticks, [segment_name(s) for s in segments])
    ax.axvline(BORDER, color=palette().muted, linewidth=0.8, linestyle="--")
    ax.set_xlim(0, 1.2)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 0.9, 1], ["0\ncore", ".25", ".5", ".75", ".9", "1\nborder"])
    ax.get_xticklabels()[-1].set_horizontalalignment("left")  # clear of .9 on a phone
    middle = placed.groupby("segment")["shadow"].median()
    medians = ", ".join(f"segment {s} {middle[s]:.2f}" for s in segments)
    return Chart(
        figure,
        "shadow",
        alt=f"Distributions of the shadow value per segment; medians: {medians}. "
        f"{near} above {BORDER:g}, near a border. {_noise_words(noise)}".strip(),
        caption=told(
            "Shadow value: twice the distance to the nearest centre over the sum of the distances "
            "to the two nearest.",
            "with many variables all distances grow alike, so values near 1 are common even where "
            f"segments stand apart; what noise gives is the measure. {_noise_words(noise)}".strip(),
            source_line("assignments", len(placed), as_of),
        ),
    )


def _beside_noise(border: float, noise: pd.DataFrame | None) -> str:
    """Say whether that is fewer than in noise, of the kind that comes nearest."""
    if noise is None or noise.empty:
        return " between two segments"
    if border < noise["low"].min():
        return ", fewer than in noise"
    return ", as many as in noise" if border <= noise["high"].max() else ", more than in noise"


def _noise_words(noise: pd.DataFrame | None) -> str:
    if noise is None or noise.empty:
        return ""
    bands = [
        f"{quote(f'{how}_low', low, '.0%')} to {quote(f'{how}_high', high, '.0%')} ({TWINS[how]})"
        for how, low, high in noise[["how", "low", "high"]].itertuples(index=False)
    ]
    return f"In null twins by the same steps {' and '.join(bands)} lie there."


def _ridge(ax: Axes, base: int, values: Floats, color: str) -> None:
    """Draw one distribution on its line, with its median."""
    bins = np.linspace(0, 1, 41)
    counts, _ = np.histogram(values, bins=bins)
    height = counts / max(int(counts.max()), 1) * 0.8
    ax.fill_between((bins[:-1] + bins[1:]) / 2, base, base + height, step="mid", color=color)
    median = f"median {np.median(values):.2f}"
    ax.text(1.02, base + 0.25, median, fontsize=9, color=palette().muted)
