"""Segment level stability: within one segmentation, and across numbers of segments.

Source: Dolnicar & Leisch (2017), *Using segment level stability to select target segments*; the
definitions are those of R flexclust 1.5.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from seglib.clustering.agreement import contingency, jaccard, matched
from seglib.clustering.bootstrap import Search, Seed, best_labels, bootstrap_weights, subsample
from seglib.clustering.checks import Table, matrix_of, positive
from seglib.errors import DataError

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class SegmentStability:
    """How well each segment comes out again in pairs of bootstrap samples.

    Attributes
    ----------
    jaccard
        Pair × segment, the original: the best Jaccard index with any segment of a bootstrap fit,
        mean of the pair's two fits.
    matched
        The same with one-to-one partners, those of the largest sum of Jaccard indices.
    rows, rows_used
        Rows given, and rows the bootstrap ran on.
    """

    jaccard: pd.DataFrame
    matched: pd.DataFrame
    rows: int
    rows_used: int


def slsw(
    X: Table,
    labels: npt.ArrayLike,
    n_pairs: int = 100,
    random_state: Seed = None,
    *,
    n_starts: int = 3,
    n_swaps: int | None = 5,
    max_rows: int = 5000,
    n_jobs: int | None = None,
) -> SegmentStability:
    """Segment level stability within a solution (SLSW).

    Each bootstrap sample is fitted by k-means with as many segments as `labels` has.

    Parameters
    ----------
    X
        Rows × variables, ready to be clustered.
    labels
        The segment of each row, of any method.
    n_pairs
        Pairs of bootstrap samples.
    random_state
        Seed or generator.
    n_starts, n_swaps
        Starts of each fit and how far each is taken, as in `fit_many`.
    max_rows
        Above so many rows the bootstrap runs on a random subsample of so many.
    n_jobs
        Threads; the result does not depend on it.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> slsw(X, np.repeat(["a", "b"], 20), n_pairs=4, random_state=0).jaccard.mean().to_dict()
    {'a': 1.0, 'b': 1.0}
    """
    matrix, (segments, own) = matrix_of(X), _segments(labels)
    if len(own) != len(matrix):
        raise DataError(f"{len(own)} labels for {len(matrix)} rows: one a row is needed.")
    positive(n_pairs=n_pairs, n_starts=n_starts, max_rows=max_rows)
    rng = np.random.default_rng(random_state)
    rows = subsample(len(matrix), max_rows, rng)
    weights = bootstrap_weights(len(rows), 2 * n_pairs, rng)
    search = Search(n_starts, n_swaps, n_jobs)
    fitted, _ = best_labels(matrix[rows], len(segments), weights, search, rng)
    return segment_stability(own[rows], fitted, segments, rows=len(matrix))


def segment_stability(
    own: IntArray, fitted: IntArray, segments: list[Any], *, rows: int
) -> SegmentStability:
    """Compare one partition with the partitions of bootstrap fits of the same rows.

    Parameters
    ----------
    own
        Segment number of each row used, from 0; -1 for a row without a segment.
    fitted
        Bootstrap sample × row used, as in `GlobalStability.labels`; -1 likewise.
    segments
        Name of each segment.
    rows
        Rows of the whole table.

    Examples
    --------
    >>> own, fitted = np.array([0, 0, 1, 1]), np.array([[1, 1, 0, 0], [0, 1, 1, 1]])
    >>> segment_stability(own, fitted, ["a", "b"], rows=4).jaccard.loc[0].round(3).to_dict()
    {'a': 0.75, 'b': 0.833}
    """
    last, other = len(segments), int(fitted.max()) + 1
    table = jaccard(np.where(own < 0, last, own)[None], np.where(fitted < 0, other, fitted))
    table = table[:, :last, :other]
    if table.shape[1] < len(segments):  # the last segments have no row in the subsample
        table = np.pad(table, ((0, 0), (0, len(segments) - table.shape[1]), (0, 0)))
    return SegmentStability(
        _pair_means(table.max(axis=2), segments),
        _pair_means(matched(table), segments),
        rows,
        len(own),
    )


def slsa(solutions: Mapping[int, npt.ArrayLike]) -> pd.DataFrame:
    """Segment level stability across solutions (SLSA).

    For each segment of a solution the entropy of the shares in which it came from the segments
    of the solution before, in units of its largest value ln(k before); stability is one minus
    that. The first solution has none.

    Parameters
    ----------
    solutions
        Number of segments k → segment of each row, the same rows in the same order.

    Returns
    -------
    pandas.DataFrame
        k, segment, size (rows), entropy, stability.

    Examples
    --------
    >>> slsa({2: [0, 0, 1, 1], 3: [0, 0, 1, 2]})["stability"].tolist()
    [nan, nan, 1.0, 1.0, 1.0]
    """
    known = {k: _segments(solutions[k]) for k in sorted(solutions)}
    lengths = {len(own) for _, own in known.values()}
    if len(lengths) > 1:
        raise DataError("The solutions label different numbers of rows; they must be the same.")
    frames = []
    before: IntArray | None = None
    for k, (segments, own) in known.items():
        entropy = np.full(len(segments), np.nan) if before is None else _entropy(before, own)
        size = np.bincount(own, minlength=len(segments))
        frames.append(
            pd.DataFrame({"k": k, "segment": segments, "size": size, "entropy": entropy}).assign(
                stability=1.0 - entropy
            )
        )
        before = own
    return pd.concat(frames, ignore_index=True)


def _entropy(before: IntArray, own: IntArray) -> FloatArray:
    """Entropy of where each segment came from, over ln of the number of segments before."""
    table = contingency(before, own)[0].astype(float)
    share = table / table.sum(axis=0)
    log = np.log(share, out=np.zeros_like(share), where=share > 0)
    return np.abs(share * log).sum(axis=0) / np.log(max(len(table), 2))


def _segments(labels: npt.ArrayLike) -> tuple[list[Any], IntArray]:
    names, own = np.unique(np.asarray(labels), return_inverse=True)
    return names.tolist(), own


def _pair_means(values: FloatArray, segments: list[Any]) -> pd.DataFrame:
    pairs = values.reshape(-1, 2, values.shape[1]).mean(axis=1)
    return pd.DataFrame(pairs, columns=segments).rename_axis("pair").rename_axis("segment", axis=1)
