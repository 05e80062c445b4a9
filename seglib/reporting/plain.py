"""What an executive does not read of a sentence: test statistics, p-values, coefficients."""

from __future__ import annotations

import re

_LESS = r"(?:<|&lt;)"
_VALUE = r"(?:<data [^>]*>)?-?\d[\d.]*(?:e-?\d+)?(?:</data>)?"
_P = rf"(?:adjusted )?\bp (?:=|{_LESS}) {_VALUE}(?:, Holm)?"
_COEFFICIENT = rf"(?:ε²|V|kappa|r) = ?{_VALUE}|kappa {_VALUE}"

_STATISTICS = (
    # a bracket that begins with an effect size or a p-value says nothing else
    re.compile(rf"\s\((?:{_COEFFICIENT}|{_P})[^()]*\)"),
    re.compile(r"\s\([^()]*adjusted Rand index[^()]*\)"),
    # where to write what is missing: a word for those who edit the study
    re.compile(r"\s\(measurement: previous_run\)"),
    # one of several facts in a bracket
    re.compile(r"(?<=\()balanced accuracy; "),
    re.compile(rf"[;,] (?:{_COEFFICIENT}|{_P})(?=[);,])"),
)


def without_statistics(html: str) -> str:
    """Leave test statistics out of the sentences of a fragment; what they say stands in words.

    Intervals stay: they tell how sure a figure is in the figure's own unit.

    Parameters
    ----------
    html
        Escaped text with its tags.

    Examples
    --------
    >>> without_statistics("Most in May (1,116 events in 3 years; adjusted p &lt; 0.001).")
    'Most in May (1,116 events in 3 years).'
    >>> without_statistics("They differ strongly in size (ε² = 0.61, 95 % from 0.5 to 0.7).")
    'They differ strongly in size.'
    """
    for statistics in _STATISTICS:
        html = statistics.sub("", html)
    return html
