"""Gamma-Gamma: what a purchase of each customer is worth, shrunk toward what is usual."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from seglib.collection.value.likelihood import maximise

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class GammaGamma:
    """Values of a customer's purchases are Gamma(p, ν), their ν Gamma(q, γ).

    Source: Fader & Hardie (2013), The Gamma-Gamma model of monetary value. It supposes that value
    and number of purchases are independent; see :func:`fit_gamma_gamma`.

    Attributes
    ----------
    p, q, gamma
        Parameters; ``gamma`` has the unit of money.
    """

    p: float
    q: float
    gamma: float

    def mean_value(self, count: Floats, mean: Floats) -> Floats:
        """Expected value of a purchase, given the number of purchases and their mean.

        Examples
        --------
        >>> GammaGamma(6.25, 3.74, 15.44).mean_value(np.array([2.0]), np.array([22.35])).round(2)
        array([24.66])
        """
        return self.p * (self.gamma + count * mean) / (self.p * count + self.q - 1)


def fit_gamma_gamma(count: Floats, mean: Floats) -> GammaGamma:
    """Fit by maximum likelihood.

    Parameters
    ----------
    count
        Purchases of each customer, at least one.
    mean
        Mean value of these purchases, positive.

    Raises
    ------
    DataError
        When the likelihood has no finite maximum.
    """
    scale = float(np.median(mean))
    n, z = count, mean / scale

    def log_likelihood(parameters: Floats) -> float:
        p, over, gamma = parameters
        q = 1 + over  # below 1 the mean value is infinite
        logs = gammaln(p * n + q) - gammaln(p * n) - gammaln(q) + q * np.log(gamma)
        logs = logs + (p * n - 1) * np.log(z) + p * n * np.log(n)
        return float((logs - (p * n + q) * np.log(gamma + n * z)).sum())

    p, over, gamma = maximise(log_likelihood, np.array([2.0, 1.0, 1.0]), model="Gamma-Gamma")
    return GammaGamma(float(p), float(1 + over), float(gamma * scale))
