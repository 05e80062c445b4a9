"""Ward's method: one tree, cut for every number of segments."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from seglib.clustering.bootstrap import subsample
from seglib.clustering.checks import FloatArray
from seglib.clustering.mixture import IntArray

MOST_ROWS = 5000
"""A tree needs the distances of all pairs of rows (100 MB for so many): above, a sample is used."""


def ward_cuts(
    X: FloatArray, ks: Iterable[int], *, seed: int
) -> dict[int, tuple[IntArray, FloatArray]]:
    """Labels of the rows, from 0, and the centres, for every number of segments.

    Parameters
    ----------
    X
        Rows × variables.
    ks
        Numbers of segments.
    seed
        Of the sample: above 5,000 rows the tree is made of so many, and every row has the label
        of the nearest centre.

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [8.0], [9.0], [30.0]])
    >>> labels, centers = ward_cuts(X, [2, 3], seed=0)[3]
    >>> labels.tolist(), centers.ravel().tolist()
    ([0, 0, 1, 1, 2], [0.5, 8.5, 30.0])
    """
    rows = subsample(len(X), MOST_ROWS, np.random.default_rng(seed))
    some, counts = X[rows], sorted(set(ks))
    merged = _merged_rows(linkage(some, "ward"))
    made = {}
    for k in counts:
        labels = _cut(merged, k)
        centers = np.stack([some[labels == s].mean(axis=0) for s in range(k)])
        made[k] = (labels if len(rows) == len(X) else nearest(X, centers)), centers
    return made


def _merged_rows(tree: FloatArray) -> IntArray:
    """One row of each of the two groups that a merge of the tree joins: merge × 2."""
    n = len(tree) + 1
    pairs = tree[:, :2].astype(int).tolist()
    row = [*range(n), *[0] * len(pairs)]
    for merge, (a, _) in enumerate(pairs):
        row[n + merge] = row[a]
    known = np.array(row)
    return np.asarray(known[np.array(pairs, dtype=int).reshape(-1, 2)])


def _cut(merged: IntArray, k: int) -> IntArray:
    """Group of each row, from 0 in the order of their first rows, when k groups are left."""
    n = len(merged) + 1
    a, b = merged[: n - k].T
    joined = coo_array((np.ones(n - k, dtype=bool), (a, b)), shape=(n, n))
    return np.asarray(connected_components(joined, directed=False)[1].astype(np.int64))


def nearest(X: FloatArray, centers: FloatArray) -> IntArray:
    """Nearest centre of each row, from 0.

    Examples
    --------
    >>> nearest(np.array([[0.0], [9.0]]), np.array([[1.0], [8.0]])).tolist()
    [0, 1]
    """
    return np.asarray((X @ centers.T - 0.5 * np.square(centers).sum(axis=1)).argmax(axis=1))
