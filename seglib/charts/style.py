"""The look of every figure: one palette, direct labels, a title that states the claim."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from seglib.knowledge import load_knowledge
from seglib.quotes import bare, quote

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class Palette(BaseModel):
    """Colours of the report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    segments: tuple[str, ...]
    neutral: str
    accent: str
    ink: str
    muted: str
    grid: str


@cache
def palette() -> Palette:
    """Return the palette, from ``palette.yaml``.

    Examples
    --------
    >>> len(palette().segments)
    10
    """
    return load_knowledge(Path(__file__).with_name("palette.yaml"), Palette)


def segment_color(segment: int) -> str:
    """Colour of a segment; the same one everywhere. Segments count from 1, 0 is 'no segment'.

    Examples
    --------
    >>> segment_color(0) == palette().neutral
    True
    """
    colors = palette().segments
    return palette().neutral if segment < 1 else colors[(segment - 1) % len(colors)]


def new_figure(
    title: str, *, width: float = 7.2, height: float = 3.6, columns: int = 1, rows: int = 1
) -> tuple[Figure, list[Axes]]:
    """Make a figure in the house style, without pyplot (nothing is shown or kept by itself).

    Parameters
    ----------
    title
        The claim, a sentence; wrapped over the figure's width.
    width, height
        In inches.
    columns, rows
        Panels.

    Returns
    -------
    tuple of Figure and list of Axes
        Axes row by row.
    """
    import textwrap

    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    axes = figure.subplots(rows, columns, squeeze=False)
    figure.set_label(title)  # with the names of its figures, for the words around the picture
    wrapped = textwrap.fill(bare(title), int(width * 11.5))
    figure.suptitle(wrapped, x=0.01, ha="left", fontsize=12, fontweight="bold", color=palette().ink)
    for ax in axes.flat:
        plain(ax)
    return figure, list(axes.flat)


def plain(ax: Axes) -> None:
    """Take away what carries no data."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(palette().grid)
    ax.tick_params(colors=palette().muted, labelsize=9, length=0)
    ax.xaxis.label.set_color(palette().muted)
    ax.yaxis.label.set_color(palette().muted)
    ax.set_axisbelow(True)


def grid(ax: Axes, axis: str = "x") -> None:
    """Draw thin lines to read values off one axis."""
    ax.grid(True, axis=axis, color=palette().grid, linewidth=0.6)  # type: ignore[arg-type]


def source_line(source: str, n: int, as_of: str) -> str:
    """Write the line under a figure: source, number of accounts, date.

    Examples
    --------
    >>> bare(source_line("orders", 1234, "2026-09-30"))
    'Source: orders; n = 1,234 accounts; as of 2026-09-30.'
    """
    day = f"; as of {as_of}" if as_of else ""
    return f"Source: {source}; n = {quote('n', n, ',')} accounts{day}."


def listed(words: Sequence[str], link: str = "and") -> str:
    """Join words as a person would.

    Examples
    --------
    >>> listed(["price", "service", "speed"])
    'price, service and speed'
    """
    head, last = list(words[:-1]), list(words[-1:])
    return f" {link} ".join([", ".join(head), *last] if head else last)


def printable(text: str) -> str:
    """Leave out control characters: no SVG may hold them, and a terminal would obey them.

    Examples
    --------
    >>> printable("\\x1b[31mred\\tone\\n")
    '[31mred\\tone\\n'
    """
    return _CONTROLS.sub("", text)


def spaced(text: str) -> str:
    """Write every percentage the same way, with a space that no line breaks at.

    Examples
    --------
    >>> spaced("12% of 5 %") == "12\\xa0% of 5\\xa0%"
    True
    """
    return re.sub(r"(?<=\d)[ \u202f]?%", "\N{NO-BREAK SPACE}%", text)
