"""Shape of segments: how far rows lie from a border, and which segments are neighbours."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def _distances(X: ArrayLike, centers: ArrayLike) -> Floats:
    """Euclidean distances, rows × centres, by differences (no cancellation near a centre)."""
    rows, points = np.asarray(X, dtype=float), np.asarray(centers, dtype=float)
    return np.stack([np.sqrt(((rows - point) ** 2).sum(axis=1)) for point in points], axis=1)


def shadow(X: ArrayLike, centers: ArrayLike) -> Floats:
    """Shadow value of each row: 2 d₁ / (d₁ + d₂), closest and second-closest centroid.

    Parameters
    ----------
    X
        Rows × variables.
    centers
        Segments × variables, two segments at least.

    Returns
    -------
    numpy.ndarray
        0 on the centroid, 1 halfway to the next one (Leisch 2010); 1 where both distances are 0.

    Examples
    --------
    >>> shadow([[0.0], [4.0], [5.0]], [[0.0], [10.0]])
    array([0. , 0.8, 1. ])
    """
    nearest = np.sort(_distances(X, centers), axis=1)[:, :2]
    total = nearest.sum(axis=1)
    return np.divide(2 * nearest[:, 0], total, out=np.ones(len(total)), where=total > 0)


def similarity(X: ArrayLike, centers: ArrayLike) -> Floats:
    """Similarity of segments: the shadow that one casts on another, by the rows between them.

    Parameters
    ----------
    X, centers
        As for :func:`shadow`.

    Returns
    -------
    numpy.ndarray
        Segments × segments, diagonal 1, not symmetric: [i, j] = Σ shadow(x) / |i| over the rows of
        segment i whose second-closest centroid is j (Leisch 2010). An empty segment has zeros.

    Examples
    --------
    >>> similarity([[0.0], [4.0], [10.0]], [[0.0], [10.0]]).round(2)
    array([[1. , 0.4],
           [0. , 1. ]])
    """
    distances = _distances(X, centers)
    order = np.argsort(distances, axis=1, kind="stable")
    first, second = order[:, 0], order[:, 1]
    k = distances.shape[1]
    cast = np.zeros((k, k))
    np.add.at(cast, (first, second), shadow(X, centers))
    sizes = np.maximum(np.bincount(first, minlength=k), 1)
    cast /= sizes[:, None]
    np.fill_diagonal(cast, 1.0)
    return cast


def gorge(X: ArrayLike, centers: ArrayLike, gamma: float = 1.0, sqrt: bool = False) -> Floats:
    """Similarity of each row to each segment, for the gorge plot.

    Parameters
    ----------
    X, centers
        As for :func:`shadow`.
    gamma
        Exponent of the distance.
    sqrt
        Take the square root, as flexclust's shipped code plots it; the book's formula does not.

    Returns
    -------
    numpy.ndarray
        Rows × segments: exp(−d^γ) / Σ exp(−d^γ); each row adds up to 1 (without ``sqrt``).

    Examples
    --------
    >>> gorge([[0.0], [5.0]], [[0.0], [10.0]]).round(3)
    array([[1. , 0. ],
           [0.5, 0.5]])
    """
    power = -(_distances(X, centers) ** gamma)
    weight = np.exp(power - power.max(axis=1, keepdims=True))
    share = weight / weight.sum(axis=1, keepdims=True)
    return np.sqrt(share) if sqrt else share
