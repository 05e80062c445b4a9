"""Intervals of shares and corrections for many tests, the same in every step."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

Z = 1.959963984540054
"""Two-sided 95 % point of the normal distribution."""


def wilson(successes: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """Return the 95 % Wilson score interval of shares; NaN without trials.

    Parameters
    ----------
    successes, trials
        Counts; scalars or arrays that broadcast.

    Returns
    -------
    tuple of ndarray
        Lower and upper bounds.

    Notes
    -----
    Wilson (1927), computed by statsmodels; the bounds are exactly 0 and 1 where the share is.

    Examples
    --------
    >>> low, high = wilson(3, 10)
    >>> round(float(low), 3), round(float(high), 3)
    (0.108, 0.603)
    """
    from statsmodels.stats.proportion import proportion_confint

    hits, n = np.broadcast_arrays(_floats(successes), _floats(trials))
    some = n > 0
    low, high = np.full(n.shape, np.nan), np.full(n.shape, np.nan)
    if some.any():
        low[some], high[some] = proportion_confint(hits[some], n[some], method="wilson")
    return np.where(some & (hits == 0), 0.0, low), np.where(some & (hits == n), 1.0, high)


def holm(p: ArrayLike) -> Floats:
    """Adjust p-values for their number by Holm's step-down method; NaN stays NaN.

    Notes
    -----
    Holm (1979), over the values that are not missing: the i-th smallest of m is multiplied by
    m − i + 1, and none is less than one before it.

    Examples
    --------
    >>> holm([0.01, 0.04, float("nan"), 0.03]).tolist()
    [0.03, 0.06, nan, 0.06]
    """
    values = _floats(p)
    adjusted = np.full(values.shape, np.nan)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[np.argsort(values[tested], kind="stable")]
    factors = np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(values[order] * factors), 1.0)
    return adjusted


def _floats(values: ArrayLike) -> Floats:
    return np.asarray(values, dtype=np.float64)
