"""Assign rows with missing values to the components of a mixture by what is known of them.

A mixture is fitted to a filled table, and a filled value draws its row to the middle. The density
of what is known of a row is a normal density again: the unknown variables are integrated out
(Little & Rubin 2002, *Statistical Analysis with Missing Data*).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import null_space

from seglib.clustering.covariances import component_moments
from seglib.clustering.gaussian import GaussianFit
from seglib.clustering.mixture import BoolArray, FloatArray, IntArray


def assign_known(
    mixture: GaussianFit, X: FloatArray, axes: FloatArray, missing: BoolArray | None
) -> IntArray:
    """Most probable component of each row, from 0, by its known values only.

    Parameters
    ----------
    mixture
        A mixture along some axes of the variables.
    X
        Rows × variables, filled.
    axes
        Variable × axis.
    missing
        Rows × variables: what was filled; None: nothing. A row of which nothing is known along the
        axes is assigned as it was filled.

    Examples
    --------
    >>> mixture = GaussianFit("full", np.ones(2) / 2, np.array([[-9.0, 3.0], [9.0, 4.0]]),
    ...                       np.stack([np.eye(2)] * 2), np.zeros(1, dtype=int), 0.0)
    >>> X, missing = np.array([[-1.0, 9.0]]), np.array([[True, False]])
    >>> assign_known(mixture, X, np.eye(2), None), assign_known(mixture, X, np.eye(2), missing)
    (array([0]), array([1]))
    """
    labels = mixture.assign(X @ axes)
    if missing is None or not missing.any():
        return labels
    patterns, pattern_of = np.unique(missing, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        known = null_space(axes[pattern])  # directions that no unknown variable moves
        if pattern.any() and known.size:
            rows = pattern_of.ravel() == number
            labels[rows] = _along(mixture, known).assign(X[rows] @ axes @ known)
    return labels


def filled_by_group(X: FloatArray, groups: IntArray, missing: BoolArray | None) -> FloatArray:
    """The rows with what was filled put at the mean of what is known of their group.

    A value that is filled from all rows makes the groups far from it look wide.

    Examples
    --------
    >>> X = np.array([[1.0], [3.0], [5.0], [9.0], [5.0]])
    >>> missing = np.array([[False], [False], [True], [False], [True]])
    >>> filled_by_group(X, np.array([0, 0, 0, 1, 1]), missing).ravel().tolist()
    [1.0, 3.0, 2.0, 9.0, 9.0]
    """
    if missing is None or not missing.any():
        return X
    known = np.ma.array(X, mask=missing)
    each = [known[groups == group].mean(axis=0) for group in range(groups.max() + 1)]
    means = np.ma.stack(each).filled(np.nan)[groups]
    return np.where(missing & np.isfinite(means), means, X)


def without_filled(
    mixture: GaussianFit,
    group_of: IntArray,
    X: FloatArray,
    axes: FloatArray,
    missing: BoolArray,
    floor: FloatArray,
) -> tuple[GaussianFit, IntArray]:
    """Leave out the groups that are made of filled values, and their components.

    Those are groups of which fewer than half of the rows stay when those with filled values are
    placed, as normal clouds of independent columns, by what is known of them: a value that was
    filled in draws rows together that are alike in nothing else.

    Parameters
    ----------
    mixture
        A mixture along some axes of the variables.
    group_of
        Group of each of its components, from 0.
    X
        The rows that it labels × variables, filled.
    axes
        Variable × axis.
    missing
        Rows × variables: what was filled.
    floor
        Added to the variances of each variable.

    Returns
    -------
    tuple
        The mixture of the other components, and the group of each, from 0.

    Examples
    --------
    >>> X = np.array([[-9.0, 3.0], [-9.0, 2.0], [0.0, 4.0], [9.0, 4.0], [9.0, 5.0]])
    >>> missing = np.arange(10).reshape(5, 2) == 4
    >>> labels = np.array([0, 0, 1, 2, 2])
    >>> mixture = GaussianFit("full", np.ones(3) / 3, X[[0, 2, 3]], np.stack([np.eye(2)] * 3),
    ...                       labels, 0.0)
    >>> kept, group_of = without_filled(
    ...     mixture, np.arange(3), X, np.eye(2), missing, np.ones(2))
    >>> kept.means.tolist(), group_of.tolist()
    ([[-9.0, 3.0], [9.0, 4.0]], [0, 1])
    """
    drawn, numbers = group_of[mixture.labels], np.unique(group_of)
    moments = component_moments("diag", X, (drawn == numbers[:, None]).astype(float), floor)
    clouds = GaussianFit("diag", moments[0] / len(X), *moments[1:], drawn, mixture.bic)
    known = assign_known(clouds, X, np.eye(X.shape[1]), missing)
    stay = np.bincount(drawn[(known == drawn) | ~missing.any(axis=1)], minlength=len(numbers))
    kept = (2 * stay >= np.bincount(drawn, minlength=len(numbers)))[group_of]
    if kept.all() or not kept.any():
        return mixture, group_of
    weights = mixture.weights[kept] / mixture.weights[kept].sum()
    parts = mixture.covariance, weights, mixture.means[kept], mixture.covariances[kept]
    labels = GaussianFit(*parts, mixture.labels, mixture.bic).assign(X @ axes)
    groups = np.unique(group_of[kept], return_inverse=True)[1]
    return GaussianFit(*parts, labels, mixture.bic), groups


def _along(mixture: GaussianFit, directions: FloatArray) -> GaussianFit:
    """The mixture of the same components along combinations of its axes."""
    return GaussianFit(
        mixture.covariance,
        mixture.weights,
        mixture.means @ directions,
        np.einsum("pa,cpq,qb->cab", directions, mixture.covariances, directions),
        mixture.labels,
        mixture.bic,
    )
