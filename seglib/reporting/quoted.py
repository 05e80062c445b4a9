"""Figures in prose: each carries its value and the artifact that it was read from."""

from __future__ import annotations

from markupsafe import Markup

from seglib.charts.style import spaced

_MILLION = 1e6
_THOUSAND = 1e3


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
    return Markup('<data value="{}" data-from="{}">{}</data>').format(
        f"{value:.10g}", source, text.replace(" ", "\N{NO-BREAK SPACE}")
    )


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
    words = spaced(text)
    return Markup('<span data-from="{}">{}</span>').format(source, words) if text else Markup("")


def percent(share: float) -> str:
    """Write a share in percent, with a decimal only where the rounding would hide it.

    Examples
    --------
    >>> percent(0.314), percent(0.004)
    ('31 %', '0.4 %')
    """
    return f"{100 * share:.{1 if 0 < share < 0.01 else 0}f} %"


def amount(value: float) -> str:
    """Write an amount as a person says it, with three digits.

    Examples
    --------
    >>> [amount(v) for v in (80450596.98, 412345.6, 1234.5, 12.34)]
    ['80.5 million', '412,000', '1,230', '12.3']
    """
    size = abs(value)
    if size >= _MILLION:
        return f"{_three(value / _MILLION)} million"
    return _three(value)


def _three(value: float) -> str:
    digits = 3 - len(f"{abs(value):.0f}") if abs(value) >= 1 else 2
    rounded = round(value, digits)
    return f"{rounded:,.{max(digits, 0)}f}"


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
