"""Replicability on one footing: does the other half of the accounts give the same segments?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from seglib.clustering.bootstrap import subsample
from seglib.clustering.candidate import Candidate, Refit
from seglib.clustering.consensus import VOTERS, consensus
from seglib.clustering.lloyd import fit_many
from seglib.clustering.mixture import FLOOR, Mixtures, fit_best, starting_labels
from seglib.clustering.models import Mixture
from seglib.clustering.ward import nearest, ward_cuts

Matrix = NDArray[np.float64]
Labels = NDArray[np.integer]
Fitter = Callable[[Matrix, Matrix], Labels]

SPLITS = {"quick": 2, "standard": 4, "thorough": 20}
"""Random halvings per effort."""

MOST_ROWS = 5000
"""Above so many accounts the halves are those of a sample of so many."""
_STARTS = 10


class Excess(NamedTuple):
    """Excess replicability, with the 95 % interval of its mean over the halvings."""

    value: float
    low: float
    high: float


_UNKNOWN = Excess(float("nan"), float("nan"), float("nan"))


def excess_replicability(
    candidates: Sequence[Candidate], X: Matrix, *, splits: int, seed: int
) -> list[Excess]:
    """Agreement between two halves of the accounts, above the same on permuted columns.

    Above 5,000 accounts they are halves of a random sample of so many. Each half is segmented
    by the candidate's own method and k; both solutions then place all accounts, and the two
    labelings are compared by the adjusted Rand index. The mean over the halvings, minus the same
    on a null twin (every column permuted by itself), divided by what is left to gain (1 − twin),
    is the excess; 0 is no better than noise.

    Parameters
    ----------
    candidates
        Methods that look for groups are refitted (a consensus from those of its methods that work
        on ``X``); rules and trees have no such sampling noise to measure and get NaN.
    X
        The preprocessed matrix, accounts × columns.
    splits
        Number of random halvings.
    seed
        Of the halvings and the twin.

    Returns
    -------
    list of Excess
        One per candidate, at most 1; the interval is Student's over the halvings, whose rows
        overlap, so that it tells of the halving and not of another sample of accounts.
    """
    rng = np.random.default_rng([seed, 5])
    used = subsample(len(X), MOST_ROWS, rng)
    halves = [rng.permutation(len(used)) < len(used) // 2 for _ in range(splits)]
    twin = np.stack([rng.permutation(column) for column in X[used].T], axis=1)
    found = []
    with threadpool_limits(1):
        for candidate in candidates:
            again, noisy = refit_of(candidate, candidates, X, seed), twin
            if again is None or candidate.k < 2 or len(used) < 4 * candidate.k:
                found.append(_UNKNOWN)
                continue
            rows = again.matrix[used]
            if candidate.refit is not None:
                order = np.random.default_rng([seed, 6])
                noisy = np.stack([order.permutation(column) for column in rows.T], axis=1)
            observed, noise = (_agreement(M, halves, again.fit) for M in (rows, noisy))
            found.append(_excess(observed, noise))
    return found


def refit_of(
    candidate: Candidate, others: Sequence[Candidate], X: Matrix, seed: int
) -> Refit | None:
    """How a candidate's method is fitted again; None for rules and trees.

    Parameters
    ----------
    candidate
        To be fitted again with its own number of segments.
    others
        All candidates; a consensus is made of theirs.
    X
        The bench's matrix, which most methods work on.
    seed
        Of the fits.
    """
    if candidate.refit is not None:
        return candidate.refit
    fitter = _fitter(candidate, others, seed)
    return None if fitter is None else Refit(X, fitter)


def _agreement(X: Matrix, halves: Sequence[NDArray[np.bool_]], fitter: Fitter) -> Matrix:
    scores = [adjusted_rand_score(fitter(X[half], X), fitter(X[~half], X)) for half in halves]
    return np.array(scores)


def _excess(observed: Matrix, noise: Matrix) -> Excess:
    """1 − (what lacks to a perfect agreement) / (the same of noise), as a ratio of two means
    (Cochran 1977, section 6.4: the variance is that of the residuals)."""
    lacking, n = 1 - observed, len(observed)
    scale = max(float((1 - noise).mean()), 1e-9)
    ratio = float(lacking.mean()) / scale
    if n < 2:
        return Excess(1 - ratio, float("nan"), float("nan"))
    residuals = (lacking - ratio * (1 - noise)) / scale
    margin = float(student.ppf(0.975, n - 1) * residuals.std(ddof=1) / np.sqrt(n))
    return Excess(1 - ratio, 1 - ratio - margin, min(1 - ratio + margin, 1.0))


def _fitter(candidate: Candidate, others: Sequence[Candidate], seed: int) -> Fitter | None:
    """Function that fits on the first matrix and places the rows of the second."""
    k = candidate.k
    if candidate.method == "kmeans":
        return lambda half, X: nearest(
            X, fit_many(half, k, n_starts=_STARTS, random_state=seed).best()[0]
        )
    if candidate.method == "ward":
        return lambda half, X: nearest(X, ward_cuts(half, [k], seed=seed)[k][1])
    if candidate.method == "consensus":
        voters = [c for c in others if c.k == k and c.method in VOTERS and c.refit is None]
        fitters = [f for c in voters if (f := _fitter(c, (), seed)) is not None]
        return (
            (lambda half, X: consensus([f(half, X) + 1 for f in fitters], k)) if fitters else None
        )
    if isinstance(candidate.model, Mixture):
        covariance = candidate.model.covariance
        return lambda half, X: _mixture(half, X, k, covariance, seed)
    return None


def _mixture(half: Matrix, X: Matrix, k: int, covariance: str, seed: int) -> Labels:
    """Fit on the half, place all rows of X."""
    rows = np.concatenate([half, X])
    spread = half.std(axis=0)
    data = (rows - half.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    fitted = (np.arange(len(rows)) < len(half))[None]
    starts = starting_labels(data, fitted, k, np.random.default_rng(seed))
    model = Mixtures(covariance, data, fitted, np.full(X.shape[1], FLOOR))
    return fit_best(model, starts, k).labels[0, len(half) :]
