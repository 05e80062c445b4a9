"""Fit a candidate's method to bootstrap samples of its matrix, and to null twins of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seglib.clustering.bench import Bench
from seglib.clustering.bootstrap import Search, best_labels, subsample
from seglib.clustering.candidate import Candidate
from seglib.clustering.nulls import KINDS, Block, How, null_twin
from seglib.clustering.replicate import refit_of

Matrix = NDArray[np.float64]
Labels = NDArray[np.integer[Any]]
Weights = NDArray[np.floating[Any]]
Fitter = Callable[[Matrix, Matrix], Labels]

MOST_ROWS = 2000  # rows of a method that is fitted sample by sample
_FROM_ONE = ("hdbscan", "consensus")  # their fits count from 1, and 0 is no segment
_SEARCH = Search()


@dataclass(frozen=True)
class Redraw:
    """A method that can be fitted again.

    Attributes
    ----------
    matrix
        Rows used × columns.
    rows
        Their places among all rows.
    fits
        k → function that fits on the rows of one matrix and places those of another; empty for
        k-means, which fits all samples together.
    blocks
        Columns that a twin keeps together.
    twins
        Kinds of twin that are drawn: a matrix of a method's own may have gaps and codes, of which
        no copula can be made.
    """

    matrix: Matrix
    rows: Labels
    fits: Mapping[int, Fitter]
    blocks: Sequence[Block]
    twins: tuple[How, ...] = KINDS

    def labels(self, matrix: Matrix, k: int, weights: Weights, rng: np.random.Generator) -> Labels:
        """Segment of each row in the fit to each bootstrap sample, from 0; -1 for none."""
        if not self.fits:
            return best_labels(matrix, k, weights, _SEARCH, rng)[0]
        times, every = weights.astype(int), np.arange(len(matrix))
        return np.stack([self.fits[k](matrix[np.repeat(every, t)], matrix) for t in times])

    def partition(self, matrix: Matrix, k: int, rng: np.random.Generator) -> Labels:
        """Segment of each row in the fit to all rows."""
        return self.labels(matrix, k, np.ones((1, len(matrix))), rng)[0]

    def twin(self, how: How, rng: np.random.Generator) -> Matrix:
        """Draw a null twin of the matrix; gaps move with the column."""
        if how == "copula":
            return null_twin(self.matrix, how, self.blocks, rng)
        places = np.broadcast_to(np.arange(len(self.matrix))[:, None], self.matrix.shape)
        return np.take_along_axis(self.matrix, null_twin(places, how, self.blocks, rng), axis=0)


def redraw_of(
    bench: Bench, candidates: Sequence[Candidate], method: str, rows: Labels
) -> Redraw | None:
    """Say how a method is fitted again; None for rules and trees.

    Parameters
    ----------
    bench, candidates
        What was tried, and on what.
    method
        Key of the method.
    rows
        Places of the rows that k-means is fitted on; any other method takes a random
        ``MOST_ROWS`` of them where there are more.
    """
    blocks = bench.preprocessing.blocks
    if method == "kmeans":
        return Redraw(bench.X[rows], rows, {}, blocks)
    seed = bench.brief.seed
    fits: dict[int, Fitter] = {}
    matrix = bench.X
    for candidate in (c for c in candidates if c.method == method):
        again = refit_of(candidate, candidates, bench.X, seed)
        if again is None:
            return None
        matrix = again.matrix
        fits.setdefault(candidate.k, _from_zero(again.fit) if method in _FROM_ONE else again.fit)
    if not fits:
        return None
    used = rows[subsample(len(rows), MOST_ROWS, np.random.default_rng([seed, 8]))]
    if matrix is bench.X:
        return Redraw(matrix[used], used, fits, blocks)
    together = blocks if matrix.shape[1] == bench.X.shape[1] else []
    return Redraw(matrix[used], used, fits, together, twins=("permute",))


def _from_zero(fit: Fitter) -> Fitter:
    return lambda rows, all_rows: np.asarray(fit(rows, all_rows)) - 1
