"""BG/NBD: how often customers without a contract will buy, and whether they still do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, hyp2f1

from seglib.collection.value.likelihood import maximise

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """Purchases are Poisson, rates Gamma(r, α); after each the customer leaves, Beta(a, b).

    Source: Fader, Hardie & Lee (2005), "Counting your customers" the easy way.

    Attributes
    ----------
    r, alpha, a, b
        Parameters; ``alpha`` has the unit of time.
    """

    r: float
    alpha: float
    a: float
    b: float

    def alive(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Chance that each customer still buys.

        Parameters
        ----------
        x
            Repeat purchases.
        t_x
            Time from the first to the last purchase (the recency of this literature).
        age
            Time from the first purchase to now.

        Examples
        --------
        >>> model = BgNbd(0.24, 4.4, 0.8, 2.4)
        >>> x, t_x, age = np.array([0.0, 5.0]), np.array([0.0, 10.0]), np.array([39.0, 39.0])
        >>> model.alive(x, t_x, age).round(2)
        array([1.  , 0.02])
        """
        return 1 / (1 + self._gone(x, t_x, age))

    def purchases(self, x: Floats, t_x: Floats, age: Floats, ahead: float) -> Floats:
        """Expected purchases in the time ahead; arguments as in :meth:`alive`.

        Examples
        --------
        >>> model = BgNbd(0.243, 4.414, 0.793, 2.426)
        >>> model.purchases(np.array([2.0]), np.array([30.43]), np.array([38.86]), 39).round(3)
        array([1.226])
        """
        if ahead <= 0:
            return np.zeros(len(x))
        z = ahead / (self.alpha + age + ahead)
        series = hyp2f1(self.r + x, self.b + x, self.a + self.b + x - 1, z)
        shrink = np.exp((self.r + x) * np.log1p(-z))
        made = (self.a + self.b + x - 1) / (self.a - 1) * (1 - shrink * series)
        return made / (1 + self._gone(x, t_x, age))

    def _gone(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        ratio = np.exp((self.r + x) * np.log((self.alpha + age) / (self.alpha + t_x)))
        return np.where(x > 0, self.a / (self.b + np.maximum(x, 1) - 1) * ratio, 0.0)


def fit_bg_nbd(x: Floats, t_x: Floats, age: Floats) -> BgNbd:
    """Fit by maximum likelihood.

    Parameters
    ----------
    x, t_x, age
        Repeat purchases, time from the first to the last, time from the first to now.

    Raises
    ------
    DataError
        When the likelihood has no finite maximum.
    """
    scale = float(np.mean(age)) / 10 or 1.0
    t, recency = age / scale, t_x / scale

    def log_likelihood(parameters: Floats) -> float:
        r, alpha, a, b = parameters
        known = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + betaln(a, b + x) - betaln(a, b)
        stays = -(r + x) * np.log(alpha + t)
        left = np.log(a) - np.log(b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + recency)
        return float((known + np.where(x > 0, np.logaddexp(stays, left), stays)).sum())

    r, alpha, a, b = maximise(log_likelihood, np.array([1.0, 3.0, 0.5, 3.0]), model="BG/NBD")
    return BgNbd(float(r), float(alpha * scale), float(a), float(b))
