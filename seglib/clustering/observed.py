"""Mixtures by full information: what is missing of an account adds nothing to its likelihood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.clustering.lloyd import fit_many
from seglib.clustering.mixture import FLOOR
from seglib.clustering.models import Mixture
from seglib.clustering.preprocessing import Preprocessing
from seglib.full_information import ObservedMixture, observed_mixture

_STARTS = 20
_NOTE = "diagonal covariances, fitted to the values observed (full information)"

Found = tuple[Mixture, NDArray[np.integer], str, float]


def observed_mixtures(
    preprocessing: Preprocessing, frame: pd.DataFrame, ks: Sequence[int], *, seed: int
) -> list[Found]:
    """Fit mixtures with one component and with each number of ``ks``, to what was observed.

    Parameters
    ----------
    preprocessing
        Of the segmentation variables; its fills serve the start alone.
    frame
        The accounts.
    ks
        Numbers of components.
    seed
        Of the k-means starts.

    Returns
    -------
    list of tuple
        The model as data, the label of each account from 1, a note, and the BIC.

    Notes
    -----
    Covariances are diagonal, as in latent profile analysis (and StepMix's ``gaussian_diag_nan``,
    which the tests hold the likelihood to): then a score is a sum over the values that an account
    has, in memory and in SQL alike.
    """
    gapped = preprocessing.with_gaps()
    x, filled = gapped.transform(frame), preprocessing.transform(frame)
    spread = np.nanvar(x, axis=0)
    floor = FLOOR * np.where(spread > 0, spread, 1.0)
    found: list[Found] = []
    for k in (1, *ks):
        start = fit_many(filled, k, n_starts=_STARTS, random_state=seed, n_jobs=1).best()[0]
        nearest = (filled @ start.T - 0.5 * (start**2).sum(axis=1)).argmax(axis=1)
        fit = observed_mixture(x, nearest, k, floor=floor)
        found.append((_model(fit, gapped), fit.labels + 1, _NOTE, fit.bic(len(x))))
    return found


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
