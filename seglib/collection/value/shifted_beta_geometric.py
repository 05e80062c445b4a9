"""Shifted-beta-geometric: how long contracts last that come up for renewal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln

from seglib.collection.value.likelihood import maximise

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ShiftedBetaGeometric:
    """Each contract ends at a renewal with its own chance; the chances are Beta(α, β).

    Source: Fader & Hardie (2007), How to project customer retention.

    Attributes
    ----------
    alpha, beta
        Parameters of the beta distribution.
    """

    alpha: float
    beta: float

    def survival(self, renewals: ArrayLike) -> Floats:
        """Chance to outlast so many renewals: B(α, β + t) / B(α, β).

        Examples
        --------
        >>> ShiftedBetaGeometric(1.0, 1.0).survival([0, 1, 3]).tolist()
        [1.0, 0.5, 0.25]
        """
        t = np.asarray(renewals, dtype=float)
        return np.exp(betaln(self.alpha, self.beta + t) - betaln(self.alpha, self.beta))

    def months_left(
        self, months: Floats, *, horizon: int, every: int = 12, discount: float = 0.0
    ) -> Floats:
        """Expected paid months of running contracts within a horizon.

        Parameters
        ----------
        months
            Months since each contract began.
        horizon
            Months looked ahead.
        every
            Months between renewals.
        discount
            Yearly rate at which a later month counts less.

        Returns
        -------
        numpy.ndarray
            Months, at most ``horizon``.

        Examples
        --------
        >>> ShiftedBetaGeometric(1.0, 1.0).months_left(np.array([0.0]), horizon=12).round(3)
        array([11.5])
        """
        passed = np.floor(months / every)
        ahead = np.arange(1, horizon + 1)
        due = np.floor((months[:, None] + ahead) / every)
        stays = self.survival(due) / self.survival(passed)[:, None]
        return stays @ (1 + discount) ** (-ahead / 12)


def fit_shifted_beta_geometric(
    renewals: ArrayLike, ended: ArrayLike, *, entered: ArrayLike = 0
) -> ShiftedBetaGeometric:
    """Fit by maximum likelihood.

    Parameters
    ----------
    renewals
        For a contract that ended: the number of the renewal at which it ended, from 1. For one
        that runs: the renewals that it has outlasted.
    ended
        Whether it ended.
    entered
        Renewals that a contract had outlasted when the records begin: it is known only because it
        had, so its likelihood is that of what came after (left truncation).

    Raises
    ------
    DataError
        When the likelihood has no finite maximum.

    Examples
    --------
    >>> model = fit_shifted_beta_geometric([1] * 50 + [2] * 20 + [2] * 30, [1] * 70 + [0] * 30)
    >>> model.survival([1, 2]).round(2).tolist()
    [0.5, 0.3]
    """
    t, out = np.asarray(renewals, dtype=float), np.asarray(ended, dtype=bool)
    late = np.broadcast_to(np.asarray(entered, dtype=float), t.shape)
    kinds, counts = np.unique(np.stack([t, out, late]), axis=1, return_counts=True)
    t, out, late = kinds[0], kinds[1] > 0, kinds[2]

    def log_likelihood(parameters: Floats) -> float:
        alpha, beta = parameters
        logs = np.where(
            out, betaln(alpha + 1, beta + np.maximum(t, 1) - 1), betaln(alpha, beta + t)
        )
        return float((counts * (logs - betaln(alpha, beta + late))).sum())

    found = maximise(log_likelihood, np.ones(2), model="shifted-beta-geometric")
    return ShiftedBetaGeometric(float(found[0]), float(found[1]))
