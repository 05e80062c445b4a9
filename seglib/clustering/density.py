"""HDBSCAN: groups of any shape where accounts lie densely; what lies between is left out.

Source: Campello, Moulavi & Sander (2013). It has no rule for a new account, so one is stated: an
account belongs to the group in whose exemplars' reach it lies deepest, and to none beyond all of
them; the agreement of that rule with HDBSCAN's own labels is measured.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import HDBSCAN

from seglib.clustering.bench import Bench
from seglib.clustering.candidate import Candidate, Refit, make_candidate
from seglib.clustering.lloyd import assign, fit_many
from seglib.clustering.models import Exemplars

Matrix = NDArray[np.float64]
Labels = NDArray[np.integer]

_MOST_ROWS = 10_000  # its time grows with the square of the rows
_SMALLEST = 5
_PARTS = (1.0, 0.5, 0.25)  # of the smallest share that is worth a segment
_EXEMPLARS = (1, 2, 4, 8)  # of each group
_REACHES = (0.9, 0.95, 1.0)  # quantile of the members' distances
_MARGIN, _LEAST_REACH = 1 + 1e-6, 1e-4  # no member lies on the very border, where engines round
_ENOUGH = 0.98  # agreement that more exemplars need not better


def hdbscan_candidates(bench: Bench) -> list[Candidate]:
    """HDBSCAN at several smallest sizes of a group; each number up to the largest k once."""
    rows = _sample(bench)
    made: dict[int, Candidate] = {}
    for part in _PARTS:
        size = max(_SMALLEST, int(np.ceil(part * bench.brief.min_share * len(rows))))
        labels = density_labels(bench.X[rows], size)
        groups = int(labels.max())
        if groups < 2 or groups > max(bench.ks) or groups in made:
            continue
        centers, reach, of = exemplars(bench.X[rows], labels, seed=bench.brief.seed)
        model = Exemplars(
            preprocessing=bench.preprocessing,
            centers=tuple(tuple(float(v) for v in c) for c in centers),
            reach=tuple(float(r) for r in reach),
            groups=tuple(int(g) for g in of),
        )
        own = np.full(len(bench.X), -1)
        own[rows] = labels
        placed = place(bench.X, centers, reach, of)
        note = (
            f"groups of at least {size:,} accounts; {(labels == 0).mean():.0%} belong to none; "
            f"the stated rule gives {(placed[rows] == labels).mean():.0%} HDBSCAN's own label"
        )
        whole = np.where(own < 0, placed, own)
        made[groups] = make_candidate(
            "hdbscan", model, bench, whole, note=note, refit=_refit(bench, size)
        )
    return list(made.values())


def _sample(bench: Bench) -> NDArray[np.intp]:
    n = len(bench.X)
    if n <= _MOST_ROWS:
        return np.arange(n)
    rng = np.random.default_rng([bench.brief.seed, 7])
    return np.sort(rng.choice(n, _MOST_ROWS, replace=False))


def density_labels(X: Matrix, smallest: int) -> Labels:
    """HDBSCAN's groups from 1; 0 for what belongs to none.

    Examples
    --------
    >>> X = np.repeat([[0.0], [9.0]], 10, axis=0) + np.arange(20)[:, None] % 10 / 10
    >>> np.bincount(density_labels(np.vstack([X, [[90.0]]]), 5)).tolist()
    [1, 10, 10]
    """
    smallest = min(smallest, len(X))
    return HDBSCAN(min_cluster_size=smallest, copy=True).fit_predict(X).astype(np.int64) + 1


def exemplars(X: Matrix, labels: Labels, *, seed: int) -> tuple[Matrix, Matrix, Labels]:
    """Exemplars, their reach and their group: the fewest that give nearly all rows their own label.

    Each group's exemplars are k-means centres of its members; one reaches as far as a quantile of
    the distances of those nearest to it.
    """
    best: tuple[float, tuple[Matrix, Matrix, Labels]] | None = None
    for count in _EXEMPLARS:
        for quantile in _REACHES:
            made = _exemplars(X, labels, count, quantile, seed)
            agreement = float((place(X, *made) == labels).mean())
            if best is None or agreement > best[0]:
                best = agreement, made
        if best is not None and best[0] >= _ENOUGH:
            break
    if best is None:
        raise ValueError("there is nothing to choose exemplars from")
    return best[1]


def _exemplars(
    X: Matrix, labels: Labels, count: int, quantile: float, seed: int
) -> tuple[Matrix, Matrix, Labels]:
    centers, reach, of = [], [], []
    for group in range(1, int(labels.max()) + 1):
        members = X[labels == group]
        k = min(count, len(np.unique(members, axis=0)))
        found = fit_many(members, k, n_starts=5, random_state=seed, n_jobs=1).best()
        nearest = assign(members, found, n_jobs=1)[0]
        away = np.sqrt(np.square(members - found[0][nearest]).sum(axis=1))
        for number in sorted(set(nearest.tolist())):
            own = away[nearest == number]
            centers.append(found[0][number])
            reach.append(float(np.quantile(own, quantile)) * _MARGIN + _LEAST_REACH)
            of.append(group)
    return np.stack(centers), np.array(reach), np.array(of)


def place(X: Matrix, centers: Matrix, reach: Matrix, of: Labels) -> Labels:
    """Group of the exemplar in whose reach a row lies deepest; 0 beyond all.

    Examples
    --------
    >>> place(np.array([[0.5], [3.0]]), np.array([[0.0]]), np.array([1.0]), np.array([1])).tolist()
    [1, 0]
    """
    inside = np.square(reach) - np.square(centers).sum(axis=1) + 2.0 * X @ centers.T
    inside -= np.square(X).sum(axis=1)[:, None]
    return np.where(inside.max(axis=1) < 0, 0, np.asarray(of)[inside.argmax(axis=1)])


def _refit(bench: Bench, smallest: int) -> Refit:
    """Half the rows, half the smallest size."""

    def fit(half: Matrix, X: Matrix) -> Labels:
        size = max(_SMALLEST, int(np.ceil(smallest * len(half) / len(bench.X))))
        labels = density_labels(half, size)
        if labels.max() < 1:
            return np.zeros(len(X), dtype=np.int64)
        return place(X, *exemplars(half, labels, seed=bench.brief.seed))

    return Refit(bench.X, fit)
