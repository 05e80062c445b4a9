"""Gaussian mixtures of a table for every number of components, covariance structure by BIC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from seglib.clustering.covariances import component_moments, structures_for
from seglib.clustering.mixture import (
    FLOOR,
    Fit,
    FloatArray,
    IntArray,
    Mixtures,
    best_of,
    fit_best,
    merged_labels,
    starting_labels,
)


@dataclass(frozen=True)
class GaussianFit:
    """A Gaussian mixture.

    Attributes
    ----------
    covariance
        Its covariance structure.
    weights, means, covariances
        Component; component × variable; component × variable × variable.
    labels
        Most probable component of each row, from 0.
    bic
        Bayesian information criterion; smaller is better.
    """

    covariance: str
    weights: FloatArray
    means: FloatArray
    covariances: FloatArray
    labels: IntArray
    bic: float

    @property
    def precisions_cholesky(self) -> FloatArray:
        """Roots R of the inverse covariances: (x − mean) R has unit variance."""
        lower = np.linalg.cholesky(self.covariances)
        return np.linalg.inv(lower).transpose(0, 2, 1)

    def assign(self, X: FloatArray) -> IntArray:
        """Most probable component of each row, from 0."""
        scores = []
        parts = zip(self.weights, self.means, self.precisions_cholesky, strict=True)
        for weight, mean, root in parts:
            away = np.square((X - mean) @ root).sum(axis=1)
            scores.append(np.log(max(weight, 1e-300)) + np.log(np.diag(root)).sum() - away / 2)
        return np.argmax(scores, axis=0)


def gaussian_mixtures(
    X: FloatArray,
    ks: Iterable[int],
    *,
    seed: int,
    floor: FloatArray | None = None,
    aside: FloatArray | None = None,
) -> dict[int, GaussianFit]:
    """Fit mixtures with every number of components; the structure of each is chosen by BIC.

    Parameters
    ----------
    X
        Rows × variables.
    ks
        Numbers of components; those with fewer than two rows a component are left out.
    seed
        Of the k-means starts.
    floor
        Added to the variances of each variable, in units of its own variance; a hundredth by
        default, so that no component sits on one value.
    aside
        Rows × columns for further k-means starts: see
        :func:`seglib.clustering.modes.several_modes`.

    Returns
    -------
    dict
        Number of components → mixture.

    Notes
    -----
    Starts are k-means on the data and on the whitened data, and the next larger mixture with its
    most overlapping components merged.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> fits = gaussian_mixtures(X, [1, 2, 3], seed=0)
    >>> min(fits, key=lambda k: fits[k].bic), np.bincount(fits[2].labels).tolist()
    (2, [20, 20])
    """
    counts = [k for k in sorted(set(ks)) if len(X) >= 2 * k]
    data, _ = standardised(X)
    everything = np.ones((1, len(X)), dtype=bool)
    rng = np.random.default_rng(seed)
    one: list[IntArray] = [np.zeros((1, len(X)), dtype=np.int16)]
    starts = {
        k: one if k == 1 else starting_labels(data, everything, k, rng, aside) for k in counts
    }
    least = np.full(X.shape[1], FLOOR) if floor is None else floor
    best: dict[int, tuple[str, Fit]] = {}
    for kind in structures_for(X.shape[1]):
        model, larger = Mixtures(kind, data, everything, least), None
        for k in reversed(counts):
            fit = fit_best(model, starts[k], k)
            if larger is not None and larger.share.shape[1] == k + 1:
                fit = best_of([fit, model.fit(merged_labels(larger.share), k)])
            larger = fit
            if k not in best or fit.bic[0] < best[k][1].bic[0]:
                best[k] = kind, fit
    return {k: in_units(X, least, *best[k]) for k in counts}


def mixture_from(
    X: FloatArray, labels: IntArray, kinds: Iterable[str], *, floor: FloatArray
) -> GaussianFit:
    """Fit a mixture from given labels, from 0; its covariance structure is chosen by BIC.

    Parameters
    ----------
    X
        Rows × variables.
    labels
        Component of each row at the start.
    kinds
        Covariance structures to choose from.
    floor
        Added to the variances of each variable, in units of its own variance.

    Examples
    --------
    >>> X = np.repeat([[0.0, 0.0], [9.0, 9.0]], 20, axis=0) + np.arange(40)[:, None] % 3
    >>> labels, floor = np.minimum(np.arange(40) // 18, 1), np.full(2, 0.01)
    >>> fit = mixture_from(X, labels, ["full", "tied"], floor=floor)
    >>> fit.covariance, np.bincount(fit.labels).tolist()
    ('tied', [20, 20])
    """
    data, _ = standardised(X)
    k, everything = int(labels.max()) + 1, np.ones((1, len(X)), dtype=bool)
    fits = {kind: Mixtures(kind, data, everything, floor).fit(labels[None], k) for kind in kinds}
    kind = min(fits, key=lambda kind: float(fits[kind].bic[0]))
    return in_units(X, floor, kind, fits[kind])


def standardised(X: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Columns of mean 0 and variance 1, and their deviations (1 where a column does not vary).

    Examples
    --------
    >>> [part.tolist() for part in standardised(np.array([[0.0, 5.0], [4.0, 5.0]]))]
    [[[-1.0, 0.0], [1.0, 0.0]], [2.0, 1.0]]
    """
    spread = X.std(axis=0)
    scale = np.where(spread > 0, spread, 1.0)
    return (X - X.mean(axis=0)) / scale, scale


def in_units(X: FloatArray, floor: FloatArray, kind: str, fit: Fit) -> GaussianFit:
    """Give a mixture fitted to standardised data in the units of the data.

    Examples
    --------
    >>> share = np.array([[[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]])
    >>> fit = Fit(np.zeros(1), np.zeros(1), share)
    >>> in_units(np.array([[0.0], [2.0], [9.0]]), np.zeros(1), "tied", fit).means.ravel().tolist()
    [1.0, 9.0]
    """
    share = fit.share[0]
    data, scale = standardised(X)
    count, means, covariances = component_moments(kind, data, share, floor)
    return GaussianFit(
        kind,
        count / count.sum(),
        means * scale + X.mean(axis=0),
        covariances * np.outer(scale, scale),
        share.argmax(axis=0),
        float(fit.bic[0] + 2.0 * len(X) * np.log(scale).sum()),
    )
