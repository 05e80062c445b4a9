"""Mixtures by full information: what is missing of an account adds nothing to its likelihood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bootstrap import subsample
from seglib.clustering.certificate import Certificate, certify
from seglib.clustering.lloyd import assign, fit_many
from seglib.clustering.mixture import FLOOR
from seglib.clustering.mixture_search import MOST_ROWS, SAME_GROUPS, TOLERANCE
from seglib.clustering.models import Mixture
from seglib.clustering.preprocessing import Preprocessing
from seglib.full_information import ObservedMixture, observed_mixture

Floats = NDArray[np.float64]

_STARTS = 20
_NOTE = "Diagonal covariances, fitted to the values observed (full information)."


class Found(NamedTuple):
    """A mixture with its labels from 1, and what its restarts found; no certificate for k = 1."""

    model: Mixture
    labels: NDArray[np.integer]
    bic: float
    note: str
    certified: bool | None


def observed_mixtures(
    preprocessing: Preprocessing,
    frame: pd.DataFrame,
    ks: Sequence[int],
    *,
    seed: int,
    max_restarts: int,
) -> list[Found]:
    """Fit mixtures with one component and with each number of ``ks``, to what was observed.

    Parameters
    ----------
    preprocessing
        Of the segmentation variables; its fills serve the starts alone.
    frame
        The accounts.
    ks
        Numbers of components.
    seed
        Of the k-means starts.
    max_restarts
        Of each certificate; it is made on a random sample where there are more than 2,000 accounts.

    Notes
    -----
    Covariances are diagonal, as in latent profile analysis (and StepMix's ``gaussian_diag_nan``,
    which the tests hold the likelihood to): then a score is a sum over the values that an account
    has, in memory and in SQL alike. The first fit starts from the best of 20 runs of k-means; it
    gives way to a better optimum only where that is certified, as with other mixtures
    (:func:`seglib.clustering.mixture_search.certified_mixture`).
    """
    gapped = preprocessing.with_gaps()
    x, filled = gapped.transform(frame), preprocessing.transform(frame)
    spread = np.nanvar(x, axis=0)
    floor = FLOOR * np.where(spread > 0, spread, 1.0)
    found: list[Found] = []
    for k in (1, *ks):
        start = fit_many(filled, k, n_starts=_STARTS, random_state=seed, n_jobs=1).best()
        fit = observed_mixture(x, assign(filled, start, n_jobs=1)[0], k, floor=floor)
        note, certified = _NOTE, None
        if k > 1:
            search = _Search(x, filled, k, floor, np.random.default_rng([seed, k]))
            fit, certificate = search.certified(fit, max_restarts)
            note, certified = f"{certificate.sentence()} {_NOTE}", certificate.certified
        found.append(Found(_model(fit, gapped), fit.labels + 1, fit.bic(len(x)), note, certified))
    return found


@dataclass
class _Search:
    """Runs of EM from single runs of k-means, the best of which is kept."""

    x: Floats
    filled: Floats
    k: int
    floor: Floats
    rng: np.random.Generator
    best: ObservedMixture | None = None

    def certified(
        self, known: ObservedMixture, max_restarts: int
    ) -> tuple[ObservedMixture, Certificate]:
        """The best optimum where it is certified, else the mixture at hand; and the certificate."""
        whole = len(self.x)
        rows = subsample(whole, MOST_ROWS, self.rng)
        self.x, self.filled = self.x[rows], self.filled[rows]
        found = certify(self.restart, max_restarts=max_restarts, tol=TOLERANCE)
        assert self.best is not None  # a certificate has one restart at least
        if len(rows) < whole:
            agreement = adjusted_rand(self.best.labels, known.labels[rows])[0]
            return known, replace(found, certified=found.certified and agreement >= SAME_GROUPS)
        return self.best if found.certified else known, found

    def restart(self, count: int) -> tuple[Floats, NDArray[np.integer]]:
        """Make fresh runs: minus their log-likelihood, and their labels."""
        starts = fit_many(self.filled, self.k, n_starts=count, random_state=self.rng, n_jobs=1)
        fits = [
            observed_mixture(self.x, start, self.k, floor=self.floor)
            for start in assign(self.filled, starts.centers[0], n_jobs=1)
        ]
        top = max(fits, key=lambda fit: fit.log_likelihood)
        if self.best is None or top.log_likelihood > self.best.log_likelihood:
            self.best = top
        return np.array([-fit.log_likelihood for fit in fits]), np.stack([f.labels for f in fits])


def _model(fit: ObservedMixture, preprocessing: Preprocessing) -> Mixture:
    roots = [np.diag(row**-0.5) for row in fit.variances]
    return Mixture(
        preprocessing=preprocessing,
        weights=tuple(float(w) for w in fit.weights),
        means=tuple(tuple(float(v) for v in m) for m in fit.means),
        precisions_cholesky=tuple(tuple(tuple(float(v) for v in r) for r in m) for m in roots),
        covariance="diag",
        observed=True,
    )
