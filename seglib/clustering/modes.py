"""Single columns that have several modes with gaps between them.

A copula twin has the data's own marginals, the modes of a column among them, so that groups which
lie in a row along one column would not stand out from it. The twins of such columns are normal.
Only columns without ties are looked at: the lumps of yes/no items, of ratings, of zeros and of
list prices are no groups.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from seglib.clustering.gaussian import gaussian_mixtures
from seglib.clustering.mixture import BoolArray, FloatArray
from seglib.clustering.nulls import normal_scores
from seglib.clustering.valley import Normals, gap_evidence

LEAST_ROWS = 100
MOST_ALIKE = 0.01  # share of the rows with one value, from which a column has ties
MOST_MODES = 5
BEYOND_DOUBT = float(np.log(1000))  # evidence of a gap in one column


def several_modes(X: FloatArray) -> BoolArray:
    """Mark the columns of which a gap between two modes is beyond doubt.

    Parameters
    ----------
    X
        Rows × variables.

    Examples
    --------
    >>> one = np.random.default_rng(0).normal(size=(300, 2))
    >>> several_modes(one + np.outer(np.arange(300) % 2, [5.0, 0.0])).tolist()
    [True, False]
    """
    return np.array([_gap_in_column(column) for column in X.T], dtype=bool)


def _gap_in_column(column: FloatArray) -> bool:
    alike = np.unique(column, return_counts=True)[1].max()
    if len(column) < LEAST_ROWS or alike > MOST_ALIKE * len(column):
        return False
    fits = gaussian_mixtures(column[:, None], range(1, MOST_MODES + 1), seed=0)
    best = min(fits.values(), key=lambda fit: fit.bic)
    means = np.sort(best.means[:, 0])
    model = Normals(best.weights, best.means[:, 0], np.sqrt(best.covariances[:, 0, 0]))
    evidence = [gap_evidence(column, model, *pair) for pair in pairwise(means)]
    return max(evidence, default=0.0) > BEYOND_DOUBT


def without_modes(X: FloatArray, moded: BoolArray) -> FloatArray:
    """The same with marked columns made normal, in the same order and of the same variance.

    Examples
    --------
    >>> X = np.array([[0.0, 1.0], [0.1, 5.0], [9.0, 7.0], [9.1, 8.0]])
    >>> without_modes(X, np.array([True, False])).round(1)[:, 0].tolist()
    [-1.5, 2.7, 6.4, 10.6]
    """
    smooth = X.copy()
    some = X[:, moded]
    smooth[:, moded] = some.mean(axis=0) + some.std(axis=0) * normal_scores(some)
    return smooth
