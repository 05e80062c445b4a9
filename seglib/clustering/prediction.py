"""Prediction strength: does the partition of one half foretell that of the other?

Source: Tibshirani & Walther (2005), *Cluster validation by prediction strength*; segments of one
row score 1, as in R fpc 2.2-10.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.clustering.agreement import contingency
from seglib.clustering.bootstrap import Search, Seed, best_labels, subsample
from seglib.clustering.checks import Table, matrix_of, positive, segment_counts

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]


def prediction_strength(
    X: Table,
    ks: Iterable[int],
    n_splits: int = 50,
    random_state: Seed = None,
    *,
    n_starts: int = 2,
    n_swaps: int | None = 5,
    max_rows: int = 5000,
    n_jobs: int | None = None,
) -> pd.DataFrame:
    """Share of the pairs of rows of the worst segment that the other half's fit keeps together.

    Parameters
    ----------
    X
        Rows × variables, ready to be clustered.
    ks
        Numbers of segments.
    n_splits
        Random halvings; both halves are fitted, and each is judged by the other.
    random_state
        Seed or generator.
    n_starts, n_swaps
        Starts of each fit and how far each is taken, as in `fit_many`.
    max_rows
        Above so many rows a random subsample of so many is halved.
    n_jobs
        Threads; the result does not depend on it.

    Returns
    -------
    pandas.DataFrame
        k, mean and sd over the halvings. A common reading takes the largest k with a mean of
        at least .8 to .9.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> prediction_strength(X, [2], n_splits=4, random_state=0)["mean"].tolist()
    [1.0]
    """
    matrix = matrix_of(X, least_rows=4)
    positive(n_splits=n_splits, n_starts=n_starts, max_rows=max_rows)
    rng = np.random.default_rng(random_state)
    sample = matrix[subsample(len(matrix), max_rows, rng)]
    counts = segment_counts(ks, sample)
    first = np.argsort(rng.random((n_splits, len(sample))), axis=1) < len(sample) // 2
    halves = np.stack([first, ~first], axis=1).reshape(2 * n_splits, -1)
    entropy = int(rng.integers(2**62))
    rows = []
    for k in counts:
        own = np.random.default_rng([entropy, k])
        search = Search(n_starts, n_swaps, n_jobs)
        labels, _ = best_labels(sample, k, halves.astype(float), search, own)
        strength = [
            _half_strength(labels[i][halves[i]], labels[i ^ 1][halves[i]])
            for i in range(len(halves))
        ]
        by_split = np.reshape(strength, (n_splits, 2)).mean(axis=1)
        rows.append({"k": k, "mean": by_split.mean(), "sd": by_split.std(ddof=n_splits > 1)})
    return pd.DataFrame(rows)


def _half_strength(own: IntArray, foretold: IntArray) -> float:
    """Smallest share, over the segments, of pairs of rows that stay together."""
    table = contingency(own, foretold)[0].astype(float)
    size = table.sum(axis=1)
    together = (table * (table - 1.0)).sum(axis=1)
    share = np.where(size > 1, together / np.maximum(size * (size - 1.0), 1.0), 1.0)
    return float(share.min())
