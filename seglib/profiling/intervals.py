"""Means with intervals, and random numbers of their own for every piece of work."""

from __future__ import annotations

from zlib import crc32

import numpy as np
from scipy import special, stats

from seglib.intervals import Floats, Z
from seglib.quotes import quote

_DRAWS = 1000


def generator(seed: int, *parts: str | int) -> np.random.Generator:
    """Make a generator of its own for one piece of work, so that no other piece moves it.

    Examples
    --------
    >>> bool(generator(7, "a").random() == generator(7, "a").random() != generator(7, "b").random())
    True
    """
    return np.random.default_rng([seed, *(crc32(str(part).encode()) for part in parts)])


def mean_interval(values: Floats, rng: np.random.Generator) -> tuple[float, float]:
    """Return the 95 % interval of a mean.

    Parameters
    ----------
    values
        Without missing values.
    rng
        Used for 10 to 1,000 values only.

    Returns
    -------
    tuple of float
        NaN for fewer than two values.

    Notes
    -----
    The bias-corrected and accelerated bootstrap (Efron 1987) respects the skew of revenues. Under
    10 values it is too narrow, over 1,000 it agrees with Student's t: both take the t interval.

    Examples
    --------
    >>> low, high = mean_interval(np.arange(100.0), np.random.default_rng(1))
    >>> bool(low < 49.5 < high)
    True
    """
    n = len(values)
    if n < 2:
        return float("nan"), float("nan")
    mean, deviation = float(values.mean()), float(values.std(ddof=1))
    if deviation <= 1e-12 * abs(mean):
        return mean, mean
    if n < 10 or n > 1000:
        half = float(stats.t.ppf(0.975, n - 1)) * deviation / n**0.5
        return mean - half, mean + half
    return _bca(values, rng)


def _bca(values: Floats, rng: np.random.Generator) -> tuple[float, float]:
    n = len(values)
    mean = values.mean()
    draws = values[rng.integers(n, size=(_DRAWS, n))].mean(axis=1)
    below = ((draws < mean).sum() + 0.5 * (draws == mean).sum()) / _DRAWS
    shift = special.ndtri(np.clip(below, 1 / _DRAWS, 1 - 1 / _DRAWS))
    away = values - mean
    acceleration = (away**3).sum() / (6 * (away**2).sum() ** 1.5)
    points = shift + np.array([-Z, Z])
    levels = special.ndtr(shift + points / (1 - acceleration * points))
    low, high = np.quantile(draws, levels)
    return float(low), float(high)


def p_text(p: float, name: str = "") -> str:
    """Write a p-value as a paper would; in a sentence, under a name that it is quoted by.

    Examples
    --------
    >>> p_text(0.0002), p_text(0.0312)
    ('p < 0.001', 'p = 0.031')
    """
    if p < 0.001:
        return "p < 0.001"
    return f"p = {quote(name, p, '.2g')}" if name else f"p = {p:.2g}"
