"""Gaussian mixtures fitted to many halves of one matrix together, scored on the other halves.

Expectation and maximisation are one matrix product each: the log density of a normal component is
linear in the features (products of variables, variables, 1) of a row, and the component's moments
are sums of those features. The halves are 0/1 weights on the same rows.

Sources: Dempster, Laird & Rubin (1977); Fraley & Raftery (2002) for the covariance structures and
their choice by BIC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seglib.clustering.lloyd import assign, fit_many

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
_Normal = tuple[FloatArray, FloatArray, FloatArray, FloatArray]

FLOOR = 1e-2  # least variance of a component, in units of the variable's
MAX_ITER = 100
LEAST_RISE = 1e-3  # of the mean log-likelihood of a row: an EM that rises less is at rest
STARTS = 3
MOST_VARIABLES_FULL = 30  # beyond, full covariances are left out: they cannot be estimated
MOST_SHELLS = 3
PROPORTION_STEPS = 3

COVARIANCES = ("full", "tied", "diag", "spherical")
"""Structures of mixtures whose components have their own centres."""
SHELLS = ("shells", "shells full", "shells diag", "shells spherical")
"""One cloud with heavy tails: components around one centre (the first: proportional ones)."""


@dataclass(frozen=True)
class HeldOut:
    """How mixtures fitted on halves do on the other halves.

    Attributes
    ----------
    gain
        Half: mean log-likelihood of a held-out row under the best mixture with two components or
        more, minus that under one normal distribution; covariance and number by BIC on the half
        fitted.
    components
        Half: components of that mixture.
    covariance
        Half: its covariance structure.
    """

    gain: FloatArray
    components: IntArray
    covariance: tuple[str, ...]


def held_out_gain(
    X: FloatArray,
    halves: BoolArray,
    *,
    max_components: int,
    rng: np.random.Generator,
    floor: FloatArray | None = None,
) -> HeldOut:
    """Fit mixtures on halves of the rows and score them on the others.

    Parameters
    ----------
    X
        Rows × variables.
    halves
        Half × row: the rows to fit on.
    max_components
        Most components tried; adding stops where BIC no longer gets better on any half.
    rng
        For the k-means starts.
    floor
        Added to the variances of each variable, in units of its own variance: a component that
        is narrower is a tie and no segment.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 40, axis=0) + rng.standard_normal((80, 2))
    >>> halves = np.array([np.arange(80) % 2 == 0])
    >>> result = held_out_gain(X, halves, max_components=3, rng=rng)
    >>> bool(result.gain[0] > 0), int(result.components[0])
    (True, 2)
    """
    spread = X.std(axis=0)
    data = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    floor = np.full(X.shape[1], FLOOR) if floor is None else np.maximum(floor, FLOOR)
    models = _Models(data, halves, floor)
    wide = X.shape[1] > MOST_VARIABLES_FULL
    kinds = COVARIANCES[2:] if wide else COVARIANCES
    one, many = _Best(len(halves)), _Best(len(halves))
    for kind in kinds:
        models.offer(one, kind, [1], lambda _: np.zeros(halves.shape, dtype=np.int16))
    for kind in SHELLS[2:] if wide else SHELLS:
        models.offer(one, kind, range(2, MOST_SHELLS + 1), lambda k: _by_radius(data, halves, k))
    starts: dict[int, IntArray] = {}

    def start(k: int) -> IntArray:
        if k not in starts:
            starts[k] = _by_kmeans(data, halves, k, rng)
        return starts[k]

    for kind in kinds:
        models.offer(many, kind, range(2, max_components + 1), start)
    return HeldOut(many.score - one.score, many.components, tuple(many.kind.tolist()))


@dataclass(frozen=True)
class _Models:
    data: FloatArray
    halves: BoolArray
    floor: FloatArray

    def offer(
        self, best: _Best, kind: str, ks: Iterable[int], start: Callable[[int], IntArray]
    ) -> None:
        """Fit one structure with more and more components while BIC gets better on any half."""
        model = _Mixture(
            kind, _features(kind, self.data), self.data.shape[1], self.halves, self.floor
        )
        before = np.full(len(self.halves), np.inf)
        for k in ks:
            bic, score = model.fit(start(k), k)
            best.offer(k, kind, bic, score)
            if not (bic < before).any():
                break
            before = np.minimum(bic, before)


def _by_kmeans(data: FloatArray, halves: BoolArray, k: int, rng: np.random.Generator) -> IntArray:
    fits = fit_many(data, k, weights=halves, n_starts=STARTS, random_state=rng, n_jobs=1)
    return assign(data, fits.best(), n_jobs=1)


def _by_radius(data: FloatArray, halves: BoolArray, k: int) -> IntArray:
    """Shells of equally many rows around the mean."""
    covariance = data.T @ data / len(data) + FLOOR * np.eye(data.shape[1])
    radius = np.einsum("np,np->n", data @ np.linalg.inv(covariance), data)
    shell = np.argsort(np.argsort(radius, kind="stable"), kind="stable") * k // len(data)
    return np.broadcast_to(shell, halves.shape)


class _Best:
    """The model with the smallest BIC of each half."""

    def __init__(self, halves: int) -> None:
        self.bic = np.full(halves, np.inf)
        self.score = np.zeros(halves)
        self.components = np.zeros(halves, dtype=int)
        self.kind = np.full(halves, "", dtype=object)

    def offer(self, components: int, kind: str, bic: FloatArray, score: FloatArray) -> None:
        better = bic < self.bic
        self.bic[better], self.score[better] = bic[better], score[better]
        self.components[better], self.kind[better] = components, kind


@dataclass(frozen=True)
class _Mixture:
    """One covariance structure on one matrix, fitted on many halves."""

    kind: str
    features: FloatArray  # row × (second-order features, variables, 1)
    variables: int
    halves: BoolArray
    floor: FloatArray

    def fit(self, labels: IntArray, k: int) -> tuple[FloatArray, FloatArray]:
        """EM from the given labels: BIC of the half fitted, mean log-likelihood of the other."""
        active = np.arange(len(self.halves))
        inside = np.zeros(len(active))
        outside = np.zeros(len(active))
        share = (labels[:, None, :] == np.arange(k)[:, None]).astype(float)
        before = np.full(len(active), -np.inf)
        for _ in range(MAX_ITER):
            half = self.halves[active]
            share *= half[:, None, :]
            share, density = self._expect(self._maximise(share))
            now = np.einsum("sn,sn->s", density, half) / half.sum(axis=1)
            inside[active] = now
            outside[active] = np.einsum("sn,sn->s", density, ~half) / (~half).sum(axis=1)
            rising = now - before > LEAST_RISE
            active, share, before = active[rising], share[rising], now[rising]
            if not active.size:
                break
        rows = self.halves.sum(axis=1)
        return np.log(rows) * self._parameters(k) - 2.0 * rows * inside, outside

    def _maximise(self, share: FloatArray) -> FloatArray:
        """Weights on the features that give log share + log density: half × component × feature."""
        halves, k, rows = share.shape
        sums = (share.reshape(-1, rows) @ self.features).reshape(halves, k, -1)
        count = np.maximum(sums[:, :, -1:], 1e-9)
        mean = sums[:, :, -1 - self.variables : -1] / count
        second = sums[:, :, : -1 - self.variables] / count
        quadratic, mean, linear, log_volume = _STRUCTURE[self.kind](second, mean, count, self.floor)
        share_of_all = np.log(count / count.sum(axis=1, keepdims=True))[:, :, 0]
        constant = share_of_all - 0.5 * (
            self.variables * np.log(2 * np.pi) + log_volume + (mean * linear).sum(axis=2)
        )
        return np.concatenate([quadratic, linear, constant[:, :, None]], axis=2)

    def _expect(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Share of each component in each row, and log density of each row."""
        halves, k, size = weights.shape
        log = (weights.reshape(-1, size) @ self.features.T).reshape(halves, k, -1)
        top = log.max(axis=1)
        log -= top[:, None, :]
        share = np.exp(log, out=log)
        total = share.sum(axis=1)
        share /= total[:, None, :]
        return share, top + np.log(total)

    def _parameters(self, k: int) -> int:
        p = self.variables
        matrix = p * (p + 1) // 2
        free = {
            "full": k * (p + matrix),
            "tied": k * p + matrix,
            "diag": k * 2 * p,
            "spherical": k * (p + 1),
            "shells": p + matrix + k - 1,
            "shells full": p + k * matrix,
            "shells diag": p + k * p,
            "shells spherical": p + k,
        }
        return k - 1 + free[self.kind]


def _features(kind: str, data: FloatArray) -> FloatArray:
    shape = kind.removeprefix("shells ")
    if shape == "diag":
        second = np.square(data)
    elif shape == "spherical":
        second = np.square(data).sum(axis=1, keepdims=True)
    else:
        i, j = np.triu_indices(data.shape[1])
        second = data[:, i] * data[:, j]
    return np.column_stack([second, data, np.ones(len(data))])


def _full(second: FloatArray, mean: FloatArray, _: FloatArray, floor: FloatArray) -> _Normal:
    return _from_covariance(_covariance(second, mean, floor), mean)


def _tied(second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray) -> _Normal:
    each = _covariance(second, mean, floor)
    common = np.broadcast_to(_pooled(each, count), each.shape)
    return _from_covariance(common, mean)


def _diag(second: FloatArray, mean: FloatArray, _: FloatArray, floor: FloatArray) -> _Normal:
    variance = np.maximum(second - np.square(mean), 0.0) + floor
    return -0.5 / variance, mean, mean / variance, np.log(variance).sum(axis=2)


def _spherical(second: FloatArray, mean: FloatArray, _: FloatArray, floor: FloatArray) -> _Normal:
    p = mean.shape[2]
    within = second - np.square(mean).sum(axis=2, keepdims=True)
    variance = np.maximum(within, 0.0) / p + floor.mean()
    return -0.5 / variance, mean, mean / variance, p * np.log(variance[:, :, 0])


def _shells_full(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> _Normal:
    centre, around = _around_one_centre(second, mean, count, floor)
    return _from_covariance(around, centre)


def _shells_diag(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> _Normal:
    centre = _one_centre(mean, count)
    return _diag(second - 2 * mean * centre + 2 * np.square(centre), centre, count, floor)


def _shells_spherical(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> _Normal:
    centre = _one_centre(mean, count)
    moved = 2 * ((centre - mean) * centre).sum(axis=2, keepdims=True)
    return _spherical(second + moved, centre, count, floor)


def _shells(second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray) -> _Normal:
    centre, around = _around_one_centre(second, mean, count, floor)
    scale = np.ones((*count.shape[:2], 1, 1))
    for _ in range(PROPORTION_STEPS):
        common = _pooled(around / scale, count)
        scale = np.trace(np.linalg.solve(common, around), axis1=2, axis2=3)[:, :, None, None]
        scale /= mean.shape[2]
    return _from_covariance(scale * common, centre)


_STRUCTURE = {
    "full": _full,
    "tied": _tied,
    "diag": _diag,
    "spherical": _spherical,
    "shells": _shells,
    "shells full": _shells_full,
    "shells diag": _shells_diag,
    "shells spherical": _shells_spherical,
}


def _one_centre(mean: FloatArray, count: FloatArray) -> FloatArray:
    share = count / count.sum(axis=1, keepdims=True)
    return np.broadcast_to((share * mean).sum(axis=1, keepdims=True), mean.shape)


def _around_one_centre(
    second: FloatArray, mean: FloatArray, count: FloatArray, floor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The mean of all rows, and each component's covariance about it."""
    centre = _one_centre(mean, count)
    away = mean - centre
    return centre, _covariance(second, mean, floor) + away[..., :, None] * away[..., None, :]


def _pooled(each: FloatArray, count: FloatArray) -> FloatArray:
    share = (count / count.sum(axis=1, keepdims=True))[:, :, :, None]
    return (share * each).sum(axis=1, keepdims=True)


def _covariance(second: FloatArray, mean: FloatArray, floor: FloatArray) -> FloatArray:
    p = mean.shape[2]
    i, j = np.triu_indices(p)
    covariance = np.empty((*mean.shape, p))
    covariance[..., i, j] = covariance[..., j, i] = second - mean[..., i] * mean[..., j]
    covariance[..., np.arange(p), np.arange(p)] += floor
    return covariance


def _from_covariance(covariance: FloatArray, mean: FloatArray) -> _Normal:
    precision = np.linalg.inv(covariance)
    linear = (precision @ mean[..., None])[..., 0]
    i, j = np.triu_indices(mean.shape[2])
    quadratic = np.where(i == j, -0.5, -1.0) * precision[..., i, j]
    return quadratic, mean, linear, np.linalg.slogdet(covariance)[1]
