"""What the treatment of missing values does to segments, measured before any segment is chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import skew
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from seglib.collection.account_table import AccountTable

Floats = NDArray[np.float64]

_MOST_ACCOUNTS = 5_000
_ROUNDS = 300
_SMALLEST_VARIANCE = 1e-2  # of a standardised variable
_SKEWED = 1.0

STRATEGIES = {
    "complete cases": "accounts with a gap in any segmentation variable are left out",
    "median imputed": "a gap is filled with the variable's median (what step 03 does)",
    "full information": "a gap says nothing: the likelihood is that of the observed values",
}

_AGAIN = "median imputed, another start"


def missing_effect(accounts: AccountTable, *, k: int, seed: int) -> pd.DataFrame:
    """Compare the segments that three treatments of missing values lead to.

    Parameters
    ----------
    accounts
        The account table; used are the numeric segmentation variables of the customers.
    k
        Number of segments.
    seed
        Of the start and, above 5,000 customers, of the sample.

    Returns
    -------
    pandas.DataFrame
        One row per pair of strategies: ``strategy``, ``other``, ``accounts`` compared and
        ``ari`` (adjusted Rand index of the two segmentations). Empty where nothing is missing, or
        where fewer than ten accounts a segment are complete.

    Notes
    -----
    The model is the same in all three, a Gaussian mixture with diagonal covariances, by EM from
    the same start, so that what differs is the treatment alone; the last row is the yardstick: one
    treatment from two starts. With gaps its likelihood is that
    of the observed values (Little & Rubin 2019, section 11). Skewed variables are taken as
    logarithms, all are standardised.
    """
    x = _matrix(accounts, seed)
    complete = np.isnan(x).sum(axis=1) == 0
    if complete.all() or complete.sum() < 10 * k:
        return pd.DataFrame(columns=["strategy", "other", "accounts", "ari"])
    filled = np.where(np.isnan(x), np.nanmedian(x, axis=0), x)
    start = KMeans(k, n_init=10, random_state=seed).fit_predict(filled)
    again = KMeans(k, n_init=1, random_state=seed + 1).fit_predict(filled)
    found = {
        "complete cases": _segments(x, start, k, fit=complete),
        "median imputed": _segments(filled, start, k),
        "full information": _segments(x, start, k),
        _AGAIN: _segments(filled, again, k),
    }
    names = list(STRATEGIES)
    rows = []
    pairs = ((1, 2), (0, 1), (0, 2))
    for one, other in [*((names[a], names[b]) for a, b in pairs), (names[1], _AGAIN)]:
        kept = complete if "complete cases" in (one, other) else np.full(len(x), True)
        ari = adjusted_rand_score(found[one][kept], found[other][kept])
        rows.append((one, other, int(kept.sum()), float(ari)))
    return pd.DataFrame(rows, columns=["strategy", "other", "accounts", "ari"])


def _matrix(accounts: AccountTable, seed: int) -> Floats:
    """Standardised numeric bases of the customers, missing ones as NaN."""
    frame = accounts.customers.frame
    if len(frame) > _MOST_ACCOUNTS:
        frame = frame.sample(_MOST_ACCOUNTS, random_state=seed).sort_index()
    names = [n for n in accounts.names(role="base") if accounts.columns[n].kind != "category"]
    columns = []
    for name in names:
        values = frame[name].to_numpy(dtype=float)
        known = values[~np.isnan(values)]
        if len(np.unique(known)) < 2:
            continue
        if known.min() >= 0 and skew(known) > _SKEWED:
            values = np.log1p(values / max(np.median(known[known > 0]), 1e-12))
        columns.append((values - np.nanmean(values)) / np.nanstd(values))
    return np.stack(columns, axis=1) if columns else np.empty((len(frame), 0))


def _segments(
    x: Floats, start: NDArray[np.integer], k: int, *, fit: np.ndarray | None = None
) -> NDArray[np.intp]:
    """Fit the mixture on some rows by EM and assign all; NaN adds nothing to the likelihood."""
    used = np.full(len(x), True) if fit is None else fit
    seen, values = ~np.isnan(x), np.nan_to_num(x)
    weight = np.eye(k)[start] * used[:, None]
    before = -np.inf
    for _ in range(_ROUNDS):
        logs = _log_densities(values, seen, weight)
        total = logsumexp(logs, axis=1)
        weight = np.exp(logs - total[:, None]) * used[:, None]
        likelihood = float(total[used].sum())
        if likelihood - before < 1e-6 * abs(likelihood):
            break
        before = likelihood
    return np.argmax(logs, axis=1)


def _log_densities(values: Floats, seen: NDArray[np.bool_], weight: Floats) -> Floats:
    """Log of share times density of each row in each component, after one M-step."""
    count = weight.T @ seen + 1e-9
    mean = (weight.T @ values) / count
    square = (weight.T @ values**2) / count
    variance = np.maximum(square - mean**2, _SMALLEST_VARIANCE)
    share = np.log(weight.sum(axis=0) + 1e-9) - np.log(weight.sum())
    logs = np.empty((len(values), len(share)))
    for number in range(len(share)):
        terms = (values - mean[number]) ** 2 / variance[number] + np.log(
            2 * np.pi * variance[number]
        )
        logs[:, number] = share[number] - 0.5 * (terms * seen).sum(axis=1)
    return logs
