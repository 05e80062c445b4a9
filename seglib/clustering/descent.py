"""Move many weighted k-means partitions of one matrix downhill together.

A replicate is a partition of the rows with its own row weights. One pass scores every row against
every centre of every replicate in one matrix product: ½|x − c|² = ½|x|² + ½|c|² − x·c, with a
one and ½|x|² carried as columns of the data; a second product gives the sums of all segments.

Two kinds of move: to the *nearest* centre (Lloyd 1982), and by *exchange* (Hartigan 1975): row x
with weight w leaves segment a for b when N_b/(N_b + w)·d²(x, c_b) < N_a/(N_a − w)·d²(x, c_a),
which reckons with both centres following the row, and goes on where Lloyd is stuck.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]

TILE_ROWS = 4096
TILE_SCORES = 1 << 19  # scores in flight a thread: 2 MB in single precision, 4 in double
SMALLEST_SHIFT = {"f": 1e-5, "d": 1e-9}  # of a centre, in units of the spread: nearer is at rest
SMALLEST_FALL = {"f": 1e-8, "d": 1e-13}  # of the sum of squares, in units of the whole
HOPE = 20  # passes like the last one that a replicate is given to come to its goal
TINY = 1e-30  # stands for no weight where one has to divide by it


@dataclass(frozen=True)
class Matrix:
    """Data moved to the mean and scaled by a power of two, which rounds nothing away.

    Attributes
    ----------
    double, single
        Row × (variables, 1, ½|x|²) in double and in single precision.
    mean, unit
        What was subtracted from the data, and what the rest was then divided by.
    """

    double: FloatArray
    single: FloatArray
    mean: FloatArray
    unit: float

    @classmethod
    def of(cls, X: FloatArray) -> Matrix:
        """Prepare a finite matrix."""
        mean = X.mean(axis=0)
        centred = X - mean
        widest = float(np.abs(centred).max(initial=0.0))
        unit = float(2.0 ** np.floor(np.log2(widest))) if widest > 0 else 1.0
        centred /= unit
        half = 0.5 * np.einsum("np,np->n", centred, centred)
        double = np.column_stack([centred, np.ones(len(X)), half])
        return cls(double, double.astype(np.float32), mean, unit)

    def inward(self, centers: FloatArray) -> FloatArray:
        """Move centres from the data's place and unit to the matrix's."""
        return (centers - self.mean) / self.unit

    def outward(self, centers: FloatArray) -> FloatArray:
        """Move centres from the matrix's place and unit to the data's."""
        return centers * self.unit + self.mean


class Batch:
    """Replicates over one form of the matrix, with the memory that their passes need.

    Parameters
    ----------
    data
        `Matrix.single` or `Matrix.double`.
    weights
        Replicate × row.
    n_clusters
        Segments of every replicate.
    """

    def __init__(self, data: FloatArray, weights: FloatArray, n_clusters: int) -> None:
        self.data = data
        self.weights = weights.astype(data.dtype)
        self.k = n_clusters
        self.passes = 0  # replicates × passes over the data so far
        self.spread = 2.0 * (weights @ data[:, -1].astype(float))
        size = len(weights) * min(len(data), TILE_ROWS)
        self._scores = np.empty(size * n_clusters, data.dtype)
        self._own = np.empty(size * n_clusters, dtype=bool)
        self._best = np.empty(size, data.dtype)

    def lloyd(self, start: FloatArray, max_iter: int) -> tuple[FloatArray, FloatArray]:
        """Move every row to its nearest centre and every centre to its rows, until at rest.

        Returns the centres and the sum of squares within segments.
        """
        limit = SMALLEST_SHIFT[self.data.dtype.char] ** 2 * np.mean(np.square(self.data[:, :-2]))
        centers, between = start.astype(self.data.dtype), np.zeros(len(start))
        active, old, weights = np.arange(len(start)), centers, self.weights
        for _ in range(max_iter):
            sums = self._nearest_sums(old, weights)
            new = self._means(sums, old, weights)
            step = (new - old).reshape(len(new), -1)
            moved = np.einsum("rc,rc->r", step, step) > limit
            if not moved.all():
                centers[active], between[active] = new, between_squares(sums)
                active, new, weights = active[moved], new[moved], weights[moved]
            if not active.size:
                break
            old = new
        else:
            centers[active], between[active] = new, between_squares(sums[moved])
        return centers, self.spread - between

    def exchange(
        self, start: FloatArray, max_iter: int, goal: FloatArray | None = None
    ) -> tuple[FloatArray, FloatArray]:
        """Move rows as long as that lowers the sum of squares.

        All rows that gain move at once; where the sum of squares does not fall by that, the row
        that gains most moves alone. Where there is a goal, a replicate that would not come to it
        by so many more passes like the last one is given up. Returns as `lloyd`.
        """
        weights, own = self.weights, self.membership(start.astype(self.data.dtype))
        sums, active = self._sums(own, weights), np.arange(len(start))
        margin = smallest_fall(self)
        between, final = between_squares(sums), sums.copy()
        for _ in range(max_iter):
            rise = self._exchange_once(own, sums, weights, between[active], margin[active])
            between[active] += rise
            final[active] = sums
            on = rise > 0
            if goal is not None:
                on &= (self.spread - between - goal)[active] < HOPE * rise
            if not on.all():
                active, own, sums, weights = active[on], own[on], sums[on], weights[on]
            if not active.size:
                break
        return means(final), self.spread - between

    def membership(self, centers: FloatArray) -> BoolArray:
        """Mark the nearest segment of each row: replicate × segment × row."""
        flat = _flat(centers)
        own = np.empty((len(centers), self.k, len(self.data)), dtype=bool)
        for tile in self._tiles():
            own[:, :, tile] = self._lowest(self._score(flat, tile))
        return own

    def _exchange_once(
        self,
        own: BoolArray,
        sums: FloatArray,
        weights: FloatArray,
        between: FloatArray,
        margin: FloatArray,
    ) -> FloatArray:
        """Move rows, in place, in the replicates that gain by it; say by how much each did."""
        new = self._exchange_moves(own, sums, weights, alone=False)
        better = self._sums(new, weights)
        rise = between_squares(better) - between
        fell = rise > margin
        own[fell], sums[fell], rise[~fell] = new[fell], better[fell], 0.0
        stuck = np.flatnonzero(~fell)
        stuck = stuck[[not np.array_equal(new[r], own[r]) for r in stuck]]
        if stuck.size:
            new = self._exchange_moves(own[stuck], sums[stuck], weights[stuck], alone=True)
            better = self._sums(new, weights[stuck])
            more = between_squares(better) - between[stuck]
            gained = more > margin[stuck]
            stuck, new, better = stuck[gained], new[gained], better[gained]
            own[stuck], sums[stuck], rise[stuck] = new, better, more[gained]
        return rise

    def _exchange_moves(
        self, own: BoolArray, sums: FloatArray, weights: FloatArray, *, alone: bool
    ) -> BoolArray:
        """Where the rows would go; with `alone` only the row that gains most goes."""
        count = np.maximum(sums[:, :, -2:-1], TINY)
        flat = _flat(sums[:, :, :-2] / count)
        new = np.empty_like(own)
        gain = np.empty(weights.shape, self.data.dtype)
        for tile in self._tiles():
            scores = self._score(flat, tile)
            scores /= _pull(own[:, :, tile], weights[:, None, tile], count)
            if alone:
                gain[:, tile] = np.where(own[:, :, tile], scores, 0).sum(axis=1)
                gain[:, tile] -= scores.min(axis=1)
            new[:, :, tile] = self._lowest(scores)
        if not alone:
            return new
        replicate, row = np.arange(len(own)), np.argmax(gain * weights, axis=1)
        single = own.copy()
        single[replicate, :, row] = new[replicate, :, row]
        return single

    def _tiles(self) -> list[slice]:
        return [slice(a, a + TILE_ROWS) for a in range(0, len(self.data), TILE_ROWS)]

    def _score(self, flat: FloatArray, tile: slice) -> FloatArray:
        rows = self.data[tile]
        scores = self._scores[: len(flat) * len(rows)].reshape(len(flat), -1)
        np.matmul(flat, rows.T, out=scores)
        return scores.reshape(-1, self.k, len(rows))

    def _lowest(self, scores: FloatArray) -> BoolArray:
        best = self._best[: scores.size // self.k].reshape(len(scores), 1, -1)
        np.min(scores, axis=1, out=best, keepdims=True)
        own = np.equal(scores, best, out=self._own[: scores.size].reshape(scores.shape))
        if np.count_nonzero(own) != best.size:
            _first_of_ties(own)
        return own

    def _tile_sums(self, own: BoolArray, weights: FloatArray, tile: slice) -> FloatArray:
        load = self._scores[: own.size].reshape(own.shape)
        np.multiply(own, weights[:, None, tile], out=load)
        return (load.reshape(-1, own.shape[2]) @ self.data[tile]).reshape(len(own), self.k, -1)

    def _sums(self, own: BoolArray, weights: FloatArray) -> FloatArray:
        self.passes += len(own)
        return _added(self._tile_sums(own[:, :, tile], weights, tile) for tile in self._tiles())

    def _nearest_sums(self, centers: FloatArray, weights: FloatArray) -> FloatArray:
        self.passes += len(centers)
        flat = _flat(centers)
        parts = (
            self._tile_sums(self._lowest(self._score(flat, tile)), weights, tile)
            for tile in self._tiles()
        )
        return _added(parts)

    def _means(self, sums: FloatArray, old: FloatArray, weights: FloatArray) -> FloatArray:
        empty = sums[:, :, -2] <= 0
        if not empty.any():
            return means(sums)
        new = np.where(empty[:, :, None], old, means(sums))
        for r in np.flatnonzero(empty.any(axis=1)):
            _refill(new[r], np.flatnonzero(empty[r]), self.data[:, :-2], weights[r])
        return new


def _added(parts: Iterable[FloatArray]) -> FloatArray:
    return reduce(np.add, parts)


def vectors(centers: FloatArray) -> FloatArray:
    """Turn each centre into (−c, ½|c|², 1), whose product with a row is ½|x − c|²."""
    found = np.ones((*centers.shape[:2], centers.shape[2] + 2), centers.dtype)
    np.negative(centers, out=found[:, :, :-2])
    found[:, :, -2] = 0.5 * np.einsum("rkp,rkp->rk", centers, centers)
    return found


def means(sums: FloatArray) -> FloatArray:
    """Centres of segments whose weighted sums these are."""
    return sums[:, :, :-2] / np.maximum(sums[:, :, -2:-1], TINY)


def smallest_fall(batch: Batch) -> FloatArray:
    """What the sum of squares of each replicate must fall by for a move to be made."""
    return SMALLEST_FALL[batch.data.dtype.char] * batch.spread


def _flat(centers: FloatArray) -> FloatArray:
    found = vectors(centers)
    return found.reshape(-1, found.shape[2])


def _pull(own: BoolArray, weights: FloatArray, count: FloatArray) -> FloatArray:
    """1 − w/N_a in the row's own segment, 1 + w/N_b in the others."""
    pull = own.astype(count.dtype)
    pull *= -2
    pull += 1
    pull *= weights
    pull /= count
    pull += 1
    if count.min() <= 1.001 * weights.max():  # a row alone in its segment stays there
        pull[pull < 1e-3] = np.inf
    return pull


def between_squares(sums: FloatArray) -> FloatArray:
    """Σ_j |S_j|²/N_j of the weighted sums of each segment, in double precision."""
    total = sums[:, :, :-2].astype(float)
    count = np.maximum(sums[:, :, -2].astype(float), TINY)
    return np.einsum("rkp,rkp,rk->r", total, total, 1.0 / count)


def _first_of_ties(own: BoolArray) -> None:
    """Let the first of equally near segments keep the row."""
    taken = own[:, 0].copy()
    for j in range(1, own.shape[1]):
        np.greater(own[:, j], taken, out=own[:, j])
        np.logical_or(taken, own[:, j], out=taken)


def _refill(centers: FloatArray, empty: IntArray, rows: FloatArray, weights: FloatArray) -> None:
    """Move each empty segment of one replicate to the row that is worst served."""
    kept = np.delete(centers, empty, axis=0)
    distance = np.min([np.square(rows - center).sum(axis=1) for center in kept], axis=0) * weights
    for j in empty:
        worst = int(np.argmax(distance))
        if distance[worst] <= 0:
            return
        centers[j] = rows[worst]
        distance = np.minimum(distance, np.square(rows - rows[worst]).sum(axis=1) * weights)
