"""Are the components of a mixture apart, or do several describe one bent or skewed cloud?

Between two normal components all peaks and troughs of their joint density lie on the ridgeline
(Ray & Lindsay 2005). Where the lowest point on it is nearly as high as the lower peak there is no
gap, and the two are one group (Hennig 2010, *Methods for merging Gaussian mixture components*).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.metrics.cluster import contingency_matrix

from seglib.clustering.gaussian import GaussianFit
from seglib.clustering.mixture import FloatArray, IntArray

TROUGH = 0.9  # height of a trough over the lower peak from which on it is no gap
STEPS = 41


def gap_groups(mixture: GaussianFit) -> IntArray:
    """Put together the components without a gap between them: group of each, from 0.

    Examples
    --------
    >>> fit = GaussianFit("tied", np.ones(3) / 3, np.array([[0.0], [2.0], [30.0]]),
    ...                   np.ones((3, 1, 1)), np.zeros(1, dtype=int), 0.0)
    >>> gap_groups(fit).tolist()
    [0, 0, 1]
    """
    components = len(mixture.weights)
    joined = np.eye(components, dtype=bool)
    for i, j in combinations(range(components), 2):
        pair = [i, j]
        parts = mixture.means[pair], mixture.covariances[pair], mixture.weights[pair]
        joined[i, j] = trough(*parts) > TROUGH
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def kept_whole(groups: IntArray, labels: IntArray) -> float:
    """Share of the rows that are in the segment in which most of their group is.

    Parameters
    ----------
    groups
        Group of each row.
    labels
        Its segment; 0 where it has none. A partition that only joins groups gives 1.

    Examples
    --------
    >>> kept_whole(np.array([0, 0, 1, 1, 2, 2]), np.array([1, 1, 1, 1, 2, 2]))
    1.0
    >>> kept_whole(np.array([0, 0, 1, 1, 2, 2]), np.array([1, 2, 2, 2, 1, 1]))
    0.8333333333333334
    """
    placed = labels > 0
    table = contingency_matrix(groups[placed], labels[placed])
    return float(table.max(axis=1).sum() / len(labels)) if placed.any() else 0.0


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
