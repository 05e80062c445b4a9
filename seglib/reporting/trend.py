"""Small trend lines as SVG, drawn with the colour of the text around them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from markupsafe import Markup

WIDTH, HEIGHT, EDGE = 160, 36, 4
"""Size of the picture and the free edge inside it, in pixels."""

_SVG = Markup(
    '<svg class="trend" role="img" aria-label="{}" viewBox="0 0 {} {}" width="{}" height="{}">'
    '<polyline points="{}" fill="none" stroke="currentColor" stroke-width="1.5"/>'
    '<circle cx="{}" cy="{}" r="3" fill="currentColor"/></svg>'
)


def trend(label: str, values: Sequence[float], shown: Callable[[float], str]) -> Markup:
    """Draw how a figure went from run to run; empty where there are fewer than two values.

    The vertical axis runs from the smallest to the largest value, so a line tells the direction
    and not the size of a change; the words beside it tell the size.

    Parameters
    ----------
    label
        What the figure is, for those who hear the page.
    values
        One a run, the earliest first.
    shown
        Writes a value for a person.

    Examples
    --------
    >>> 'aria-label="Customers in 3 runs: from 10 to 30, lowest 10, highest 30"' in trend(
    ...     "Customers", [10, 20, 30], "{:.0f}".format)
    True
    >>> trend("Customers", [10], "{:.0f}".format)
    Markup('')
    """
    if len(values) < 2:
        return Markup("")
    low, high = min(values), max(values)
    points = [
        (
            EDGE + (WIDTH - 2 * EDGE) * number / (len(values) - 1),
            HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * ((v - low) / (high - low) if high > low else 0.5),
        )
        for number, v in enumerate(values)
    ]
    said = (
        f"{label} in {len(values)} runs: from {shown(values[0])} to {shown(values[-1])}, "
        f"lowest {shown(low)}, highest {shown(high)}"
    )
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    x, y = points[-1]
    return _SVG.format(said, WIDTH, HEIGHT, WIDTH, HEIGHT, line, f"{x:.1f}", f"{y:.1f}")
