"""Many weighted k-means fits on one matrix at once.

All replicates (starts, or bootstrap samples written as weight vectors) share the matrix, so that
one matrix product gives the distances of every replicate and one the sums of every segment. The
descent runs first in single precision, then in double precision until no row moves, so that the
result is a fixed point in double precision.

Sources: Lloyd (1982); Hartigan (1975) for the exchange of single rows; Arthur & Vassilvitskii
(2007) for the k-means++ starts; Fränti (2018) for random swaps; Bachem, Lucic & Krause (2018) for
coresets.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seglib.clustering.descent import (
    TILE_ROWS,
    TILE_SCORES,
    TINY,
    Batch,
    FloatArray,
    IntArray,
    Matrix,
)
from seglib.clustering.margins import exchange_by_margins
from seglib.clustering.starts import Init, draw_starts, swap_one, tries
from seglib.clustering.threads import run_all

LLOYD_BEFORE_EXCHANGE = 5  # passes; exchange finishes sooner than Lloyd from there
LLOYD_AFTER_SWAP = 5
EXCHANGE_AFTER_SWAP = 20  # most passes of one trial
CORESET = 5000  # rows drawn to stand for a long table while centres are swapped
LONG = 2 * CORESET  # rows from which a table is long
LEAST_SCORES = 1 << 17  # of a batch that is worth a core of its own


@dataclass(frozen=True)
class Fits:
    """The fits of every weight vector from every start.

    Attributes
    ----------
    centers
        Segment centres, weight vector × start × segment × variable.
    objective
        Weighted sum of squared distances to the nearest centre, weight vector × start.
    passes
        Passes over all rows, summed over all fits.
    """

    centers: FloatArray
    objective: FloatArray
    passes: int

    def best(self) -> FloatArray:
        """Centres of the best start of each weight vector: weight vector × segment × variable."""
        return self.centers[np.arange(len(self.objective)), self.objective.argmin(axis=1)]


def fit_many(
    X: FloatArray,
    n_clusters: int,
    *,
    weights: FloatArray | None = None,
    n_starts: int = 10,
    n_swaps: int | None = None,
    init: Init = "k-means++",
    random_state: int | np.random.Generator | None = None,
    max_iter: int = 300,
    n_jobs: int | None = None,
) -> Fits:
    """Fit k-means from many starts under many weight vectors, all together.

    A segment that loses all its weight takes over the row that is worst served at that moment
    (largest weighted squared distance); where every row already sits on a centre it stays empty.

    Parameters
    ----------
    X
        Rows × variables, finite.
    n_clusters
        Number of segments k.
    weights
        Weight vectors × rows, not negative; one vector of ones by default. A bootstrap sample is
        its vector of multinomial counts.
    n_starts
        Starts of each weight vector.
    n_swaps
        How far each start is taken. None: Lloyd's algorithm to its fixed point, as everywhere.
        0: on to where no single row can move with gain. More: then so many random swaps, each of
        which moves one centre to a row drawn as in k-means++, settles, and stays if it is better.
        Of tables of 10,000 rows and more, all this is done on a coreset of 5,000 drawn for each
        start, whose end then descends on all rows.
    init
        `"k-means++"` (rows drawn with chances ∝ weight × squared distance to the nearest centre
        drawn before) or `"random"` (rows drawn with chances ∝ weight).
    random_state
        Seed or generator.
    max_iter
        Most passes over the data in each precision.
    n_jobs
        Threads; the result does not depend on it.

    Returns
    -------
    Fits

    Examples
    --------
    >>> X = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> fits = fit_many(X, 2, n_starts=3, random_state=0)
    >>> fits.objective
    array([[1., 1., 1.]])
    >>> np.sort(fits.best()[0], axis=0).ravel()
    array([ 0.5, 10.5])
    """
    matrix = Matrix.of(np.asarray(X, dtype=float))
    W = np.ones((1, len(X))) if weights is None else np.atleast_2d(np.asarray(weights, float))
    total = len(W) * n_starts
    size = n_clusters * tries(n_clusters, init) + 2 * (n_swaps or 0)
    size += int(n_swaps is not None and len(X) >= LONG)
    draws = np.random.default_rng(random_state).random((total, size))

    def work(piece: IntArray) -> tuple[FloatArray, FloatArray, int]:
        job = W[piece // n_starts], draws[piece], n_clusters
        return (_lloyd if n_swaps is None else _search)(matrix, *job, init, max_iter)

    parts = run_all(work, _pieces(total, len(X), n_clusters), n_jobs=n_jobs)
    centers = matrix.outward(np.concatenate([part[0] for part in parts]))
    objective = np.concatenate([part[1] for part in parts])
    return Fits(
        centers.reshape(len(W), n_starts, n_clusters, -1),
        np.maximum(objective, 0.0).reshape(len(W), n_starts) * matrix.unit**2,
        sum(part[2] for part in parts),
    )


def assign(X: FloatArray, centers: FloatArray, *, n_jobs: int | None = None) -> IntArray:
    """Give every row its nearest centre under each of many sets of centres.

    Parameters
    ----------
    X
        Rows × variables.
    centers
        Sets × segments × variables.
    n_jobs
        Threads; the result does not depend on it.

    Returns
    -------
    numpy.ndarray
        Sets × rows, segment numbers from 0. Of equally near centres the first is taken.

    Examples
    --------
    >>> assign(np.array([[0.0], [4.0]]), np.array([[[0.0], [5.0]], [[5.0], [0.0]]]))
    array([[0, 1],
           [1, 0]], dtype=int16)
    """
    matrix = Matrix.of(np.asarray(X, dtype=float))
    inward = matrix.inward(np.asarray(centers, dtype=float))
    sets, k, _ = inward.shape

    def work(piece: IntArray) -> IntArray:
        batch = Batch(matrix.double, np.zeros((len(piece), len(X))), k)
        own = batch.membership(inward[piece])
        labels = np.zeros((len(piece), len(X)), dtype=np.int16)
        for j in range(1, k):
            np.copyto(labels, np.int16(j), where=own[:, j])
        return labels

    return np.concatenate(run_all(work, _pieces(sets, len(X), k), n_jobs=n_jobs))


def _pieces(replicates: int, rows: int, n_clusters: int) -> list[IntArray]:
    """Cut the replicates into even batches whose scores fit the cache, for several cores.

    Two batches are worth their overhead where each keeps its core busy for long, four where the
    table is long.
    """
    step = max(1, TILE_SCORES // (n_clusters * min(rows, TILE_ROWS)))
    busy = min(2, replicates * rows * n_clusters // LEAST_SCORES) if rows < LONG else 4
    pieces = min(replicates, max(-(-replicates // step), busy))
    return np.array_split(np.arange(replicates), pieces)


def _start(batch: Batch, draws: FloatArray, init: Init) -> tuple[FloatArray, FloatArray]:
    """Starting centres of every replicate, and the random numbers that are left."""
    size = batch.k * tries(batch.k, init)
    own = draws[:, :size].reshape(len(draws), batch.k, -1)
    return draw_starts(batch.data[:, :-2], batch.weights, own, init), draws[:, size:]


def _lloyd(
    matrix: Matrix, weights: FloatArray, draws: FloatArray, k: int, init: Init, max_iter: int
) -> tuple[FloatArray, FloatArray, int]:
    light = Batch(matrix.single, weights, k)
    centers, _ = light.lloyd(_start(light, draws, init)[0], max_iter)
    exact = Batch(matrix.double, weights, k)
    centers, within = exact.lloyd(centers, max_iter)
    return centers, within, light.passes + exact.passes


def _search(
    matrix: Matrix, weights: FloatArray, draws: FloatArray, k: int, init: Init, max_iter: int
) -> tuple[FloatArray, FloatArray, int]:
    light, exact = Batch(matrix.single, weights, k), Batch(matrix.double, weights, k)
    if len(matrix.single) < LONG:
        centers, within = exact.exchange(_swapped(light, draws, init, max_iter), max_iter)
    else:
        small = [
            Batch(*coreset(matrix, *one), k) for one in zip(weights, draws[:, -1], strict=True)
        ]
        parts = [
            _swapped(one, own[None, :-1], init, max_iter)
            for one, own in zip(small, draws, strict=True)
        ]
        centers, _ = light.lloyd(np.concatenate(parts), LLOYD_BEFORE_EXCHANGE)
        centers, _ = exchange_by_margins(light, centers, max_iter)
        centers, within = exchange_by_margins(exact, centers, max_iter)
    return centers, within, light.passes + exact.passes


def _swapped(batch: Batch, draws: FloatArray, init: Init, max_iter: int) -> FloatArray:
    """Centres after a start, Lloyd's algorithm, exchanges and random swaps."""
    centers, draws = _start(batch, draws, init)
    centers, _ = batch.lloyd(centers, LLOYD_BEFORE_EXCHANGE)
    centers, within = batch.exchange(centers, max_iter)
    for t in range(0, draws.shape[1], 2):
        trial = swap_one(batch.data, batch.weights, centers, draws[:, t : t + 2])
        trial, _ = batch.lloyd(trial, LLOYD_AFTER_SWAP)
        trial, settled = batch.exchange(trial, EXCHANGE_AFTER_SWAP, within)
        better = settled < within
        centers[better], within[better] = trial[better], settled[better]
    return centers


def coreset(matrix: Matrix, weights: FloatArray, draw: float) -> tuple[FloatArray, FloatArray]:
    """Draw rows that stand for all of a long table, and the weights that make them do so.

    Half of a row's chance is its weight, the other half its share of the squared distances to the
    mean, so that rows far out are there for certain (Bachem, Lucic & Krause 2018, *Scalable
    k-means clustering via lightweight coresets*).

    Parameters
    ----------
    matrix
        All rows.
    weights
        Of the rows.
    draw
        In [0, 1): all the randomness there is.

    Returns
    -------
    tuple
        Row × (variables, 1, ½|x|²) in single precision, and the weights: one × row.

    Examples
    --------
    >>> far = Matrix.of(np.append(np.zeros(9999), 1e6)[:, None])
    >>> rows, weights = coreset(far, np.ones(10_000), 0.5)
    >>> int((rows[:, 0] > 0.5).sum()), round(float(weights.sum()), -3)
    (1, 10000.0)
    """
    spread = weights * matrix.double[:, -1]
    chance = weights / weights.sum() + spread / max(float(spread.sum()), TINY)
    chance /= chance.sum()
    times = np.random.default_rng(int(draw * 2**53)).multinomial(CORESET, chance)
    rows = np.flatnonzero(times)
    return matrix.single[rows], (weights[rows] * times[rows] / (CORESET * chance[rows]))[None]
