"""What the treatment of missing values does to segments, measured before any segment is chosen."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import skew
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from seglib.collection.account_table import AccountTable
from seglib.collection.findings import Finding
from seglib.full_information import observed_mixture
from seglib.study import Missing

Floats = NDArray[np.float64]

_MOST_ACCOUNTS = 5_000
_SMALLEST_VARIANCE = 1e-2  # of a standardised variable
_SKEWED = 1.0

STRATEGIES: dict[Missing, str] = {
    "complete": "complete cases",
    "median": "median imputed",
    "full-information": "full information",
}
"""The study's ``clustering.missing`` to what the treatment is called in tables."""

_AGAIN = "median imputed, another start"
_NOTABLE = 0.8  # adjusted Rand index under which a treatment is said to matter


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
    names = list(STRATEGIES.values())
    rows = []
    pairs = ((1, 2), (0, 1), (0, 2))
    for one, other in [*((names[a], names[b]) for a, b in pairs), (names[1], _AGAIN)]:
        kept = complete if "complete cases" in (one, other) else np.full(len(x), True)
        ari = adjusted_rand_score(found[one][kept], found[other][kept])
        rows.append((one, other, int(kept.sum()), float(ari)))
    return pd.DataFrame(rows, columns=["strategy", "other", "accounts", "ari"])


def effect_findings(effect: pd.DataFrame, missing: Missing) -> list[Finding]:
    """Say how far the segments hang on the treatment of gaps that the study names.

    Parameters
    ----------
    effect
        As :func:`missing_effect` made it.
    missing
        The study's ``clustering.missing``.
    """
    if effect.empty:
        return []
    names = zip(effect["strategy"].astype(str), effect["other"].astype(str), strict=True)
    pairs = dict(zip(names, effect["ari"].to_numpy(dtype=float), strict=True))
    yardstick = pairs.pop((STRATEGIES["median"], _AGAIN))
    own = STRATEGIES[missing]
    others = {b if a == own else a: ari for (a, b), ari in pairs.items() if own in (a, b)}
    shown = " and ".join(f"{ari:.2f} with {name}" for name, ari in others.items())
    words = f"the study's treatment of gaps ('clustering.missing: {missing}', {own}) gives "
    words += f"segments that agree {shown} (adjusted Rand index; another start alone: "
    words += f"{yardstick:.2f})."
    matters = min(others.values()) < min(_NOTABLE, yardstick)
    count = int(effect["accounts"].max() - effect["accounts"].min())
    return [Finding("warn" if matters else "pass", "missing-effect", "accounts", "", count, words)]


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
    return observed_mixture(x, start, k, floor=_SMALLEST_VARIANCE, fit=fit).labels
