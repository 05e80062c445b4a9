"""Bootstrap samples as weight vectors, and the partitions that their fits give to all rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seglib.clustering.certificate import Certificate, certify
from seglib.clustering.lloyd import assign, fit_many

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
Seed = int | np.random.Generator | None

CERTIFICATE_SWAPS = 10  # random swaps of one restart of a certificate
SAME_OBJECTIVE = 1e-6


@dataclass(frozen=True)
class Search:
    """How hard each fit is searched for: as in `fit_many`."""

    n_starts: int = 2
    n_swaps: int | None = 5
    n_jobs: int | None = None


def subsample(rows: int, max_rows: int, rng: np.random.Generator) -> IntArray:
    """Numbers of the rows to work on: all, or so many drawn at random, in their order.

    Examples
    --------
    >>> subsample(4, 10, np.random.default_rng(0))
    array([0, 1, 2, 3])
    """
    if rows <= max_rows:
        return np.arange(rows)
    return np.sort(rng.choice(rows, max_rows, replace=False))


def bootstrap_weights(rows: int, samples: int, rng: np.random.Generator) -> FloatArray:
    """Times that each row is in each of so many bootstrap samples of all rows: sample × row.

    Examples
    --------
    >>> bootstrap_weights(5, 2, np.random.default_rng(0)).sum(axis=1)
    array([5., 5.])
    """
    return rng.multinomial(rows, np.full(rows, 1.0 / rows), size=samples).astype(float)


def best_labels(
    X: FloatArray, k: int, weights: FloatArray, search: Search, rng: np.random.Generator
) -> tuple[IntArray, BoolArray]:
    """Fit every weight vector and let the best fit of each assign all rows.

    Returns the labels, weight vector × row, and for each weight vector whether a second start
    came to the same objective.
    """
    fits = fit_many(
        X,
        k,
        weights=weights,
        n_starts=search.n_starts,
        n_swaps=search.n_swaps,
        random_state=rng,
        n_jobs=search.n_jobs,
    )
    ranked = np.sort(fits.objective, axis=1)
    second = ranked[:, min(1, search.n_starts - 1)]
    confirmed = (second <= ranked[:, 0] * (1 + SAME_OBJECTIVE)) & (search.n_starts > 1)
    return assign(X, fits.best(), n_jobs=search.n_jobs), confirmed


def certificate_of(
    X: FloatArray,
    k: int,
    rng: np.random.Generator,
    *,
    min_hits: int,
    max_restarts: int,
    n_jobs: int | None = None,
) -> Certificate:
    """Restart certificate of the k-means fit with k segments to all rows."""

    def restart(count: int) -> tuple[FloatArray, IntArray]:
        fits = fit_many(
            X, k, n_starts=count, n_swaps=CERTIFICATE_SWAPS, random_state=rng, n_jobs=n_jobs
        )
        return fits.objective[0], assign(X, fits.centers[0], n_jobs=n_jobs)

    return certify(restart, min_hits=min_hits, max_restarts=max_restarts)
