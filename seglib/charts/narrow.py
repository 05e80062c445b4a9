"""Lay a figure out for a phone, where that leaves it legible."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.text import Text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

WIDTH = 4.2
"""In inches: so wide, the texts of a figure can be read on a phone."""

_ABREAST = 2
_LEAST = 0.9  # width of a panel, inches
_WIDEST = 1.12  # of the width, with what stands outside of the panels: more shrinks the texts
_TOUCH = 1.0  # points by which two texts may reach into each other


@contextmanager
def narrowed(figure: Figure) -> Iterator[bool]:
    """Make a figure narrow for a while; tells whether it can still be read.

    It cannot where texts run into each other or over the edge, or a panel has no room left.

    Parameters
    ----------
    figure
        Its size and its layout are as before afterwards.
    """
    width, height = figure.get_size_inches()
    engine = figure.get_layout_engine()
    figure.set_size_inches(WIDTH, height)
    try:
        yield width > WIDTH and _is_legible(figure)
    finally:
        figure.set_size_inches(width, height)
        figure.set_layout_engine(engine)


def _is_legible(figure: Figure) -> bool:
    grids = [spec for ax in figure.axes if (spec := ax.get_gridspec()) is not None]
    if any(spec.ncols > _ABREAST for spec in grids):
        return False
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # the layout is made: drawing need not make it again
    if any(ax.get_position().width * WIDTH < _LEAST for ax in figure.axes):
        return False
    if figure.get_tightbbox().width > _WIDEST * WIDTH:
        return False
    return not _overlap([text for ax in figure.axes for text in _texts(ax)])


def _texts(ax: Axes) -> Iterator[Text]:
    labels = (text for axis in (ax.xaxis, ax.yaxis) for text in (axis.label, *_ticks(axis)))
    titles = (child for child in ax.get_children() if isinstance(child, Text))
    for text in dict.fromkeys((*ax.texts, *titles, *labels)):
        if text.get_visible() and text.get_text().strip():
            yield text


def _ticks(axis: Axis) -> Iterator[Text]:
    """Labels of the ticks in view; those outside are kept by matplotlib and not drawn."""
    low, high = sorted(axis.get_view_interval())
    for tick in axis.get_major_ticks():
        if low <= tick.get_loc() <= high:
            yield from (tick.label1, tick.label2)


def _overlap(texts: list[Text]) -> bool:
    if len(texts) < 2:
        return False
    boxes = np.array([text.get_window_extent().extents for text in texts])
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    both = (high - low > _TOUCH).all(axis=2)
    np.fill_diagonal(both, False)
    return bool(both.any())
