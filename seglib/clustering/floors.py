"""The least variance of a mixture's component: ties and levels are no groups."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from seglib.clustering.checks import FloatArray
from seglib.clustering.mixture import FLOOR
from seglib.clustering.nulls import Block, tie_variance


def variance_floor(matrix: FloatArray, blocks: Sequence[Block] | None = None) -> FloatArray:
    """Least variance of a component in each column, in units of the column's own.

    A component must not sit on one value that many rows share, nor on one level of a category:
    neither is a group.

    Examples
    --------
    >>> variance_floor(np.random.default_rng(0).normal(size=(50, 2))).tolist()
    [0.01, 0.01]
    """
    floor = np.maximum(tie_variance(matrix), FLOOR)
    for block in blocks or []:
        places = [int(place) for place in block]
        floor[places] = _between_levels(matrix[:, places])
    return floor


def floor_along(axes: FloatArray, matrix: FloatArray, floor: FloatArray) -> FloatArray:
    """The same least variance along other axes, in units of the variance along each.

    Parameters
    ----------
    axes
        Variable × axis.
    matrix
        Rows × variables.
    floor
        Of each variable, in units of its own variance.

    Examples
    --------
    >>> X = np.array([[-1.0, -1.0], [1.0, 1.0]])
    >>> floor_along(np.array([[1.0], [1.0]]), X, np.array([0.1, 0.3])).round(2).tolist()
    [0.1]
    """
    least = np.square(axes).T @ (floor * matrix.var(axis=0))
    return np.asarray(least / np.maximum((matrix @ axes).var(axis=0), 1e-12))


def _between_levels(levels: FloatArray) -> FloatArray:
    """Variance, in units of each column's, with which two levels of a category leave no gap.

    Two levels differ in two columns, so the square of their distance is twice that of the range;
    two normal densities are one peak up to two deviations (Ray & Lindsay 2005).
    """
    return np.square(np.ptp(levels, axis=0)) / (2.0 * np.maximum(levels.var(axis=0), 1e-12))
