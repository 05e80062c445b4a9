"""How far two partitions of the same rows agree, for many pairs of partitions at once.

Sources: Hubert & Arabie (1985) for the adjusted Rand index; Jaccard (1912).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]


def contingency(first: IntArray, second: IntArray) -> IntArray:
    """Count the rows that two partitions share, segment by segment.

    Parameters
    ----------
    first, second
        Pair × row, segment numbers from 0. One of them may have a single pair for all.

    Returns
    -------
    numpy.ndarray
        Pair × segment of the first × segment of the second.

    Examples
    --------
    >>> contingency(np.array([[0, 0, 1]]), np.array([[1, 1, 0]]))
    array([[[0, 2],
            [1, 0]]])
    """
    a, b = np.broadcast_arrays(np.atleast_2d(first), np.atleast_2d(second))
    rows, columns = int(a.max(initial=0)) + 1, int(b.max(initial=0)) + 1
    cell = np.arange(len(a))[:, None] * (rows * columns) + a.astype(np.intp) * columns + b
    counts = np.bincount(cell.ravel(), minlength=len(a) * rows * columns)
    return counts.reshape(len(a), rows, columns)


def adjusted_rand(first: IntArray, second: IntArray) -> FloatArray:
    """Adjusted Rand index of each pair of partitions (1 equal, 0 as chance would have it).

    Two partitions of a single segment each, or of single rows each, agree: 1.

    Examples
    --------
    >>> adjusted_rand(np.array([[0, 0, 1, 1]]), np.array([[1, 1, 0, 0]]))
    array([1.])
    """
    table = contingency(first, second).astype(float)
    both = _pairs(table).sum(axis=(1, 2))
    a, b = _pairs(table.sum(axis=2)).sum(axis=1), _pairs(table.sum(axis=1)).sum(axis=1)
    chance = a * b / np.maximum(_pairs(table.sum(axis=(1, 2))), 1.0)
    width = (a + b) / 2 - chance
    flat = np.isclose(width, 0.0, atol=1e-12)
    return np.where(flat, 1.0, (both - chance) / np.where(flat, 1.0, width))


def jaccard(first: IntArray, second: IntArray) -> FloatArray:
    """|∩|/|∪| of every segment of the first with every segment of the second partition.

    Examples
    --------
    >>> jaccard(np.array([[0, 0, 1]]), np.array([[0, 1, 1]]))
    array([[[0.5       , 0.33333333],
            [0.        , 0.5       ]]])
    """
    table = contingency(first, second).astype(float)
    union = table.sum(axis=2, keepdims=True) + table.sum(axis=1, keepdims=True) - table
    return table / np.maximum(union, 1.0)


def matched(values: FloatArray) -> FloatArray:
    """Give each row of each table the value of its one-to-one partner (0 without a partner).

    The partners are those with the largest sum (Kuhn 1955, the Hungarian method).

    Examples
    --------
    >>> matched(np.array([[[0.9, 0.8], [0.7, 0.1]]]))
    array([[0.8, 0.7]])
    """
    result = np.zeros(values.shape[:2])
    for pair, table in enumerate(values):
        row, column = linear_sum_assignment(table, maximize=True)
        result[pair, row] = table[row, column]
    return result


def _pairs(count: FloatArray) -> FloatArray:
    return count * (count - 1.0) / 2.0
