"""Assign rows with missing values to the components of a mixture by what is known of them.

A mixture is fitted to a filled table, and a filled value draws its row to the middle. The density
of what is known of a row is a normal density again: the unknown variables are integrated out
(Little & Rubin 2002, *Statistical Analysis with Missing Data*).
"""

from __future__ import annotations

import numpy as np
from scipy.linalg import null_space

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
