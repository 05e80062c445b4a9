"""Where the borders between groups lie: a mixture with one component for each, on all columns.

Groups may be seen along a few leading axes, or as several components each; their borders are then
cut by what those axes show, or by components that describe a tail. From the groups EM goes on in
all columns with one component for each, its covariance structure by BIC (Dempster, Laird & Rubin
1977; Fraley & Raftery 2002). With categories all share one covariance: the columns of a category's
levels vary with their shares, and are no wider or narrower groups. The mixture places the borders
where its components are the same groups: a gap between every two, and nearly all rows where they
were. A group that is no single normal cloud keeps the borders it was found with.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seglib.clustering.covariances import structures_for
from seglib.clustering.gaps import gap_groups, kept_whole
from seglib.clustering.gaussian import GaussianFit, mixture_from
from seglib.clustering.mixture import FloatArray, IntArray
from seglib.clustering.views import enough_rows

WHOLE = 0.85
"""Share of the rows that stay with most of their group, for a cut between the groups. Groups that
lie four deviations apart lose a few percent at their borders, a cut through one of them a quarter.
"""


def group_mixture(
    X: FloatArray, groups: IntArray, floor: FloatArray, *, categories: bool = False
) -> GaussianFit | None:
    """A mixture with one component for each group; None where its components are other groups.

    Parameters
    ----------
    X
        Rows × variables.
    groups
        Group of each row, from 0.
    floor
        Added to the variances of each variable, in units of its own variance.
    categories
        Whether some variables are the levels of a category.

    Examples
    --------
    >>> rng, truth = np.random.default_rng(0), np.repeat([0, 1], 50)
    >>> X = 3.0 * truth[:, None] + rng.standard_normal((100, 2))
    >>> along_one = (X[:, 0] > 1.5).astype(int)
    >>> placed = group_mixture(X, along_one, np.full(2, 0.01)).labels
    >>> int((along_one != truth).sum()), int((placed != truth).sum())
    (9, 4)
    >>> group_mixture(X, np.arange(100) % 2, np.full(2, 0.01)) is None
    True
    """
    one = "tied" if enough_rows(*X.shape) else "tied diag"
    kinds = (one,) if categories else structures_for(X.shape[1])
    mixture = mixture_from(X, groups, kinds, floor=floor)
    if len(np.unique(gap_groups(mixture))) < len(mixture.weights):
        return None
    whole = kept_whole(groups, mixture.labels + 1), kept_whole(mixture.labels, groups + 1)
    return mixture if min(whole) >= WHOLE else None


def distances(mixture: GaussianFit, X: FloatArray) -> FloatArray:
    """Squared distance of each row to the nearest group, in variances of the groups together.

    Examples
    --------
    >>> mixture = GaussianFit("tied", np.ones(2) / 2, np.array([[0.0], [4.0]]),
    ...                       np.full((2, 1, 1), 4.0), np.zeros(1, dtype=int), 0.0)
    >>> distances(mixture, np.array([[0.0], [1.0], [24.0]])).tolist()
    [0.0, 0.25, 100.0]
    """
    away = X[:, None] - mixture.means
    precision = np.linalg.inv(_pooled(mixture))
    return np.asarray(np.einsum("ncp,pq,ncq->nc", away, precision, away, optimize=True).min(axis=1))


def widened(mixture: GaussianFit, times: float) -> GaussianFit:
    """The same groups under one covariance, so many times as wide: for rows far from all of them.

    Something has thrown such rows from where they belong, so that small differences between
    their distances to the groups say little.

    Examples
    --------
    >>> mixture = GaussianFit("tied", np.array([0.9, 0.1]), np.array([[0.0], [4.0]]),
    ...                       np.ones((2, 1, 1)), np.zeros(1, dtype=int), 0.0)
    >>> far = np.array([[24.0], [-20.0]])
    >>> mixture.assign(far).tolist(), widened(mixture, 400.0).assign(far).tolist()
    ([1, 0], [0, 0])
    """
    wide = np.broadcast_to(times * _pooled(mixture), mixture.covariances.shape)
    return replace(mixture, covariances=wide)


def _pooled(mixture: GaussianFit) -> FloatArray:
    return np.asarray(np.average(mixture.covariances, axis=0, weights=mixture.weights))
