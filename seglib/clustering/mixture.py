"""Gaussian mixtures fitted to many halves of one matrix together, scored on the other halves.

Expectation and maximisation are one matrix product each: the log density of a normal component is
linear in features of a row, and the component's moments are sums of those features. The halves
are 0/1 weights on the same rows.

Sources: Dempster, Laird & Rubin (1977); Fraley & Raftery (2002) for starts on data that are
brought to unit variance in every direction, where a small group is found that plain k-means
misses.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from seglib.clustering.covariances import POOLED, STRUCTURES, features, free_parameters
from seglib.clustering.lloyd import assign, fit_many

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]

FLOOR = 1e-2  # least variance of a component, in units of the variable's
MAX_ITER = 100
LEAST_RISE = 2e-3  # of the mean log-likelihood of a row: an EM that rises less is at rest
STARTS = 8


@dataclass(frozen=True)
class Fit:
    """Mixtures of one structure and number of components, one for each half.

    Attributes
    ----------
    bic
        Half: Bayesian information criterion on the rows fitted.
    score
        Half: mean log-likelihood of a row of the other half.
    share
        Half × component × row (all rows): chance that the row belongs to the component.
    """

    bic: FloatArray
    score: FloatArray
    share: FloatArray

    @property
    def labels(self) -> IntArray:
        """Half × row: the most probable component."""
        return self.share.argmax(axis=1)


@dataclass(frozen=True)
class Mixtures:
    """One covariance structure on one matrix, to be fitted on many halves.

    Attributes
    ----------
    kind
        A key of ``STRUCTURES``.
    data
        Rows × variables, each of variance 1.
    halves
        Half × row: the rows to fit on.
    floor
        Added to the variances of each variable.
    """

    kind: str
    data: FloatArray
    halves: BoolArray
    floor: FloatArray

    def fit(self, labels: IntArray, k: int) -> Fit:
        """Run EM from the given labels, half × row.

        Examples
        --------
        >>> data = np.array([[-1.1], [-0.9], [0.9], [1.1]])
        >>> model = Mixtures("tied", data, np.ones((1, 4), dtype=bool), np.array([0.01]))
        >>> model.fit(np.array([[0, 0, 1, 1]]), 2).labels
        array([[0, 0, 1, 1]])
        """
        return self.go_on((labels[:, None, :] == np.arange(k)[:, None]).astype(float))

    def go_on(
        self, share: FloatArray, *, least_rise: float = LEAST_RISE, max_iter: int = MAX_ITER
    ) -> Fit:
        """Run EM from the given shares, half × component × row, until it is at rest.

        Examples
        --------
        >>> data = np.array([[-1.1], [-0.9], [0.9], [1.1]])
        >>> model = Mixtures("tied", data, np.ones((1, 4), dtype=bool), np.array([0.01]))
        >>> model.go_on(np.array([[[0.9, 0.6, 0.4, 0.1], [0.1, 0.4, 0.6, 0.9]]])).labels
        array([[0, 0, 1, 1]])
        """
        k = share.shape[1]
        active = np.arange(len(self.halves))
        inside, outside = np.zeros(len(active)), np.zeros(len(active))
        final, before = share.copy(), np.full(len(active), -np.inf)
        for _ in range(max_iter):
            half = self.halves[active]
            share, density = self._expect(*self._maximise(share * half[:, None, :], active))
            now = np.einsum("sn,sn->s", density, half) / half.sum(axis=1)
            inside[active], final[active] = now, share
            others = np.maximum((~half).sum(axis=1), 1)
            outside[active] = np.einsum("sn,sn->s", density, ~half) / others
            rising = now - before > least_rise
            active, share, before = active[rising], share[rising], now[rising]
            if not active.size:
                break
        count = self.halves.sum(axis=1)
        free = free_parameters(self.kind, k, self.data.shape[1])
        return Fit(np.log(count) * free - 2.0 * count * inside, outside, final)

    @cached_property
    def _features(self) -> tuple[FloatArray, FloatArray]:
        """Second-order features of each row; the variables and 1."""
        rows = features(self.kind, self.data)
        cut = -1 - self.data.shape[1]
        return rows[:, :cut], rows[:, cut:]

    @cached_property
    def _together(self) -> FloatArray:
        """Second moments of all components of a half together: half × 1 × feature."""
        sums: FloatArray = self.halves.astype(float) @ self._features[0]
        return (sums / self.halves.sum(axis=1, keepdims=True))[:, None, :]

    def _maximise(self, share: FloatArray, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """Weights on the features that give log share + log density: half × component × feature.

        First those of the second order, which are the same for all components where the
        structure pools them.
        """
        halves, k, n = share.shape
        second, first = self._features
        p = first.shape[1] - 1
        sums = (share.reshape(-1, n) @ first).reshape(halves, k, -1)
        count = np.maximum(sums[:, :, -1:], 1e-9)
        if self.kind in POOLED:
            moments = self._together[which]
        else:
            moments = (share.reshape(-1, n) @ second).reshape(halves, k, -1) / count
        quadratic, mean, linear, log_volume = STRUCTURES[self.kind](
            moments, sums[:, :, :-1] / count, count, self.floor
        )
        share_of_all = np.log(count / count.sum(axis=1, keepdims=True))[:, :, 0]
        constant = share_of_all - 0.5 * (
            p * np.log(2 * np.pi) + log_volume + (mean * linear).sum(axis=2)
        )
        if self.kind in POOLED:
            quadratic = quadratic[:, :1]
        return quadratic, np.concatenate([linear, constant[:, :, None]], axis=2)

    def _expect(self, quadratic: FloatArray, linear: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Share of each component in each row, and log density of each row."""
        second, first = self._features
        log = _times(linear, first)
        log += _times(quadratic, second)
        top = log.max(axis=1)
        log -= top[:, None, :]
        share = np.exp(log, out=log)
        total = share.sum(axis=1)
        share /= total[:, None, :]
        return share, top + np.log(total)


def fit_best(model: Mixtures, starts: list[IntArray], k: int) -> Fit:
    """Fit from several labelings and keep, for each half, the fit that describes it best.

    Examples
    --------
    >>> data = np.array([[-1.1], [-0.9], [0.9], [1.1]])
    >>> model = Mixtures("tied", data, np.ones((1, 4), dtype=bool), np.array([0.01]))
    >>> starts = [np.array([[0, 1, 0, 1]]), np.array([[0, 0, 1, 1]])]
    >>> fit_best(model, starts, 2).labels
    array([[0, 0, 1, 1]])
    """
    return best_of([model.fit(start, k) for start in starts])


def best_of(fits: list[Fit]) -> Fit:
    """Put together, for each half, the fit with the smallest BIC.

    Examples
    --------
    >>> worse, better = (Fit(np.array([b]), np.zeros(1), np.full((1, 1, 2), b)) for b in (2.0, 1.0))
    >>> best_of([worse, better]).bic
    array([1.])
    """
    best = np.argmin([fit.bic for fit in fits], axis=0)
    half = np.arange(len(best))
    parts = (np.stack([getattr(fit, name) for fit in fits]) for name in ("bic", "score", "share"))
    bic, score, share = (part[best, half] for part in parts)
    return Fit(bic, score, share)


def merged_labels(share: FloatArray) -> IntArray:
    """Label the rows after the two components that overlap most are made one: half × row.

    Examples
    --------
    >>> merged_labels(np.array([[[0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.0, 0.0, 1.0]]]))
    array([[0, 0, 1]])
    """
    k = share.shape[1]
    size = np.maximum(share.sum(axis=2), 1e-9)
    overlap = share @ share.transpose(0, 2, 1) / np.minimum(size[:, :, None], size[:, None, :])
    first, second = np.triu_indices(k, 1)
    pair = overlap[:, first, second].argmax(axis=1)
    labels = share.argmax(axis=1)
    kept, gone = first[pair, None], second[pair, None]
    labels = np.where(labels == gone, kept, labels)
    return labels - (labels > gone)


def starting_labels(
    data: FloatArray,
    halves: BoolArray,
    k: int,
    rng: np.random.Generator,
    aside: FloatArray | None = None,
    *,
    n_starts: int = STARTS,
) -> list[IntArray]:
    """Label the rows by k-means on each half: on the data, and on the data whitened.

    And on columns given aside, such as those that have several modes by themselves, which
    k-means on many columns overlooks.

    Examples
    --------
    >>> data = np.array([[-1.0], [-1.1], [1.0], [1.1]])
    >>> labels = starting_labels(data, np.ones((1, 4), bool), 2, np.random.default_rng(0))
    >>> [len(set(start[0].tolist())) for start in labels]
    [2, 2]
    """
    weights = halves.astype(float)
    found = []
    tables = [data, whitened(data)]
    if aside is not None and aside.size:
        tables.append(whitened(aside))
    for rows in tables:
        fits = fit_many(rows, k, weights=weights, n_starts=n_starts, random_state=rng, n_jobs=1)
        found.append(assign(rows, fits.best(), n_jobs=1))
    return found


def whitened(data: FloatArray) -> FloatArray:
    """Principal components of the data, each of variance 1; those without variance are left out.

    Examples
    --------
    >>> whitened(np.array([[1.0, 1.0], [-1.0, -1.0]])).round(6).tolist() in (
    ...     [[1.0], [-1.0]], [[-1.0], [1.0]])
    True
    """
    left, size, _ = np.linalg.svd(data - data.mean(axis=0), full_matrices=False)
    kept = size > 1e-6 * max(float(size[0]), 1e-300)
    scores: FloatArray = left[:, kept] * np.sqrt(len(data))
    return scores if kept.any() else np.zeros((len(data), 1))


def _times(weights: FloatArray, rows: FloatArray) -> FloatArray:
    """Weighted sum of each row's features: half × component × row."""
    halves, k, size = weights.shape
    found: FloatArray = (weights.reshape(-1, size) @ rows.T).reshape(halves, k, -1)
    return found
