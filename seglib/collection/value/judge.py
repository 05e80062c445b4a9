"""Judge foretold values by what came: order, inequality, and the share of the best tenth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

Floats = NDArray[np.float64]


def judge(foretold: Floats, actual: Floats) -> dict[str, float]:
    """Compare foretold with actual values.

    Parameters
    ----------
    foretold, actual
        One value a customer.

    Returns
    -------
    dict of str to float
        ``spearman`` (NaN where one side is constant), ``gini`` (normalised),
        ``top_decile_share`` (of the actual value, by the tenth foretold best) and ``ratio`` of the
        totals, foretold over actual.

    Examples
    --------
    >>> judge(np.arange(20.0), np.arange(20.0))["gini"]
    1.0
    """
    constant = np.ptp(foretold) == 0 or np.ptp(actual) == 0
    total = float(actual.sum())
    return {
        "spearman": float("nan") if constant else float(spearmanr(foretold, actual).statistic),
        "gini": normalised_gini(foretold, actual),
        "top_decile_share": top_decile_share(foretold, actual),
        "ratio": float(foretold.sum()) / total if total else float("nan"),
    }


def normalised_gini(foretold: Floats, actual: Floats) -> float:
    """Gini of the actual values in the foretold order, over that in their own order.

    Returns
    -------
    float
        1 for the right order, about 0 for a random one, -1 for the reverse; NaN where all actual
        values are equal. Ties in the foretold values count as the mean over their orders.

    Examples
    --------
    >>> normalised_gini(np.array([1.0, 2, 3]), np.array([30.0, 20, 10]))
    -1.0
    """
    best = _gini(actual, actual)
    return _gini(foretold, actual) / best if best else float("nan")


def _gini(order: Floats, actual: Floats) -> float:
    _, group = np.unique(order, return_inverse=True)
    mean = np.bincount(group, weights=actual) / np.bincount(group)
    values = np.sort(group)
    spread = mean[values]  # actual values, each tie replaced by its mean
    place = np.arange(1, len(actual) + 1)
    weights = 2 * place - len(actual) - 1
    total = actual.sum()
    return float((weights * spread).sum() / (len(actual) * total)) if total else 0.0


def top_decile_share(foretold: Floats, actual: Floats) -> float:
    """Share of the actual value that the tenth foretold best brought.

    Examples
    --------
    >>> top_decile_share(np.arange(10.0), np.array([1.0] * 9 + [9.0]))
    0.5
    """
    count = max(1, len(foretold) // 10)
    best = np.argsort(-foretold, kind="stable")[:count]
    total = float(actual.sum())
    return float(actual[best].sum()) / total if total else float("nan")
