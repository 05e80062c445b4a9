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
from seglib.clustering.mixture import BoolArray, FloatArray, IntArray
from seglib.clustering.partly_known import assign_known
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


def place(
    mixture: GaussianFit,
    X: FloatArray,
    axes: FloatArray,
    missing: BoolArray | None,
    *,
    seen: FloatArray,
) -> IntArray:
    """Group of each row, by what is known of it.

    Something has thrown rows that lie farther off than all that the mixture has seen from where
    they belong, so that small differences between their distances to the groups say little: they
    are placed by groups under one covariance that are as wide as those rows lie.

    Parameters
    ----------
    mixture
        One component for each group, along some axes of the variables.
    X
        Rows × variables, filled.
    axes
        Variable × axis.
    missing
        Rows × variables: what was filled; None: nothing.
    seen
        The rows × variables that the mixture was fitted to.

    Examples
    --------
    >>> mixture = GaussianFit("tied", np.array([0.9, 0.1]), np.array([[0.0], [4.0]]),
    ...                       np.ones((2, 1, 1)), np.zeros(1, dtype=int), 0.0)
    >>> X, seen = np.array([[4.5], [24.0], [-20.0]]), np.array([[-2.0], [6.0]])
    >>> mixture.assign(X).tolist(), place(mixture, X, np.eye(1), None, seen=seen).tolist()
    ([1, 1, 0], [1, 0, 0])
    """
    placed = assign_known(mixture, X, axes, missing)
    pooled = np.average(mixture.covariances, axis=0, weights=mixture.weights)
    away = _distances(mixture.means, pooled, X @ axes)
    far = away > _distances(mixture.means, pooled, seen @ axes).max()
    if far.any():
        width = pooled * float(away[far].mean()) / axes.shape[1]
        wide = replace(mixture, covariances=np.broadcast_to(width, mixture.covariances.shape))
        some = None if missing is None else missing[far]
        placed[far] = assign_known(wide, X[far], axes, some)
    return placed


def _distances(means: FloatArray, covariance: FloatArray, X: FloatArray) -> FloatArray:
    """Squared distance of each row to the nearest mean, in variances."""
    root = np.linalg.inv(np.linalg.cholesky(covariance)).T
    return np.min([np.square((X - mean) @ root).sum(axis=1) for mean in means], axis=0)
