"""Rows to start k-means from, drawn for many replicates at once.

Source: Arthur & Vassilvitskii (2007), k-means++: the advantages of careful seeding.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
Init = Literal["k-means++", "random"]


def tries(n_clusters: int, init: Init) -> int:
    """Rows drawn for each starting centre; the one that serves all rows best is taken.

    Twice as many as scikit-learn draws, for they cost next to nothing here, and better starts end
    in better optima.

    Examples
    --------
    >>> tries(8, "k-means++"), tries(8, "random")
    (8, 1)
    """
    return 2 * (2 + int(np.log(n_clusters))) if init == "k-means++" else 1


def draw_starts(rows: FloatArray, weights: FloatArray, draws: FloatArray, init: Init) -> FloatArray:
    """Draw the starting centres of every replicate, one segment after the other.

    Parameters
    ----------
    rows
        Rows × variables.
    weights
        Replicate × row.
    draws
        Replicate × segment × try, uniform in [0, 1): all the randomness there is.
    init
        `"k-means++"` draws rows with chances ∝ weight × squared distance to the nearest centre
        drawn before, and takes the one that leaves the smallest sum of these; `"random"` draws
        with chances ∝ weight.

    Returns
    -------
    numpy.ndarray
        Replicate × segment × variable.

    Examples
    --------
    >>> rows = np.array([[0.0], [9.0]])
    >>> draw_starts(rows, np.ones((1, 2)), np.array([[[0.6], [0.6]]]), "k-means++").ravel()
    array([9., 0.])
    """
    square = np.einsum("np,np->n", rows, rows)
    chosen = np.empty(draws.shape[:2], dtype=np.intp)
    distance = np.ones_like(weights)
    replicate = np.arange(len(draws))
    for j in range(draws.shape[1]):
        drawn = _draw_rows(weights * distance, weights, draws[:, j])
        if init == "random":
            chosen[:, j] = drawn[:, 0]
            distance[replicate, drawn[:, 0]] = 0.0
            continue
        drawn = drawn if j else drawn[:, :1]
        new = _distances(rows, square, drawn)
        if j:
            np.minimum(new, distance[:, None], out=new)
        best = np.matmul(new, weights[:, :, None])[:, :, 0].argmin(axis=1)
        chosen[:, j], distance = drawn[replicate, best], new[replicate, best]
    return rows[chosen]


def _distances(rows: FloatArray, square: FloatArray, drawn: IntArray) -> FloatArray:
    """Squared distance of every row to the rows drawn: replicate × try × row."""
    found = rows[drawn.ravel()] @ rows.T
    found *= -2.0
    found += square
    found += square[drawn.ravel(), None]
    np.maximum(found, 0.0, out=found)
    found[np.arange(drawn.size), drawn.ravel()] = 0.0
    return found.reshape(*drawn.shape, -1)


def _draw_rows(chance: FloatArray, fallback: FloatArray, draws: FloatArray) -> IntArray:
    """Draw rows for each replicate with chances ∝ `chance` (∝ `fallback` where all are 0)."""
    total = np.cumsum(chance, axis=1, dtype=np.float64)
    void = total[:, -1] <= 0
    if void.any():
        total[void] = np.cumsum(fallback[void], axis=1, dtype=np.float64)
    found = [
        np.searchsorted(one, draw * one[-1], side="right")
        for one, draw in zip(total, draws, strict=True)
    ]
    return np.minimum(np.array(found), chance.shape[1] - 1)


def swap_one(
    data: FloatArray, weights: FloatArray, centers: FloatArray, draws: FloatArray
) -> FloatArray:
    """Move one centre of every replicate, drawn evenly, to a row drawn as in k-means++.

    Parameters
    ----------
    data
        Row × (variables, 1, ½|x|²).
    weights
        Replicate × row.
    centers
        Replicate × segment × variable.
    draws
        Replicate × 2, uniform in [0, 1).

    Examples
    --------
    >>> data = np.array([[0.0, 1.0, 0.0], [9.0, 1.0, 40.5]])
    >>> swap_one(data, np.ones((1, 2)), np.array([[[0.0], [0.0]]]), np.array([[0.2, 0.7]])).ravel()
    array([0., 9.])
    """
    rows, half = data[:, :-2], data[:, -1]
    offset = 0.5 * np.einsum("rkp,rkp->rk", centers, centers)
    nearest = np.full(weights.shape, np.inf, dtype=data.dtype)
    for j in range(centers.shape[1]):
        distance = centers[:, j] @ rows.T
        np.subtract(offset[:, j, None], distance, out=distance)
        np.minimum(nearest, distance, out=nearest)
    chance = weights * np.maximum(nearest + half, 0.0)
    moved = centers.copy()
    segment = (draws[:, 1] * centers.shape[1]).astype(np.intp)
    moved[np.arange(len(centers)), segment] = rows[_draw_rows(chance, weights, draws[:, :1])[:, 0]]
    return moved
