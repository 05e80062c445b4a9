"""Is the gap between two peaks of a mixture there in the rows, or in the model only?

Normal components that follow a bent cloud have troughs between them where the rows have none. So
the rows along the axis that separates two peaks best are counted: those around the trough and
those around the lower peak, and the likelihood of the two counts under the mixture's own shares is
held against that under equal ones, which a cloud without a gap has at most (a likelihood ratio
between two simple hypotheses: Neyman & Pearson 1933). And a scale of few answers has gaps between
all of them: two groups that differ in one answer to one question are none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from seglib.clustering.mixture import BoolArray, FloatArray

STEPS = 201
ONE_COLUMN = 0.9  # share of the squared distance that one column holds
ONE_ANSWER = 0.75  # share of a group's rows that have the same value
AGAINST = -1.0  # evidence from which on a gap is not believed: no gap is e times as likely


@dataclass(frozen=True)
class Normals:
    """Normal components along one axis: their sizes, means and deviations."""

    weights: FloatArray
    means: FloatArray
    deviations: FloatArray

    def density(self, points: FloatArray) -> FloatArray:
        """Density at each point, up to a constant."""
        z = (points[:, None] - self.means) / self.deviations
        return np.asarray((self.weights * norm.pdf(z) / self.deviations).sum(axis=1))

    def mass(self, center: float, reach: float) -> float:
        """Share of the rows so near to a place."""
        low, high = ((center + s * reach - self.means) / self.deviations for s in (-1, 1))
        return float((self.weights * (norm.cdf(high) - norm.cdf(low))).sum())


def gap_evidence(rows: FloatArray, model: Normals, first: float, second: float) -> float:
    """How far the rows bear out the gap that a mixture has between two of its means.

    Parameters
    ----------
    rows
        Places of the rows of both peaks along the axis between them.
    model
        The components of both peaks along that axis.
    first, second
        Where the two peaks' main components lie.

    Returns
    -------
    float
        Log-likelihood ratio of the counts, gap over no gap; 0 where the model shows no trough
        along this axis, for then these counts cannot speak of it.

    Examples
    --------
    >>> model = Normals(np.ones(2) / 2, np.array([0.0, 4.0]), np.ones(2))
    >>> rng = np.random.default_rng(0)
    >>> two = rng.normal(size=400) + np.repeat([0.0, 4.0], 200)
    >>> round(gap_evidence(two, model, 0.0, 4.0), 1)
    10.0
    >>> round(gap_evidence(rng.uniform(-2, 5, 400), model, 0.0, 4.0), 1)
    -13.6
    """
    grid = np.linspace(first, second, STEPS)
    line = model.density(grid)
    shore = np.minimum(np.maximum.accumulate(line), np.maximum.accumulate(line[::-1])[::-1])
    low = int(np.argmin(line / shore))
    if low in (0, STEPS - 1):
        return 0.0
    left, right = int(line[:low].argmax()), low + int(line[low:].argmax())
    peak = left if line[left] <= line[right] else right
    reach = abs(grid[low] - grid[peak]) / 2
    places = (float(grid[low]), float(grid[peak]))
    expected = np.array([model.mass(place, reach) for place in places])
    counts = np.array([np.count_nonzero(np.abs(rows - place) < reach) for place in places])
    shares = np.maximum(expected / expected.sum(), 1e-12)
    return float(counts @ np.log(2.0 * shares))


def two_answers(first: FloatArray, second: FloatArray, axis: FloatArray) -> bool:
    """Whether two groups of rows are but two answers to one question.

    They are where one column holds nearly all of what tells them apart, and most rows of each
    have one value there. Between two answers there are no rows, whatever people think.

    Parameters
    ----------
    first, second
        Their rows × variables.
    axis
        What separates them best, as weights of the variables.

    Examples
    --------
    >>> answer = np.repeat([[3.0], [4.0]], 100, axis=0)
    >>> size = np.random.default_rng(0).normal(size=(200, 1))
    >>> two_answers(*np.split(np.hstack([size, answer]), 2), np.array([0.1, 6.0]))
    True
    >>> two_answers(*np.split(np.hstack([size + 2 * answer, answer]), 2), np.array([2.0, 6.0]))
    False
    """
    if not len(first) or not len(second):
        return False
    apart = axis * (second.mean(axis=0) - first.mean(axis=0))
    column = int(apart.argmax())
    alike = (
        np.unique(rows[:, column], return_counts=True)[1].max() / len(rows)
        for rows in (first, second)
    )
    return bool(apart[column] >= ONE_COLUMN * apart.sum() and min(alike) >= ONE_ANSWER)


def along(
    weights: FloatArray, means: FloatArray, covariances: FloatArray, pair: tuple[int, int]
) -> FloatArray:
    """The axis that separates two components best (Fisher's discriminant).

    Examples
    --------
    >>> two, one = np.array([[0.0, 0.0], [1.0, 1.0]]), np.diag([1.0, 0.25])
    >>> along(np.ones(2), two, np.stack([one, one]), (0, 1)).tolist()
    [1.0, 4.0]
    """
    i, j = pair
    pooled = np.average(covariances[[i, j]], axis=0, weights=weights[[i, j]])
    return np.asarray(np.linalg.solve(pooled, means[j] - means[i]))


def projected(
    axis: FloatArray,
    weights: FloatArray,
    means: FloatArray,
    covariances: FloatArray,
    chosen: BoolArray,
) -> Normals:
    """The chosen components along an axis.

    Examples
    --------
    >>> two, one = np.array([[0.0, 0.0], [1.0, 1.0]]), np.diag([1.0, 0.25])
    >>> axis, both = np.array([1.0, 4.0]), np.ones(2, dtype=bool)
    >>> projected(axis, np.ones(2), two, np.stack([one, one]), both).means.tolist()
    [0.0, 5.0]
    """
    variance = np.einsum("p,cpq,q->c", axis, covariances[chosen], axis)
    return Normals(weights[chosen], means[chosen] @ axis, np.sqrt(variance))
