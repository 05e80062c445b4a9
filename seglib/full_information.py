"""Gaussian mixtures of what was observed: a missing value adds nothing to the likelihood.

Source: Little & Rubin (2019), *Statistical Analysis with Missing Data*, section 11.2 (EM for
incomplete data); with variances apart from covariances the observed-data likelihood of a row is the
product over the values that it has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

Floats = NDArray[np.float64]

_ROUNDS = 300
_LEAST_RISE = 1e-6  # of the log-likelihood, relative
_SMALLEST_SHARE = 1e-9


@dataclass(frozen=True)
class ObservedMixture:
    """A Gaussian mixture with diagonal covariances, fitted to what was observed.

    Attributes
    ----------
    weights, means, variances
        Component; component × variable; component × variable.
    log_likelihood
        Of the rows it was fitted to, at the last step.
    labels
        Most probable component of every row given, from 0.
    """

    weights: Floats
    means: Floats
    variances: Floats
    log_likelihood: float
    labels: NDArray[np.intp]

    def bic(self, rows: int) -> float:
        """Bayesian information criterion; smaller is better."""
        free = self.weights.size - 1 + self.means.size + self.variances.size
        return float(free * np.log(rows) - 2.0 * self.log_likelihood)


def observed_mixture(
    x: Floats,
    start: NDArray[np.integer],
    k: int,
    *,
    floor: Floats | float,
    fit: NDArray[np.bool_] | None = None,
) -> ObservedMixture:
    """Fit by EM from a labelling.

    Parameters
    ----------
    x
        Rows × variables; NaN where nothing was observed.
    start
        Component of each row, from 0.
    k
        Number of components.
    floor
        Smallest variance of each variable: a component that is narrower is a tie.
    fit
        Rows to fit to; all rows get a label.

    Examples
    --------
    >>> x = np.array([[-5.0, np.nan], [-5.2, 1.0], [5.0, 9.1], [np.nan, 8.9], [5.1, np.nan]])
    >>> observed_mixture(x, np.array([0, 0, 1, 1, 1]), 2, floor=0.01).labels.tolist()
    [0, 0, 1, 1, 1]
    """
    used = np.full(len(x), True) if fit is None else fit
    seen, values = ~np.isnan(x), np.nan_to_num(x)
    weight = np.eye(k)[start] * used[:, None]
    before = -np.inf
    for _ in range(_ROUNDS):
        share, mean, variance = _maximise(values, seen, weight, floor)
        logs = log_densities(x, share, mean, variance)
        total = logsumexp(logs, axis=1)
        likelihood = float(total[used].sum())
        if likelihood - before < _LEAST_RISE * abs(likelihood):
            break
        before = likelihood
        weight = np.exp(logs - total[:, None]) * used[:, None]
    return ObservedMixture(share, mean, variance, likelihood, np.argmax(logs, axis=1))


def _maximise(
    values: Floats, seen: NDArray[np.bool_], weight: Floats, floor: Floats | float
) -> tuple[Floats, Floats, Floats]:
    count = weight.T @ seen + _SMALLEST_SHARE
    mean = (weight.T @ values) / count
    square = (weight.T @ values**2) / count
    share = weight.sum(axis=0) + _SMALLEST_SHARE
    return share / share.sum(), mean, np.maximum(square - mean**2, floor)


def log_densities(x: Floats, weights: Floats, means: Floats, variances: Floats) -> Floats:
    """Log of share times density of each row in each component, over what was observed.

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> log_densities(np.array([[np.nan]]), np.ones(1), one, one).tolist()
    [[0.0]]
    """
    seen, values = ~np.isnan(x), np.nan_to_num(x)
    logs = np.empty((len(x), len(weights)))
    for number, weight in enumerate(weights):
        spread = variances[number]
        terms = (values - means[number]) ** 2 / spread + np.log(2 * np.pi * spread)
        logs[:, number] = np.log(weight) - 0.5 * (terms * seen).sum(axis=1)
    return logs
