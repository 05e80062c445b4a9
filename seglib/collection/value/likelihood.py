"""Maximum likelihood over positive parameters."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from seglib.errors import DataError

Floats = NDArray[np.float64]

_BOUND = 8.0
"""Logarithm of the largest parameter. Beyond it a model stands at its limit (customers who are all
alike) and changes no forecast any more, while the functions in it lose their digits."""


def maximise(log_likelihood: Callable[[Floats], float], start: Floats, *, model: str) -> Floats:
    """Find the positive parameters of the highest log-likelihood.

    Parameters
    ----------
    log_likelihood
        Of an array of positive parameters.
    start
        Where to begin.
    model
        Name, for the error.

    Raises
    ------
    DataError
        When the likelihood has no finite maximum.

    Notes
    -----
    Parameters stay between e⁻⁸ and e⁸, in units of the order of the data's own.
    Nelder–Mead on the logarithms, begun again at its own result until nothing is gained: it needs
    no gradient, and the likelihoods of these models are flat ridges on which gradients stop early.
    """

    def loss(logs: Floats) -> float:
        if np.abs(logs).max() > _BOUND:
            return 1e300
        value = log_likelihood(np.exp(logs))
        return -value if np.isfinite(value) else 1e300

    point, best = np.log(start), np.inf
    options = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000, "maxfev": 4000}
    for _ in range(5):
        found = minimize(loss, point, method="Nelder-Mead", options=options)
        gained, point, best = best - found.fun, found.x, found.fun
        if gained < 1e-7 * abs(best):
            break
    if best >= 1e299:
        raise DataError(f"the {model} model has no finite likelihood on these data.")
    return np.exp(point)
