"""Tests of each segment against all others: rates, costs, and figures with a variance."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from seglib.intervals import Floats


def score_test(hits1: ArrayLike, n1: ArrayLike, hits0: ArrayLike, n0: ArrayLike) -> Floats:
    """Return the two-sided p of the score test of two equal rates (χ² without correction).

    Notes
    -----
    Two rates of 0 (or of 1) give 1; an empty side gives NaN.

    Examples
    --------
    >>> score_test([5, 0], [10, 3], [5, 0], [20, 4]).round(4).tolist()
    [0.1709, 1.0]
    """
    x1, m1, x0, m0 = (np.asarray(v, dtype=np.float64) for v in (hits1, n1, hits0, n0))
    filled = (m1 > 0) & (m0 > 0)
    one, zero = np.where(filled, m1, np.nan), np.where(filled, m0, np.nan)
    pooled = (x1 + x0) / (one + zero)
    error = np.sqrt(pooled * (1 - pooled) * (1 / one + 1 / zero))
    lift = x1 / one - x0 / zero
    z = np.where(error > 0, lift / np.where(error > 0, error, 1.0), 0.0)
    return np.where(filled, 2 * ndtr(-np.abs(z)), np.nan)


def rates_against(hits: ArrayLike, trials: ArrayLike) -> Floats:
    """Test the rate of each segment against that of all others, by the score test.

    Examples
    --------
    >>> rates_against([5, 5, 0], [10, 20, 0]).round(4).tolist()
    [0.1709, 0.1709, nan]
    """
    x, n = np.asarray(hits, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    return score_test(x, n, x.sum() - x, n.sum() - n)


def costs_against(conversions: ArrayLike, cost: ArrayLike) -> Floats:
    """Test conversions for money spent of each segment against all others.

    Notes
    -----
    Given all conversions, those of a segment are binomial with its share of the cost: the exact
    conditional test of two Poisson rates (Przyborowski & Wilenski 1940).

    Examples
    --------
    >>> costs_against([9, 1], [50.0, 50.0]).round(4).tolist()
    [0.0215, 0.0215]
    """
    from scipy.stats import binomtest

    count, spent = np.asarray(conversions, dtype=np.float64), np.asarray(cost, dtype=np.float64)
    total, money = count.sum(), spent.sum()
    found = np.full(count.shape, np.nan)
    for i in np.flatnonzero((spent > 0) & (spent < money)):
        if total > 0:
            found[i] = binomtest(round(count[i]), round(total), spent[i] / money).pvalue
    return found


def values_against(values: ArrayLike, variances: ArrayLike) -> Floats:
    """Test each figure against the precision-weighted mean of all others, by the normal test.

    Parameters
    ----------
    values, variances
        One number a segment; NaN where it has none.

    Examples
    --------
    >>> values_against([1.0, 0.0], [0.1, 0.1]).round(4).tolist()
    [0.0253, 0.0253]
    """
    value = np.asarray(values, dtype=np.float64)
    variance = np.asarray(variances, dtype=np.float64)
    known = np.isfinite(value) & np.isfinite(variance) & (variance > 0)
    found = np.full(value.shape, np.nan)
    weight = np.where(known, 1 / np.where(known, variance, 1.0), 0.0)
    for i in np.flatnonzero(known):
        rest = known & (np.arange(len(value)) != i)
        if rest.any():
            mean = np.average(value[rest], weights=weight[rest])
            error = np.sqrt(variance[i] + 1 / weight[rest].sum())
            found[i] = 2 * ndtr(-abs(value[i] - mean) / error)
    return found
