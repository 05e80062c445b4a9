"""The restart certificate of a Gaussian mixture.

Short runs of EM from random starts, and long ones from those that come near the best (Biernacki,
Celeux & Govaert 2003, *Choosing starting values for the EM algorithm*): the likelihood of a
mixture has many more optima than the sum of squares of k-means.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.bootstrap import subsample
from seglib.clustering.certificate import Certificate, certify
from seglib.clustering.covariances import free_parameters
from seglib.clustering.gaussian import GaussianFit, in_units, standardised
from seglib.clustering.mixture import Fit, FloatArray, IntArray, Mixtures, starting_labels

NEAR = 5e-3  # nats a row below the best short run: such a run is made a long one
AT_REST = 1e-7  # rise of the mean log-likelihood of a row that ends a long run
LONGEST = 2000
MOST_ROWS = 2000
SAME_GROUPS = 0.9  # adjusted Rand index of the sample's best optimum with the mixture of all rows
TOLERANCE = 1e-5  # relative; long runs stop a little short of their optimum


def certified_mixture(
    X: FloatArray,
    known: GaussianFit,
    floor: FloatArray,
    *,
    seed: int,
    max_restarts: int,
    min_hits: int = 5,
) -> tuple[GaussianFit, Certificate]:
    """Restart a mixture until its best optimum was reached often enough, or the budget ends.

    Parameters
    ----------
    X
        Rows × variables.
    known
        The mixture at hand, reached from good starts; its labels are the first start.
    floor
        Added to the variances of each variable, in units of its own variance.
    seed
        Of the k-means starts, on the data and on the whitened data in turn.
    max_restarts, min_hits
        Of the certificate; its objective is minus the log-likelihood.

    Returns
    -------
    tuple
        The best optimum where it is certified. Else the mixture at hand: with many columns an
        optimum that one of many starts reaches is mostly spurious (McLachlan & Peel 2000, 3.10),
        however high it is. And the certificate. Above 2,000 rows it is that of a random sample of
        so many, and holds only where the best optimum there has the groups of the mixture at hand.

    Examples
    --------
    >>> from seglib.clustering.gaussian import gaussian_mixtures
    >>> X = np.repeat([[-1.0], [1.0]], 20, axis=0) + np.linspace(-0.1, 0.1, 40)[:, None]
    >>> floor = np.array([0.01])
    >>> known = gaussian_mixtures(X, [2], seed=0, floor=floor)[2]
    >>> fit, certificate = certified_mixture(X, known, floor, seed=0, max_restarts=64)
    >>> np.bincount(fit.labels).tolist(), certificate.certified
    ([20, 20], True)
    """
    rng = np.random.default_rng(seed)
    rows = subsample(len(X), MOST_ROWS, rng)
    start, data = known.labels[rows], standardised(X[rows])[0]
    search = _Search(known.covariance, data, floor, len(known.weights), rng, [start])
    found = certify(search.restart, max_restarts=max_restarts, min_hits=min_hits, tol=TOLERANCE)
    if len(rows) < len(X):
        same = adjusted_rand(search.best.labels[0], start)[0] >= SAME_GROUPS
        return known, replace(found, certified=bool(found.certified and same))
    return in_units(X, floor, known.covariance, search.best) if found.certified else known, found


@dataclass
class _Search:
    """Runs of EM on all rows, the best of which is kept."""

    kind: str
    data: FloatArray
    floor: FloatArray
    k: int
    rng: np.random.Generator
    waiting: list[IntArray]
    best: Fit = field(init=False)
    lowest: float = np.inf

    def restart(self, count: int) -> tuple[FloatArray, IntArray]:
        """Make fresh runs: minus their log-likelihood, and their labels."""
        fit = self._model(count).fit(self._starts(count), self.k)
        objective = self._objective(fit)
        near = objective <= min(self.lowest, objective.min()) + NEAR * len(self.data)
        labels = fit.labels
        if near.any():
            longer = self._model(int(near.sum())).go_on(
                fit.share[near], least_rise=AT_REST, max_iter=LONGEST
            )
            objective[near], labels[near] = self._objective(longer), longer.labels
            self._keep(longer)
        return objective, labels

    def _starts(self, count: int) -> IntArray:
        fresh = count - len(self.waiting)
        halves = np.ones(((fresh + 1) // 2, len(self.data)), dtype=bool)
        made = starting_labels(self.data, halves, self.k, self.rng, n_starts=1)
        starts = np.concatenate([np.array(self.waiting, dtype=int).reshape(-1, len(self.data)),
                                 *made])[:count]  # fmt: skip
        self.waiting = []
        return starts

    def _keep(self, fit: Fit) -> None:
        objective = self._objective(fit)
        place = int(objective.argmin())
        if objective[place] < self.lowest:
            self.lowest = float(objective[place])
            self.best = Fit(*(part[[place]] for part in (fit.bic, fit.score, fit.share)))

    def _model(self, count: int) -> Mixtures:
        everything = np.ones((count, len(self.data)), dtype=bool)
        return Mixtures(self.kind, self.data, everything, self.floor)

    def _objective(self, fit: Fit) -> FloatArray:
        free = free_parameters(self.kind, self.k, self.data.shape[1])
        return (fit.bic - np.log(len(self.data)) * free) / 2.0
