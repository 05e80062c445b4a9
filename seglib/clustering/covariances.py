"""Covariance structures of Gaussian mixtures, for many mixtures at once.

The log density of a normal component is linear in features of a row (products of variables,
variables, 1). A structure turns the components' moments into what that linear form needs.

Sources: Fraley & Raftery (2002) for the structures; one cloud with heavy tails is a mixture of
components around one centre.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
Places = npt.NDArray[np.intp]
Normal = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Weights of the second-order features, mean, weights of the variables, log volume."""

PROPORTION_STEPS = 3
MOST_VARIABLES_FULL = 30

COVARIANCES = ("full", "tied", "diag", "tied diag", "spherical")
"""Structures of mixtures whose components have their own centres."""
DIAGONAL = ("diag", "spherical")  # last words of the structures without covariances
POOLED = ("tied", "tied diag")
"""Structures with one covariance for all components, which needs their second moments together
only: those do not change while the shares do."""
SHELLS = ("shells", "shells full", "shells diag", "shells spherical")
"""One cloud with heavy tails: components around one centre (the first: proportional ones)."""


def structures_for(variables: int, kinds: tuple[str, ...] = COVARIANCES) -> tuple[str, ...]:
    """Leave out the structures with whole covariance matrices where they cannot be estimated.

    Examples
    --------
    >>> structures_for(31)
    ('diag', 'tied diag', 'spherical')
    """
    few = variables <= MOST_VARIABLES_FULL
    return kinds if few else tuple(kind for kind in kinds if kind.split()[-1] in DIAGONAL)


def free_parameters(kind: str, k: int, variables: int) -> int:
    """Count the free parameters of a mixture of k components.

    Examples
    --------
    >>> free_parameters("tied", 2, 3)  # one share, two centres, one covariance matrix
    13
    """
    p = variables
    matrix = p * (p + 1) // 2
    free = {
        "full": k * (p + matrix),
        "tied": k * p + matrix,
        "diag": k * 2 * p,
        "tied diag": k * p + p,
        "spherical": k * (p + 1),
        "shells": p + matrix + k - 1,
        "shells full": p + k * matrix,
        "shells diag": p + k * p,
        "shells spherical": p + k,
    }
    return k - 1 + free[kind]


def features(kind: str, data: FloatArray) -> FloatArray:
    """Features of each row that the log density of a component is linear in.

    Examples
    --------
    >>> features("diag", np.array([[2.0, 3.0]]))
    array([[4., 9., 2., 3., 1.]])
    """
    shape = kind.split()[-1]
    variables = np.ascontiguousarray(data.T)
    if shape == "diag":
        second = np.square(variables)
    elif shape == "spherical":
        second = np.square(variables).sum(axis=0, keepdims=True)
    else:
        i, j = _pairs(len(variables))
        second = variables[i] * variables[j]
    return np.concatenate([second, variables, np.ones((1, len(data)))]).T


def component_moments(
    kind: str, data: FloatArray, share: FloatArray, floor: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Size, mean and covariance matrix of each component of one mixture.

    Parameters
    ----------
    kind
        One of ``COVARIANCES``.
    data
        Rows × variables.
    share
        Component × row: chance that the row belongs to the component.
    floor
        Added to the variances of each variable.

    Examples
    --------
    >>> data, share = np.array([[0.0], [2.0], [9.0]]), np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> count, means, matrices = component_moments("full", data, share, np.array([0.5]))
    >>> count.tolist(), means.ravel().tolist(), matrices.ravel().tolist()
    ([2.0, 1.0], [1.0, 9.0], [1.5, 0.5])
    """
    count = np.maximum(share.sum(axis=1), 1e-9)
    means = share @ data / count[:, None]
    matrices: FloatArray = np.stack(
        [
            (data - mean).T @ ((data - mean) * own[:, None]) / size
            for mean, own, size in zip(means, share, count, strict=True)
        ]
    )
    matrices = matrices + np.diag(floor)
    if kind.startswith("tied"):
        matrices = np.broadcast_to(np.average(matrices, axis=0, weights=count), matrices.shape)
    if kind.split()[-1] in DIAGONAL:
        variance = np.einsum("kpp->kp", matrices)
        if kind == "spherical":
            variance = np.broadcast_to(variance.mean(axis=1, keepdims=True), variance.shape)
        matrices = np.stack([np.diag(v) for v in variance])
    return count, means, matrices


def _full(second: FloatArray, mean: FloatArray, _: FloatArray, floor: FloatArray) -> Normal:
    return _from_covariance(_covariance(second, mean, floor), mean)


def _tied(second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray) -> Normal:
    each = _covariance(second, mean, floor)
    return _from_covariance(_pooled(each, count), mean)


def _diag(second: FloatArray, mean: FloatArray, _: FloatArray, floor: FloatArray) -> Normal:
    variance = np.maximum(second - np.square(mean), 0.0) + floor
    return -0.5 / variance, mean, mean / variance, np.log(variance).sum(axis=2)


def _tied_diag(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> Normal:
    share = count / count.sum(axis=1, keepdims=True)
    within = (share * (second - np.square(mean))).sum(axis=1, keepdims=True)
    variance = np.maximum(within, 0.0) + floor
    quadratic = np.broadcast_to(-0.5 / variance, mean.shape)
    return quadratic, mean, mean / variance, np.log(variance).sum(axis=2)


def _spherical(second: FloatArray, mean: FloatArray, _: FloatArray, floor: FloatArray) -> Normal:
    p = mean.shape[2]
    within = second - np.square(mean).sum(axis=2, keepdims=True)
    variance = np.maximum(within, 0.0) / p + floor.mean()
    return -0.5 / variance, mean, mean / variance, p * np.log(variance[:, :, 0])


def _shells_full(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> Normal:
    centre, around = _around_one_centre(second, mean, count, floor)
    return _from_covariance(around, centre)


def _shells_diag(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> Normal:
    centre = _one_centre(mean, count)
    return _diag(second - 2 * mean * centre + 2 * np.square(centre), centre, count, floor)


def _shells_spherical(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> Normal:
    centre = _one_centre(mean, count)
    moved = 2 * ((centre - mean) * centre).sum(axis=2, keepdims=True)
    return _spherical(second + moved, centre, count, floor)


def _shells(second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray) -> Normal:
    centre, around = _around_one_centre(second, mean, count, floor)
    scale = np.ones((*count.shape[:2], 1, 1))
    for _ in range(PROPORTION_STEPS):
        common = _pooled(around / scale, count)
        scale = np.trace(np.linalg.solve(common, around), axis1=2, axis2=3)[:, :, None, None]
        scale /= mean.shape[2]
    return _from_covariance(scale * common, centre)


STRUCTURES = {
    "full": _full,
    "tied": _tied,
    "diag": _diag,
    "tied diag": _tied_diag,
    "spherical": _spherical,
    "shells": _shells,
    "shells full": _shells_full,
    "shells diag": _shells_diag,
    "shells spherical": _shells_spherical,
}


@cache
def _pairs(variables: int) -> tuple[Places, Places]:
    """Places of the upper triangle of a matrix."""
    i, j = np.triu_indices(variables)
    return i, j


def _one_centre(mean: FloatArray, count: FloatArray) -> FloatArray:
    share = count / count.sum(axis=1, keepdims=True)
    return np.broadcast_to((share * mean).sum(axis=1, keepdims=True), mean.shape)


def _around_one_centre(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The mean of all rows, and each component's covariance about it."""
    centre = _one_centre(mean, count)
    away = mean - centre
    return centre, _covariance(second, mean, floor) + away[..., :, None] * away[..., None, :]


def _pooled(each: FloatArray, count: FloatArray) -> FloatArray:
    share = (count / count.sum(axis=1, keepdims=True))[:, :, :, None]
    return (share * each).sum(axis=1, keepdims=True)


def _covariance(second: FloatArray, mean: FloatArray, floor: FloatArray) -> FloatArray:
    p = mean.shape[2]
    i, j = _pairs(p)
    covariance = np.empty((*mean.shape, p))
    covariance[..., i, j] = covariance[..., j, i] = second - mean[..., i] * mean[..., j]
    covariance[..., np.arange(p), np.arange(p)] += floor
    return covariance


def _from_covariance(covariance: FloatArray, mean: FloatArray) -> Normal:
    """One covariance a component, or one for all."""
    precision = np.linalg.inv(covariance)
    linear = (precision @ mean[..., None])[..., 0]
    i, j = _pairs(mean.shape[2])
    quadratic = np.where(i == j, -0.5, -1.0) * precision[..., i, j]
    quadratic = np.broadcast_to(quadratic, (*mean.shape[:2], len(i)))
    return quadratic, mean, linear, np.linalg.slogdet(covariance)[1]
