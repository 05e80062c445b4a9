"""Waiting times with some still waiting: Kaplan and Meier's median, and the log-rank test."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from seglib.intervals import Floats, Z


def median_time(days: Floats, event: NDArray[np.bool_]) -> tuple[float, float, float]:
    """Return the median time to an event with its 95 % interval, by Kaplan and Meier.

    Parameters
    ----------
    days
        Time to the event, or to the last day on which it had not happened.
    event
        Whether it happened.

    Examples
    --------
    >>> median_time(np.array([1.0, 2.0, 3.0, 4.0]), np.array([True, True, True, False]))[0]
    2.0
    """
    times, happened, at_risk = _life_table(days, event)
    if not len(times):
        return float("nan"), float("nan"), float("nan")
    alive = np.cumprod(1 - happened / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.cumsum(happened / (at_risk * (at_risk - happened)))) / np.log(alive)
        middle = np.log(-np.log(alive))
        low, high = (np.exp(-np.exp(middle + side * Z * error)) for side in (-1, 1))
    bounds = sorted(_crossing(times, curve * (alive > 0)) for curve in (low, high))
    return _crossing(times, alive), bounds[0], bounds[1]


def _crossing(times: Floats, curve: NDArray[np.floating[Any]]) -> float:
    """First time at which a curve is at the half or below; NaN where it never is."""
    below = np.flatnonzero(curve <= 0.5 + 1e-12)
    return float(times[below[0]]) if len(below) else float("nan")


def _life_table(
    days: Floats, event: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.int64], NDArray[np.int64]]:
    """Times with events, how many happened, and how many were still waiting."""
    times = np.unique(days[event])
    ordered, hits = np.sort(days), np.sort(days[event])
    happened = np.searchsorted(hits, times, "right") - np.searchsorted(hits, times)
    return times, happened, len(days) - np.searchsorted(ordered, times)


def log_rank(days: Floats, event: NDArray[np.bool_], group: NDArray[np.int64]) -> float:
    """Test whether groups differ in the time to an event; NaN where nothing can be tested.

    Examples
    --------
    >>> days = np.array([1.0, 2, 3, 4, 11, 12, 13, 14])
    >>> log_rank(days, np.ones(8, dtype=bool), np.repeat([1, 2], 4)) < 0.05
    True
    """
    groups = np.unique(group)
    times, happened, at_risk = _life_table(days, event)
    if len(groups) < 2 or not len(times):
        return float("nan")
    away, spread = np.zeros(len(groups)), np.zeros((len(groups), len(groups)))
    shares = np.empty((len(groups), len(times)))
    for number, one in enumerate(groups):
        own = np.sort(days[group == one])
        waiting = len(own) - np.searchsorted(own, times)
        shares[number] = waiting / at_risk
        away[number] = event[group == one].sum() - (happened * shares[number]).sum()
    left = np.maximum(at_risk - 1, 1)
    weight = happened * (at_risk - happened) / left
    spread = np.diag((weight * shares).sum(axis=1)) - (weight * shares) @ shares.T
    statistic = float(away @ np.linalg.pinv(spread, hermitian=True) @ away)
    return float(stats.chi2.sf(statistic, len(groups) - 1))
