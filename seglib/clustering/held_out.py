"""How mixtures fitted on one half of the rows do on the other half, and which one does best.

Sources: Smyth (2000), *Model selection for probabilistic clustering using cross-validated
likelihood*, for the number of components; Fraley & Raftery (2002) for the choice by BIC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.covariances import SHELLS, component_moments, structures_for
from seglib.clustering.gaps import gap_groups
from seglib.clustering.gaussian import GaussianFit
from seglib.clustering.mixture import (
    FLOOR,
    BoolArray,
    Fit,
    FloatArray,
    IntArray,
    Mixtures,
    best_of,
    fit_best,
    merged_labels,
    starting_labels,
)

MOST_SHELLS = 3

Key = tuple[str, int]


@dataclass(frozen=True)
class HeldOut:
    """How mixtures fitted on halves do on the other halves.

    Attributes
    ----------
    gain
        Half: mean log-likelihood of a held-out row under the best mixture with two components or
        more, minus that under one cloud; covariance and number by BIC on the half fitted.
    several
        Whether some such mixture describes the held-out rows better than one cloud by more than
        a standard error over the halves.
    agreement
        Pair of halves: adjusted Rand index of the groups of all rows that the two give with the
        model asked for; 0 where one of them gives a single group.
    """

    gain: FloatArray
    several: bool
    agreement: FloatArray


def held_out_gain(
    X: FloatArray,
    halves: BoolArray,
    *,
    model: Key,
    max_components: int,
    rng: np.random.Generator,
    floor: FloatArray | None = None,
    aside: FloatArray | None = None,
    counted: int | None = None,
) -> HeldOut:
    """Fit mixtures on halves of the rows and score them on the others.

    Parameters
    ----------
    X
        Rows × variables.
    halves
        Half × row: the rows to fit on; halves 2i and 2i + 1 complete each other.
    model
        Covariance structure and number of components whose agreement is wanted.
    max_components
        Most components tried; adding stops where neither BIC gets better on any half nor the
        held-out likelihood.
    rng
        For the k-means starts.
    floor
        Added to the variances of each variable, in units of its own variance: a component that
        is narrower is a tie and no segment.
    aside
        Rows × columns for further k-means starts.
    counted
        Halves that the standard error counts; all by default. More halvings of the same rows make
        a median steadier, and do not make more rows.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 40, axis=0) + rng.standard_normal((80, 2))
    >>> first = np.arange(80) % 2 == 0
    >>> halves = np.array([first, ~first])
    >>> result = held_out_gain(X, halves, model=("tied", 2), max_components=3, rng=rng)
    >>> bool(result.gain[0] > 0), result.several, result.agreement
    (True, True, array([1.]))
    """
    least = np.full(X.shape[1], FLOOR) if floor is None else floor
    trial = _Trial(X, halves, rng, least, aside)
    kinds = structures_for(X.shape[1])
    one = {(kind, 1): trial.fit(kind, 1) for kind in kinds}
    for kind in structures_for(X.shape[1], SHELLS):
        one |= _grow(trial.shells, kind, range(2, MOST_SHELLS + 1))
    many: dict[Key, Fit] = {}
    for kind in kinds:
        many |= trial.merged(_grow(trial.fit, kind, range(2, max_components + 1)))
    gain = _score_of_best(many) - _score_of_best(one)
    groups = trial.groups(model[0], many[model] if model in many else trial.fit(*model))
    better = _better(one, many, len(halves) if counted is None else counted)
    return HeldOut(gain, better, _agreement(groups))


class _Trial:
    """The matrix, its halves, and the starts that all structures share."""

    def __init__(
        self,
        X: FloatArray,
        halves: BoolArray,
        rng: np.random.Generator,
        floor: FloatArray,
        aside: FloatArray | None,
    ) -> None:
        spread = X.std(axis=0)
        self.data = (X - X.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
        self.halves, self.rng, self.floor = halves, rng, np.maximum(floor, FLOOR)
        self.aside = aside
        self._models: dict[str, Mixtures] = {}
        self._starts: dict[int, list[IntArray]] = {
            1: [np.zeros(halves.shape, dtype=np.int16)],
        }

    def fit(self, kind: str, k: int) -> Fit:
        if k not in self._starts:
            self._starts[k] = starting_labels(self.data, self.halves, k, self.rng, self.aside)
        return fit_best(self._model(kind), self._starts[k], k)

    def shells(self, kind: str, k: int) -> Fit:
        return self._model(kind).fit(_by_radius(self.data, self.halves, k), k)

    def merged(self, fits: dict[Key, Fit]) -> dict[Key, Fit]:
        """Give each number a second chance, from the next larger one with two components merged.

        A small group that the starts miss is often found as one component too many is fitted.
        """
        for kind, k in sorted(fits, reverse=True):
            if (kind, k + 1) in fits:
                start = merged_labels(fits[kind, k + 1].share)
                fits[kind, k] = best_of([fits[kind, k], self._model(kind).fit(start, k)])
        return fits

    def groups(self, kind: str, fit: Fit) -> IntArray:
        """Half × row: group with gaps around it."""
        found = []
        for share, half, labels in zip(fit.share, self.halves, fit.labels, strict=True):
            parts = component_moments(kind, self.data[half], share[:, half], self.floor)
            mixture = GaussianFit(kind, *parts, labels, 0.0)
            found.append(gap_groups(mixture)[labels])
        return np.stack(found)

    def _model(self, kind: str) -> Mixtures:
        if kind not in self._models:
            self._models[kind] = Mixtures(kind, self.data, self.halves, self.floor)
        return self._models[kind]


def _grow(fit: Callable[[str, int], Fit], kind: str, ks: Iterable[int]) -> dict[Key, Fit]:
    """Fit one structure with more and more components while that is of use."""
    made: dict[Key, Fit] = {}
    bic: FloatArray = np.full(1, np.inf)
    score = -np.inf
    for k in ks:
        made[kind, k] = found = fit(kind, k)
        if not (found.bic < bic).any() and found.score.mean() <= score:
            break
        bic = np.minimum(bic, found.bic)
        score = max(score, float(found.score.mean()))
    return made


def _score_of_best(fits: Mapping[Key, Fit]) -> FloatArray:
    """Held-out score, for each half, of the model with the smallest BIC on it."""
    best = np.argmin([fit.bic for fit in fits.values()], axis=0)
    return np.stack([fit.score for fit in fits.values()])[best, np.arange(len(best))]


def _better(one: Mapping[Key, Fit], many: Mapping[Key, Fit], counted: int) -> bool:
    """Whether the best mixture leaves the best single cloud behind by a standard error."""
    single, several = (
        max((fit.score for fit in fits.values()), key=np.mean) for fits in (one, many)
    )
    lead = several - single
    return bool(lead.mean() > lead.std(ddof=1) / np.sqrt(counted))


def _agreement(groups: IntArray) -> FloatArray:
    several = (np.ptp(groups, axis=1) > 0).reshape(-1, 2).all(axis=1)
    return np.where(several, adjusted_rand(groups[::2], groups[1::2]), 0.0)


def _by_radius(data: FloatArray, halves: BoolArray, k: int) -> IntArray:
    """Shells of equally many rows around the mean."""
    covariance = data.T @ data / len(data) + FLOOR * np.eye(data.shape[1])
    radius = np.einsum("np,np->n", data @ np.linalg.inv(covariance), data)
    shell = np.argsort(np.argsort(radius, kind="stable"), kind="stable") * k // len(data)
    return np.broadcast_to(shell, halves.shape)
