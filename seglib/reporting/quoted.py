"""Figures in prose: each carries its value and the artifact that it was read from."""

from __future__ import annotations

from markupsafe import Markup

from seglib.charts.style import spaced
from seglib.quotes import figure_html, words_html


def quoted(text: str, value: float, source: str) -> Markup:
    """Write a figure with its value and source, so that a test can hold one against the other.

    Parameters
    ----------
    text
        As a person reads it.
    value
        As the artifact has it.
    source
        Where the value stands, as :mod:`seglib.reporting.reference` reads it.

    Examples
    --------
    >>> quoted("182", 182, "segments.json:accounts[segment=1]")
    Markup('<data value="182" data-from="segments.json:accounts[segment=1]">182</data>')
    """
    return figure_html(value, source, text.replace(" ", "\N{NO-BREAK SPACE}"))


def taken_over(text: str, source: str) -> Markup:
    """Write words that an artifact holds as they are, figures and all; nothing for no words.

    Parameters
    ----------
    text
        The words.
    source
        Artifact and field, such as ``segments.json:traits``; the artifact alone where its words
        stand in several fields.

    Examples
    --------
    >>> taken_over("12% more.", "segments.json:traits")
    Markup('<span data-from="segments.json:traits">12\xa0% more.</span>')
    """
    return words_html(source, spaced(text)) if text else Markup("")


def readable_on(color: str) -> str:
    """Return black or white, whichever is easier to read on a colour (WCAG contrast).

    Examples
    --------
    >>> readable_on("#832db6"), readable_on("#ffa90e")
    ('#ffffff', '#000000')
    """
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    on_white, on_black = 1.05 / (light + 0.05), (light + 0.05) / 0.05
    return "#ffffff" if on_white > on_black else "#000000"
