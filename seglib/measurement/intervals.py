"""Lifts, counts and shrinkage: what a figure of a small segment can bear."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar
from scipy.special import betaln, gammaincinv, gammaln

from seglib.intervals import Floats, wilson


def _floats(*values: ArrayLike) -> list[Floats]:
    return [np.asarray(value, dtype=np.float64) for value in values]


def newcombe(
    hits1: ArrayLike, n1: ArrayLike, hits0: ArrayLike, n0: ArrayLike
) -> tuple[Floats, Floats]:
    """Return the 95 % interval of a difference of two rates (first minus second).

    Notes
    -----
    Newcombe's hybrid score interval (1998, method 10): the Wilson bounds of both rates, combined.

    Examples
    --------
    >>> low, high = newcombe(56, 70, 48, 80)
    >>> round(float(low), 4), round(float(high), 4)
    (0.0524, 0.3339)
    """
    x1, m1, x0, m0 = _floats(hits1, n1, hits0, n0)
    rate1, rate0 = x1 / np.where(m1 > 0, m1, np.nan), x0 / np.where(m0 > 0, m0, np.nan)
    (low1, high1), (low0, high0) = wilson(x1, m1), wilson(x0, m0)
    lift = rate1 - rate0
    low = lift - np.hypot(rate1 - low1, high0 - rate0)
    return low, lift + np.hypot(high1 - rate1, rate0 - low0)


def poisson_bounds(count: ArrayLike) -> tuple[Floats, Floats]:
    """Return the exact 95 % interval of the mean of a Poisson count (Garwood 1936).

    Examples
    --------
    >>> low, high = poisson_bounds(10)
    >>> round(float(low), 2), round(float(high), 2)
    (4.8, 18.39)
    """
    (number,) = _floats(count)
    low = np.where(number > 0, gammaincinv(np.maximum(number, 1e-9), 0.025), 0.0)
    return low, np.asarray(gammaincinv(number + 1, 0.975))


def shrink_rates(successes: ArrayLike, trials: ArrayLike) -> Floats:
    """Shrink rates toward the whole, the more the fewer trials are under them.

    Parameters
    ----------
    successes, trials
        One number a segment.

    Returns
    -------
    ndarray
        Posterior means; the whole's rate where a segment has no trials, NaN where none has any.

    Notes
    -----
    Beta-binomial empirical Bayes: the mean of the beta distribution is the pooled rate, its
    precision maximises the likelihood of the segments' counts (between 1 and 10⁶ trials).

    Examples
    --------
    >>> shrink_rates([1, 40, 60], [2, 100, 100]).round(2).tolist()
    [0.5, 0.43, 0.57]
    """
    hits, n = _floats(successes, trials)
    if n.sum() <= 0:
        return np.full(n.shape, np.nan)
    mean = hits.sum() / n.sum()
    if mean in (0.0, 1.0):
        return np.full(n.shape, mean)

    def surprise(log_precision: float) -> float:
        a, b = mean * np.exp(log_precision), (1 - mean) * np.exp(log_precision)
        return -float((betaln(hits + a, n - hits + b) - betaln(a, b)).sum())

    weight = _best(surprise)
    return (hits + weight * mean) / (n + weight)


def shrink_counts(counts: ArrayLike, exposure: ArrayLike) -> Floats:
    """Shrink rates of counts (a count for each unit of exposure) toward the whole.

    Parameters
    ----------
    counts, exposure
        One number a segment; exposure such as money or account-months.

    Returns
    -------
    ndarray
        Posterior mean rates; the whole's where a segment has no exposure.

    Notes
    -----
    Gamma-Poisson empirical Bayes: the mean of the gamma distribution is the pooled rate, its shape
    maximises the likelihood of the segments' counts.

    Examples
    --------
    >>> shrink_counts([0, 5, 20], [10, 100, 100]).round(3).tolist()
    [0.078, 0.061, 0.187]
    """
    count, size = _floats(counts, exposure)
    if size.sum() <= 0:
        return np.full(size.shape, np.nan)
    mean = count.sum() / size.sum()
    if mean == 0:
        return np.zeros(size.shape)

    def surprise(log_shape: float) -> float:
        a = np.exp(log_shape)
        rate = a / mean
        fit = gammaln(count + a) - gammaln(a) + a * np.log(rate) - (count + a) * np.log(size + rate)
        return -float(fit.sum())

    shape = _best(surprise)
    return (count + shape) / (size + shape / mean)


def shrink_means(means: ArrayLike, variances: ArrayLike) -> Floats:
    """Shrink means toward the whole, by their sampling variances.

    Parameters
    ----------
    means, variances
        One number a segment: the mean and the variance *of the mean*; NaN where it has none.

    Returns
    -------
    ndarray
        Posterior means; the whole's where a segment has no variance of its own.

    Notes
    -----
    Normal-normal empirical Bayes; the variance between segments by the method of moments
    (DerSimonian & Laird 1986).

    Examples
    --------
    >>> shrink_means([10.0, 20.0, 30.0], [100.0, 1.0, 1.0]).round(1).tolist()
    [18.6, 20.1, 29.9]
    """
    value, variance = _floats(means, variances)
    known = np.isfinite(value) & np.isfinite(variance) & (variance > 0)
    if not known.any():
        return value.copy()
    weight, own = 1 / variance[known], value[known]
    pooled = np.average(own, weights=weight)
    excess = (weight * (own - pooled) ** 2).sum() - (len(own) - 1)
    scale = weight.sum() - (weight**2).sum() / weight.sum()
    between = max(excess / scale, 0.0) if scale > 0 else 0.0
    middle = np.average(own, weights=1 / (variance[known] + between))
    trust = np.where(known, between / (between + np.where(known, variance, 1.0)), 0.0)
    return middle + trust * (np.where(known, value, middle) - middle)


def _best(surprise: Callable[[float], float]) -> float:
    """The precision with the least surprise, searched on its logarithm."""
    found = minimize_scalar(surprise, bounds=(0.0, np.log(1e6)), method="bounded")
    return float(np.exp(found.x))
