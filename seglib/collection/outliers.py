"""Outliers: values far outside the rest, on the plain and on the logarithmic scale."""

from __future__ import annotations

import pandas as pd

_FENCE = 3.0  # interquartile ranges beyond the quartiles: Tukey's far-out fence


def fences(low: float, high: float) -> tuple[float, float] | None:
    """Limits beyond which a value is an outlier.

    Parameters
    ----------
    low, high
        Quartiles of the values.

    Returns
    -------
    tuple of float and float, or None
        Tukey's far-out fences (three interquartile ranges beyond the quartiles); for positive
        quartiles those on the logarithmic scale where they are wider, so that a skewed amount is
        not a list of outliers. None where the quartiles are equal or not known.

    Examples
    --------
    >>> fences(10, 20)
    (-20.0, 160.0)
    >>> fences(5, 5) is None
    True
    """
    if pd.isna(low) or pd.isna(high) or high <= low:
        return None
    below, above = low - _FENCE * (high - low), high + _FENCE * (high - low)
    if low > 0:
        ratio = (high / low) ** _FENCE
        below, above = min(below, low / ratio), max(above, high * ratio)
    return float(below), float(above)


def count_outliers(values: pd.Series) -> int:
    """Count the values beyond the :func:`fences` of their own quartiles; missing ones do not count.

    Examples
    --------
    >>> count_outliers(pd.Series([1.0, 2, 3, 4, 5, None, 1e6]))
    1
    """
    known = values.dropna()
    if known.empty:
        return 0
    limits = fences(float(known.quantile(0.25)), float(known.quantile(0.75)))
    return int(((known < limits[0]) | (known > limits[1])).sum()) if limits else 0
