"""Power of a test of two rates: what it can see, and how many accounts it needs."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


def detectable_lift(
    base_rate: ArrayLike,
    treated: ArrayLike,
    held_out: ArrayLike,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
) -> Floats:
    """Return the smallest lift that a two-sided test of two rates sees with the stated power.

    Parameters
    ----------
    base_rate
        Conversion rate of the accounts held out.
    treated, held_out
        Accounts in the cells.
    power, alpha
        Of the test.

    Returns
    -------
    ndarray
        In points of the rate; NaN where a cell is empty or even a rate of 1 would not be seen.

    Notes
    -----
    Cohen's arcsine effect size, ``h = 2 asin √p₁ − 2 asin √p₀``, with the normal approximation;
    the same as ``NormalIndPower`` of statsmodels with ``proportion_effectsize``.

    Examples
    --------
    >>> round(float(detectable_lift(0.10, 500, 500)), 4)
    0.0591
    """
    n1, n0 = np.asarray(treated, dtype=float), np.asarray(held_out, dtype=float)
    base = np.asarray(base_rate, dtype=float)
    with np.errstate(divide="ignore"):
        effect = (ndtri(1 - alpha / 2) + ndtri(power)) * np.sqrt(1 / n1 + 1 / n0)
    angle = np.arcsin(np.sqrt(base)) + effect / 2
    reached = np.sin(np.minimum(angle, np.pi / 2)) ** 2
    return np.asarray(np.where(angle <= np.pi / 2, reached - base, np.nan))


def accounts_needed(
    base_rate: float, lift: float, *, hold_out: float, power: float = 0.8, alpha: float = 0.05
) -> int:
    """Return how many accounts, both cells together, a test needs to see a lift.

    Parameters
    ----------
    base_rate, lift
        Rate of the accounts held out, and what the touch adds to it.
    hold_out
        Share of the accounts held out.
    power, alpha
        Of the test.

    Examples
    --------
    >>> accounts_needed(0.10, 0.0591, hold_out=0.5)
    1002
    """
    top = min(base_rate + lift, 1.0)
    effect = 2 * (np.arcsin(np.sqrt(top)) - np.arcsin(np.sqrt(base_rate)))
    size = ((ndtri(1 - alpha / 2) + ndtri(power)) / effect) ** 2 / (hold_out * (1 - hold_out))
    return int(np.ceil(size))
