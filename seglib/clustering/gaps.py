"""Are the components of a mixture apart, or do several describe one bent or skewed cloud?

Between two normal components all peaks and troughs of their joint density lie on the ridgeline
(Ray & Lindsay 2005). Where the lowest point on it is nearly as high as the lower peak there is no
gap, and the two are one group (Hennig 2010, *Methods for merging Gaussian mixture components*).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.sparse.csgraph import connected_components

from seglib.clustering.covariances import component_moments
from seglib.clustering.mixture import FloatArray, IntArray, Mixtures, fit_best

TROUGH = 0.9  # height of a trough over the lower peak from which on it is no gap
STEPS = 41


def gap_groups(
    X: FloatArray,
    covariance: str,
    labels: IntArray,
    *,
    floor: FloatArray,
) -> int:
    """Count the groups of rows with gaps between them, in a mixture fitted to all rows.

    Parameters
    ----------
    X
        Rows × variables.
    covariance
        The mixture's covariance structure.
    labels
        Start × row: partitions to start from, of which the best fit is taken.
    floor
        Added to the variances of each variable, in units of its own variance.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> start = np.repeat([0, 1, 2], 50)
    >>> X = np.array([0.0, 2.0, 30.0])[start, None] + rng.standard_normal((150, 1))
    >>> gap_groups(X, "tied", start[None], floor=np.array([1e-2]))
    2
    """
    spread = X.std(axis=0)
    data = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    everything = np.ones((1, len(data)), dtype=bool)
    model = Mixtures(covariance, data, everything, floor)
    components = int(labels.max()) + 1
    share = fit_best(model, [start[None] for start in labels], components).share[0]
    count, means, matrices = component_moments(covariance, data, share, floor)
    joined = np.eye(components, dtype=bool)
    for i, j in combinations(range(components), 2):
        pair = [i, j]
        joined[i, j] = trough(means[pair], matrices[pair], count[pair]) > TROUGH
    return int(connected_components(joined, directed=False)[0])


def trough(means: FloatArray, covariances: FloatArray, weights: FloatArray) -> float:
    """Lowest density between two normal components, over the lower of their two peaks.

    Parameters
    ----------
    means
        2 × variable.
    covariances
        2 × variable × variable.
    weights
        Sizes of the two.

    Examples
    --------
    >>> one = np.ones((2, 1, 1))
    >>> trough(np.array([[0.0], [2.0]]), one, np.ones(2))  # two deviations apart: one peak
    1.0
    >>> round(trough(np.array([[0.0], [4.0]]), one, np.ones(2)), 2)
    0.27
    """
    precision = np.linalg.inv(covariances)
    volume = np.linalg.slogdet(covariances)[1]
    heights = []
    for a in np.linspace(0.0, 1.0, STEPS):
        pull = (1 - a) * precision[0], a * precision[1]
        point = np.linalg.solve(pull[0] + pull[1], pull[0] @ means[0] + pull[1] @ means[1])
        away = point - means
        distance = np.einsum("cp,cpq,cq->c", away, precision, away)
        heights.append(np.logaddexp.reduce(np.log(weights) - 0.5 * (volume + distance)))
    line = np.array(heights)
    peak = np.minimum(np.maximum.accumulate(line), np.maximum.accumulate(line[::-1])[::-1])
    return float(np.exp((line - peak).min()))
