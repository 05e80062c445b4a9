"""What the figures of step 04 share: safe text, segment rows, heat maps."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seglib.charts.style import grid, palette
from seglib.profiling.wording import short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

Names = Mapping[int, str]
"""Names of the segments by number."""


def safe(text: str) -> str:
    """Make a text safe to draw: a dollar sign starts no formula."""
    return text.replace("$", r"\$")


def drawn(text: str, width: int = 0) -> str:
    """Make a text from data safe to draw, cut at 90 letters, and wrap it.

    Examples
    --------
    >>> print(drawn("$ & Co of the far north", 12))
    \\$ & Co of
    the far
    north
    """
    line = short(text, 90)
    lines = textwrap.wrap(line, width) if width else [line]
    return safe("\n".join(lines))


def segment_rows(ax: Axes, segments: Sequence[int], names: Names) -> None:
    """Label the rows of an axis with the segments, the first on top."""
    labels = [drawn(names[s], 26) for s in segments]
    ax.set_yticks(range(len(segments)), labels, fontsize=9, color=palette().ink)
    ax.set_ylim(len(segments) - 0.4, -0.7)
    grid(ax)


def percent_axis(ax: Axes) -> None:
    """Count an axis in percent, from 0."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    ax.margins(x=0.06)
    ax.set_xlim(left=0)
    ax.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %", decimals=0))


def heat_map(
    ax: Axes, wide: pd.DataFrame, texts: pd.DataFrame, names: Names, *, low: float, high: float,
    colors: Sequence[str],
) -> None:  # fmt: skip
    """Draw a table as colours and figures: rows on the left, segments on top; missing is blank.

    Parameters
    ----------
    ax
        Where it is drawn.
    wide
        Rows × segments.
    texts
        What is written into each cell.
    names
        Names of the segments.
    low, high, colors
        The scale's ends and the colours that it runs through.
    """
    import seaborn as sns
    from seaborn.utils import relative_luminance

    scale = _color_scale(*colors)
    sns.heatmap(
        wide, ax=ax, cmap=scale, vmin=low, vmax=high, annot=texts.to_numpy(), fmt="", cbar=False,
        annot_kws={"fontsize": 8.5},
    )  # fmt: skip
    values = wide.to_numpy()[wide.notna().to_numpy()]
    for text, place in zip(ax.texts, (values - low) / (high - low), strict=True):
        # seaborn turns to white too early for the contrast that small figures need
        text.set_color("white" if relative_luminance(scale(place)) < 0.2 else palette().ink)
    rows = [drawn(str(row), 46) for row in wide.index]
    heads = [drawn(names[int(s)], 15) for s in wide.columns]
    ax.set_yticks(np.arange(len(rows)) + 0.5, rows, fontsize=8.5, color=palette().ink, rotation=0)
    ax.set_xticks(np.arange(len(heads)) + 0.5, heads, fontsize=8.5, color=palette().ink)
    ax.xaxis.tick_top()
    ax.set_xlabel("")
    ax.set_ylabel("")


def _color_scale(*colors: str) -> Colormap:
    """Make a scale of colours that runs through these."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("-".join(colors), list(colors))
