"""What the figures of step 03 share: bands of noise, tints, names, captions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from seglib.charts.style import palette

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

NOISE = (("permute", palette().neutral, "noise"), ("copula", "#b98a2f", "noise, correlated"))
"""Kinds of null twin, each with its colour and its name."""

TWINS = {"permute": "every column permuted", "copula": "correlations kept"}
"""What is done to the data in each kind of null twin."""

_COLOURS = {"permute": "grey", "copula": "ochre"}


def bands(hows: Iterable[str] = tuple(TWINS)) -> str:
    """Name the bands of noise that a figure draws; some methods have one kind of twin only.

    Examples
    --------
    >>> bands(["permute"])
    '95 % band of null twins: every column permuted (grey)'
    """
    drawn = set(hows)
    told = [f"{what} ({_COLOURS[how]})" for how, what in TWINS.items() if how in drawn]
    return f"95 % band of null twins: {', '.join(told)}"


def told(shows: str, misread: str, source: str) -> str:
    """Write a caption: what is shown, how it is misread, where it comes from."""
    return f"{shows} Easily misread: {misread} {source}"


def tint(color: str, strength: float) -> str:
    """Mix a colour with white.

    Examples
    --------
    >>> tint("#1f5fa8", 1.0), tint("#1f5fa8", 0.0)
    ('#1f5fa8', '#ffffff')
    """
    from matplotlib.colors import to_hex, to_rgb

    rgb = np.array(to_rgb(color))
    return str(to_hex(tuple(1.0 - float(np.clip(strength, 0, 1)) * (1.0 - rgb))))


def ink_on(color: str) -> str:
    """Colour of text that can be read on a colour.

    Examples
    --------
    >>> ink_on("#bd1f01"), ink_on("#ffa90e") == palette().ink
    ('white', True)
    """
    from matplotlib.colors import to_rgb

    linear = np.power(to_rgb(color), 2.2)
    return "white" if float(linear @ (0.2126, 0.7152, 0.0722)) < 0.18 else palette().ink


def segment_name(segment: int) -> str:
    """Name a segment before it has a name of its own."""
    return f"Segment {segment}"


def variable_name(text: str, width: int) -> str:
    """Cut a name from data in its middle, for many differ at the end; a dollar starts no formula.

    Examples
    --------
    >>> variable_name("Share of lines ordered online in 2025", 20)
    'Share of lin…in 2025'
    """
    words = " ".join(text.split())
    if len(words) > width:
        tail = (width - 1) * 2 // 5
        words = f"{words[: width - 1 - tail]}…{words[-tail:]}"
    return words.replace("$", r"\$")


def shade_band(ax: Axes, how: str, x: ArrayLike, low: ArrayLike, high: ArrayLike) -> None:
    """Shade the band of one kind of null twin."""
    color = next(color for kind, color, _ in NOISE if kind == how)
    ax.fill_between(x, low, high, color=color, alpha=0.28, linewidth=0)


def end_labels(
    ax: Axes, ends: Sequence[tuple[float, float, str, str]], *, apart: float = 0.075
) -> None:
    """Name each line at its end, from the lowest up, none nearer than a line of text.

    Parameters
    ----------
    ax
        Where it is drawn.
    ends
        Height, place, text and colour of each.
    apart
        Height of a line of text.
    """
    lowest = -np.inf
    for y, x, label, color in sorted(ends):
        lowest = max(y, lowest + apart)
        ax.text(x + 0.12, lowest, label, fontsize=9, color=color, va="center")


def not_certified(ax: Axes, x: float, y: float) -> None:
    """Say that a figure is withheld."""
    ax.text(x, y, "not\ncertified", ha="center", va="bottom", fontsize=8, color=palette().muted)
