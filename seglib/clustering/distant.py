"""Few rows that lie far from all others: they are set aside before groups are looked for.

A handful of distant rows weighs more in a likelihood than hundreds of others, and takes
components for itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

NEIGHBOUR = 5
FAR_OUT = 3.0  # interquartile ranges above the upper quartile (Tukey 1977: "far out")
FEW = 0.05  # a larger share of the rows is a part of the market


def distant_rows(X: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.bool_]:
    """Mark rows whose fifth nearest neighbour is far off, by Tukey's outer fence on its logarithm.

    Parameters
    ----------
    X
        Rows × variables, ready to be clustered.

    Returns
    -------
    numpy.ndarray
        None is marked where more than 5 % of the rows would be, or where rows repeat so often
        that distances say nothing.

    Examples
    --------
    >>> X = np.append(np.random.default_rng(0).normal(size=(50, 2)), [[30.0, 30.0]], axis=0)
    >>> np.flatnonzero(distant_rows(X)).tolist()
    [50]
    """
    nobody = np.zeros(len(X), dtype=bool)
    if len(X) <= NEIGHBOUR:
        return nobody
    away = NearestNeighbors(n_neighbors=NEIGHBOUR).fit(X).kneighbors()[0][:, -1]
    low, high = np.quantile(away, [0.25, 0.75])
    if low <= 0:
        return nobody
    far = np.log(np.maximum(away, low)) > np.log(high) + FAR_OUT * np.log(high / low)
    return far if far.mean() <= FEW else nobody
