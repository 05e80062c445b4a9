"""Are the components of a mixture apart, or do several describe one bent or skewed cloud?

Between two normal components all peaks and troughs of their joint density lie on the ridgeline
(Ray & Lindsay 2005). Where the lowest point on the highest way between two peaks is nearly as high
as the lower peak there is no gap, and the two are one group (Hennig 2010, *Methods for merging
Gaussian mixture components*). A gap that the mixture has and the rows have not is none either:
see :mod:`seglib.clustering.valley`.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from scipy.sparse.csgraph import connected_components
from sklearn.metrics.cluster import contingency_matrix

from seglib.clustering.gaussian import GaussianFit
from seglib.clustering.mixture import BoolArray, FloatArray, IntArray
from seglib.clustering.valley import AGAINST, along, gap_evidence, projected, two_answers

TROUGH = 0.9  # height of a trough over the lower peak from which on it is no gap
STEPS = 41
CLIMB = 200
TINY = 0.02  # share of the rows under which distant rows are no group


def gap_groups(
    mixture: GaussianFit, X: FloatArray | None = None, axes: FloatArray | None = None
) -> IntArray:
    """Put together the components without a gap between them: group of each, from 0.

    With the rows that the mixture labels (rows × variables, and variable × axis), a gap must be
    there in them too, and be more than that between two answers to one question.

    The density is that of the whole mixture. A component without a peak of its own, such as a wide
    one that describes a few distant rows, belongs to the peak that is reached uphill from its
    mean, and bridges no gap between others.

    Examples
    --------
    >>> fit = GaussianFit("tied", np.ones(3) / 3, np.array([[0.0], [2.0], [30.0]]),
    ...                   np.ones((3, 1, 1)), np.zeros(1, dtype=int), 0.0)
    >>> gap_groups(fit).tolist()
    [0, 0, 1]
    """
    density = _Density(mixture)
    peaks = density.uphill(mixture.means)
    height = density.log(peaks)
    low = np.full((len(peaks), len(peaks)), -np.inf)  # lowest point of the highest way between two
    np.fill_diagonal(low, height)
    for i, j in combinations(range(len(peaks)), 2):
        straight = peaks[i] + np.linspace(0.0, 1.0, STEPS)[:, None] * (peaks[j] - peaks[i])
        ways = straight, density.ridge(i, j)
        low[i, j] = low[j, i] = max(float(density.log(way).min()) for way in ways)
    for between in range(len(peaks)):
        low = np.maximum(low, np.minimum(low[:, [between]], low[[between]]))
    joined = low - np.minimum(height[:, None], height) > np.log(TROUGH)
    if X is not None and axes is not None:
        joined |= _not_in_rows(mixture, X, axes, density.main(peaks), joined)
    groups = connected_components(joined, directed=False)[1]
    return _without_tiny(np.asarray(groups, dtype=np.int64), mixture.weights, low)


def _not_in_rows(
    mixture: GaussianFit, X: FloatArray, axes: FloatArray, main: IntArray, joined: BoolArray
) -> BoolArray:
    """Component × component: whether the rows lack the gap between the two.

    Parameters
    ----------
    mixture
        The mixture.
    X, axes
        The rows that it labels, and the axes along which it does.
    main
        The component that makes the peak of each component.
    joined
        Whether the density has no gap between the two.
    """
    missing = np.zeros_like(joined)
    parts = mixture.weights, mixture.means, mixture.covariances
    share = np.bincount(main, mixture.weights, len(main)) / mixture.weights.sum()
    for i, j in combinations(np.unique(main), 2):
        if joined[i, j] or min(share[i], share[j]) < TINY:  # too few rows to be counted
            continue
        axis, own = along(*parts, (i, j)), np.isin(main, [i, j])
        first, second = (X[main[mixture.labels] == peak] for peak in (i, j))
        places = np.vstack([first, second]) @ axes @ axis
        ends = mixture.means[[i, j]] @ axis
        evidence = gap_evidence(places, projected(axis, *parts, own), *ends)
        missing[i, j] = evidence < AGAINST or two_answers(first, second, axes @ axis)
    return missing


def _without_tiny(groups: IntArray, weights: FloatArray, low: FloatArray) -> IntArray:
    """Give groups of very few rows, the smallest first, to the group with the highest way there."""
    share = np.bincount(groups, weights) / weights.sum()
    while share.size > 1 and share.min() < TINY:
        tiny = groups == share.argmin()
        nearest = np.where(tiny, -np.inf, low[tiny].max(axis=0)).argmax()
        groups = np.unique(np.where(tiny, groups[nearest], groups), return_inverse=True)[1]
        share = np.bincount(groups, weights) / weights.sum()
    return groups


class _Density:
    """The density of a mixture, its peaks and its ridges."""

    def __init__(self, mixture: GaussianFit) -> None:
        self.means = mixture.means
        self.precisions = np.linalg.inv(mixture.covariances)
        self.spread = np.sqrt(np.einsum("cpp->cp", mixture.covariances).mean(axis=0))
        self.constants = np.log(np.maximum(mixture.weights, 1e-300))
        self.constants = self.constants + 0.5 * np.linalg.slogdet(self.precisions)[1]

    def _each(self, points: FloatArray) -> FloatArray:
        away = points[:, None] - self.means
        distance = np.einsum("ncp,cpq,ncq->nc", away, self.precisions, away, optimize=True)
        return self.constants - 0.5 * distance

    def log(self, points: FloatArray) -> FloatArray:
        """Logarithm of the density, up to a constant."""
        return np.asarray(np.logaddexp.reduce(self._each(points), axis=1))

    def uphill(self, points: FloatArray) -> FloatArray:
        """Where points arrive that go uphill (modal EM: Li, Ray & Lindsay 2007)."""
        pulls = np.einsum("cpq,cq->cp", self.precisions, self.means)
        for _ in range(CLIMB):
            each = self._each(points)
            share = np.exp(each - np.logaddexp.reduce(each, axis=1)[:, None])
            precision = np.einsum("nc,cpq->npq", share, self.precisions)
            before, points = points, np.linalg.solve(precision, (share @ pulls)[..., None])[..., 0]
            if np.allclose(points, before, rtol=0.0, atol=1e-4 * self.spread):
                break
        return points

    def main(self, peaks: FloatArray) -> IntArray:
        """The component with the largest share of the density at each peak."""
        return np.asarray(self._each(peaks).argmax(axis=1), dtype=np.int64)

    def ridge(self, i: int, j: int) -> FloatArray:
        """The ridgeline between two components."""
        a = np.linspace(0.0, 1.0, STEPS)[:, None, None]
        first, second = self.precisions[i], self.precisions[j]
        pull = (1 - a) * (first @ self.means[i])[:, None] + a * (second @ self.means[j])[:, None]
        return np.asarray(np.linalg.solve((1 - a) * first + a * second, pull)[..., 0])


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
