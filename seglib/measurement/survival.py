"""Kaplan-Meier curves with intervals, and the log-rank test."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from seglib.intervals import Floats, Z


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> pd.DataFrame:
    """Estimate the share that is still there as time goes on.

    Parameters
    ----------
    time
        Time until each account was lost or last seen.
    event
        True where it was lost, False where it was still there when last seen.

    Returns
    -------
    DataFrame
        One row a time at which accounts were lost: ``time``, ``at_risk``, ``lost``, ``survival``,
        ``se`` (Greenwood), ``low`` and ``high``.

    Notes
    -----
    Kaplan & Meier (1958); variance by Greenwood's formula; 95 % interval on the scale of
    log(-log S), so that it stays within 0 and 1 (Kalbfleisch & Prentice 1980). Where nobody is left
    S is 0 and has no interval. An account lost and one last seen at the same time: the loss is
    counted first.

    Examples
    --------
    >>> kaplan_meier([1, 2, 3, 4], [True, False, True, False])[
    ...     ["time", "at_risk", "survival"]].values.tolist()
    [[1.0, 4.0, 0.75], [3.0, 2.0, 0.375]]
    """
    t, lost = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=bool)
    times, deaths = np.unique(t[lost], return_counts=True)
    at_risk = len(t) - np.searchsorted(np.sort(t), times, side="left")
    survival = np.cumprod(1 - deaths / np.maximum(at_risk, 1))
    left = at_risk - deaths
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(left > 0, deaths / (at_risk * np.maximum(left, 1)), np.nan)
        greenwood = np.cumsum(terms)
        half = Z * np.sqrt(greenwood) / np.log(survival)
        low, high = survival ** np.exp(-half), survival ** np.exp(half)
    return pd.DataFrame(
        {
            "time": times,
            "at_risk": at_risk.astype("int64"),
            "lost": deaths.astype("int64"),
            "survival": survival,
            "se": survival * np.sqrt(greenwood),
            "low": low,
            "high": high,
        }
    )


def survival_at(curve: pd.DataFrame, time: float) -> tuple[float, float, float]:
    """Read a curve at a time: survival with its 95 % interval.

    Parameters
    ----------
    curve
        From :func:`kaplan_meier`.
    time
        When.

    Examples
    --------
    >>> survival_at(kaplan_meier([1, 2, 3], [True, False, False]), 0.5)
    (1.0, nan, nan)
    """
    before = curve[curve["time"] <= time]
    if before.empty:
        return 1.0, float("nan"), float("nan")
    last = before.iloc[-1]
    return float(last["survival"]), float(last["low"]), float(last["high"])


def log_rank(time: ArrayLike, event: ArrayLike, group: ArrayLike) -> tuple[float, int, float]:
    """Test whether groups are lost at the same rate.

    Parameters
    ----------
    time, event
        As in :func:`kaplan_meier`.
    group
        Group of each account.

    Returns
    -------
    chi2, df, p
        Mantel-Haenszel log-rank statistic; NaN with fewer than two groups or without any loss.

    Examples
    --------
    >>> chi2, df, p = log_rank([1, 2, 3, 4], [True] * 4, [1, 1, 2, 2])
    >>> round(chi2, 3), df
    (2.882, 1)
    """
    t, lost = np.asarray(time, dtype=np.float64), np.asarray(event, dtype=bool)
    levels, code = np.unique(np.asarray(group), return_inverse=True)
    times = np.unique(t[lost])
    if len(levels) < 2 or not len(times):
        return float("nan"), max(len(levels) - 1, 0), float("nan")
    risk, died = _tables(t, lost, code, times, len(levels))
    n, d = risk.sum(axis=1), died.sum(axis=1)
    share = risk / n[:, None]
    spread = d * (n - d) / np.maximum(n - 1, 1)
    gap = (died - d[:, None] * share).sum(axis=0)[:-1]
    variance = -(share * spread[:, None]).T @ share
    variance[np.diag_indices_from(variance)] += (share * spread[:, None]).sum(axis=0)
    inner = variance[:-1, :-1]
    chi2 = float(gap @ np.linalg.pinv(inner) @ gap)
    df = len(levels) - 1
    return chi2, df, float(chdtrc(df, chi2))


def _tables(
    t: Floats, lost: np.ndarray, code: np.ndarray, times: Floats, count: int
) -> tuple[Floats, Floats]:
    """At risk and lost at each time, by group."""
    risk, died = np.zeros((len(times), count)), np.zeros((len(times), count))
    for g in range(count):
        own = np.sort(t[code == g])
        risk[:, g] = len(own) - np.searchsorted(own, times, side="left")
        gone = np.sort(t[(code == g) & lost])
        right, left = (np.searchsorted(gone, times, side=s) for s in ("right", "left"))
        died[:, g] = right - left
    return risk, died
