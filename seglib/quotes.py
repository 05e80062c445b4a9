"""Figures in sentences that keep their name: what a text says, by which value, from where.

A sentence is written long before it is known which report it will stand in. So a figure in it is
marked in the text itself, by characters that no font draws and no data may hold. Whatever draws
the text takes the marks out (:func:`bare`); what writes HTML turns each into ``<data>``
(:func:`marked_up`), so that a report can be held against its artifacts figure by figure.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import isfinite
from typing import NamedTuple

from markupsafe import Markup, escape

_BEGIN, _THEN, _END = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(
    f"{_BEGIN}([^{_BEGIN}-{_END}]+){_THEN}([^{_BEGIN}-{_END}]*){_THEN}([^{_BEGIN}-{_END}]*){_END}"
)
_LEFT = re.compile(f"[{_BEGIN}-{_END}]")


_MILLION = 1e6


class Quote(NamedTuple):
    """A figure in a sentence.

    Attributes
    ----------
    name
        Of the figure in its exhibit; with a colon in it, where the figure stands in an artifact,
        as :mod:`seglib.reporting.reference` reads it.
    value
        As it was computed.
    text
        As a person reads it.
    """

    name: str
    value: float
    text: str


def quote(name: str, value: float, form: str | Callable[[float], str] = ",.10g") -> str:
    """Write a figure into a sentence so that it keeps its name.

    Parameters
    ----------
    name
        A word that tells the figure from the others of its exhibit, or a reference to an artifact.
    value
        What is written, in the unit of the text; a share where the text has percent.
    form
        A format such as ``".0%"``, or a function that writes the value.

    Examples
    --------
    >>> bare(quote("accuracy", 0.387, ".0%") + " are placed right.")
    '39 % are placed right.'
    >>> quotes_in(quote("accuracy", 0.387, ".0%"))
    [Quote(name='accuracy', value=0.387, text='39 %')]
    """
    text = form(value) if callable(form) else format(value, form)
    text = re.sub(r"(?<=\d)%", " %", text)
    return f"{_BEGIN}{name}{_THEN}{float(value)!r}{_THEN}{text}{_END}" if isfinite(value) else text


def cited(source: str, text: str) -> str:
    """Write words into a sentence that an artifact holds as they are, figures and all.

    Parameters
    ----------
    source
        Artifact and field, such as ``decision.json:warnings``.
    text
        The words.
    """
    return f"{_BEGIN}{source}{_THEN}{_THEN}{bare(text)}{_END}" if text else ""


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
    if abs(value) >= _MILLION:
        return f"{_three(value / _MILLION)} million"
    return _three(value)


def _three(value: float) -> str:
    digits = 3 - len(f"{abs(value):.0f}") if abs(value) >= 1 else 2
    return f"{round(value, digits):,.{max(digits, 0)}f}"


def bare(text: str) -> str:
    """Take the marks out of a text; what a person reads is left."""
    return _LEFT.sub("", _MARK.sub(r"\3", text))


def quotes_in(text: str) -> list[Quote]:
    """List the figures of a text, in the order in which they are read."""
    return [Quote(name, float(value), said) for name, value, said in _MARK.findall(text) if value]


def renamed(text: str, names: Callable[[Quote], str]) -> str:
    """Give each figure of a text another name."""

    def other(mark: re.Match[str]) -> str:
        if not mark[2]:
            return mark[0]
        name = names(Quote(mark[1], float(mark[2]), mark[3]))
        return f"{_BEGIN}{name}{_THEN}{mark[2]}{_THEN}{mark[3]}{_END}"

    return _MARK.sub(other, text)


def figure_html(value: float, source: str, text: str) -> Markup:
    """Write a figure with its value and where it stands."""
    whole = Markup('<data value="{}" data-from="{}">{}</data>')
    return whole.format(f"{value:.10g}", source, text)


def words_html(source: str, text: str) -> Markup:
    """Write words with where they are taken from."""
    return Markup('<span data-from="{}">{}</span>').format(source, text)


def marked_up(text: str) -> Markup:
    """Write a text as HTML: figures that say where they stand as ``<data>``, the others bare.

    Words that are taken over are a ``<span>`` that says from where.

    Examples
    --------
    >>> marked_up("<" + quote("kpis.parquet:|count", 12))
    Markup('&lt;<data value="12" data-from="kpis.parquet:|count">12</data>')
    >>> marked_up(quote("accuracy", 0.387, ".0%"))
    Markup('39 %')
    """
    return Markup("").join(_parts(text))


def _parts(text: str) -> Iterator[Markup]:
    place = 0
    for mark in _MARK.finditer(text):
        yield escape(_LEFT.sub("", text[place : mark.start()]))
        name, value, said = mark.groups()
        if ":" not in name:
            yield escape(said)
        elif value:
            yield figure_html(float(value), name, said)
        else:
            yield words_html(name, said)
        place = mark.end()
    yield escape(_LEFT.sub("", text[place:]))
