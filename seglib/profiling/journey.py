"""The buyer journey by segment: how far deals get, how long they take, how the accounts buy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.collection.account_table import AccountTable
from seglib.intervals import Floats, Z, holm, wilson
from seglib.profiling.association import association
from seglib.profiling.intervals import generator
from seglib.profiling.members import facts_of, members, numbers
from seglib.profiling.shares import shares_by_segment
from seglib.schema import contract

STAGES = (*contract()["opportunities"].columns["stage"].levels, "won")
"""Stages of the journey in their order; a deal that is won has passed them all."""

_FUNNEL = [
    "segment", "stage", "reached", "waiting", "lost_here", "of", "step", "low", "high", "overall",
    "p_holm",
]  # fmt: skip
_TIMES = ["measure", "segment", "n", "events", "median", "low", "high", "overall", "p_holm"]
_BUYING = ["segment", "behaviour", "accounts", "of", "share", "low", "high", "overall", "p_holm"]
_CYCLE, _LEAD = "Cycle: a deal from opening to close", "Lead time: first deal opened to first won"


def funnel(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Follow each segment's deals through the stages of the journey.

    Parameters
    ----------
    facts
        ``opportunities``: ``account_id``, ``stage``, ``outcome`` (won, lost, missing while open).
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the Monte Carlo tests.

    Returns
    -------
    DataFrame
        One row per segment × stage: deals that ``reached`` it, open deals ``waiting`` in it,
        deals lost in it (``lost_here``), ``step``: the share of the deals that left the stage
        before (``of``) that came here, with its Wilson interval ``low`` to ``high``, ``overall``
        and ``p_holm`` (do the segments differ in this step: χ², Holm over the stages). Open deals
        are not counted as failed. Empty without data.

    Notes
    -----
    What became of a deal is known only as far as the table says it: where every lost deal has the
    stage 'closed', the steps before it are 1, and only the last one tells segments apart.

    Examples
    --------
    >>> deals = pd.DataFrame({"account_id": list("aaaa"), "outcome": ["won", "lost", "lost", None],
    ...                       "stage": ["closed", "evaluation", "closed", "consideration"]})
    >>> given = pd.DataFrame({"account_id": ["a"], "segment": [1]})
    >>> found = funnel({"opportunities": deals}, given)
    >>> found[["stage", "reached", "waiting", "lost_here", "of"]]
               stage  reached  waiting  lost_here  of
    0      awareness        4        0          0   4
    1  consideration        4        1          0   4
    2     evaluation        3        0          1   3
    3    negotiation        2        0          0   3
    4         closed        2        0          1   2
    5            won        1        0          0   2
    """
    rows = facts_of(facts, "opportunities", assignments, ("stage", "outcome"))
    rows = None if rows is None else rows[rows["stage"].notna()]
    if rows is None or rows.empty:
        return pd.DataFrame(columns=_FUNNEL)
    place = {stage: number for number, stage in enumerate(STAGES)}
    at = rows["stage"].map(place).to_numpy(dtype=np.int64)
    at = np.where(rows["outcome"] == "won", place["won"], at)
    is_open = rows["outcome"].isna().to_numpy()
    segment = rows["segment"].to_numpy(dtype=np.int64)
    found, tests = [], {}
    for stage, number in place.items():
        left = (at >= number - 1) & ~(is_open & (at == number - 1)) if number else at >= 0
        came = at >= number
        steps = pd.Series(came[left])
        tests[stage] = association(steps, segment[left], "flag", generator(seed, stage)).p
        for one in numbers(segment):
            own = segment == one
            here = own & (at == number)
            of, reached = int((own & left).sum()), int((own & came).sum())
            low, high = wilson(reached, of)
            found.append((
                one, stage, reached, int((here & is_open).sum()),
                int((here & (rows["outcome"] == "lost").to_numpy()).sum()), of,
                reached / of if of else np.nan, float(low), float(high), steps.mean(),
            ))  # fmt: skip
    table = pd.DataFrame(found, columns=_FUNNEL[:-1])
    adjusted = dict(zip(tests, holm(list(tests.values())), strict=True))
    table["p_holm"] = table["stage"].map(adjusted).astype("float64")
    order = table["stage"].map(place)
    return table.assign(order=order).sort_values(["segment", "order"], ignore_index=True)[_FUNNEL]


def durations(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Say how long deals take in each segment, and how long an account takes to its first win.

    Parameters
    ----------
    facts
        ``opportunities``: ``account_id``, ``created_date``, ``closed_date``, ``outcome``.
    assignments
        ``account_id`` and ``segment``.
    as_of
        Day up to which open deals have been waiting; NaT: the last day in the table.

    Returns
    -------
    DataFrame
        One row per measure × segment: ``n`` (deals; accounts with a deal), ``events`` (closed;
        won), ``median`` days by Kaplan and Meier with its 95 % interval ``low`` to ``high`` (NaN
        where the curve never reaches the half), ``overall`` and ``p_holm`` (log-rank test over
        the segments, Holm over the two measures). Empty without data.

    Notes
    -----
    Deals that are still open count as not finished yet, not as missing: leaving them out would
    make slow segments look fast. The interval is Brookmeyer and Crowley's, on the log-log scale.
    """
    columns = ("created_date", "closed_date", "outcome")
    rows = facts_of(facts, "opportunities", assignments, columns)
    rows = None if rows is None else rows[rows["created_date"].notna()]
    if rows is None or rows.empty:
        return pd.DataFrame(columns=_TIMES)
    end = as_of if not pd.isna(as_of) else rows[["created_date", "closed_date"]].max().max()
    closed = rows["closed_date"].notna() & rows["outcome"].notna()
    days = (rows["closed_date"].where(closed, end) - rows["created_date"]).dt.days
    cycle = pd.DataFrame({"segment": rows["segment"], "days": days, "event": closed})
    won = rows["closed_date"].where(rows["outcome"] == "won")
    by = rows.assign(won=won).groupby(["segment", "account_id"])
    first = by.agg(start=("created_date", "min"), won=("won", "min")).reset_index()
    lead = pd.DataFrame({
        "segment": first["segment"], "event": first["won"].notna(),
        "days": (first["won"].fillna(end) - first["start"]).dt.days,
    })  # fmt: skip
    tables = [_times(name, part) for name, part in ((_CYCLE, cycle), (_LEAD, lead))]
    found = pd.concat(tables, ignore_index=True)
    p = found.groupby("measure", sort=False)["p_holm"].first()
    return found.assign(p_holm=found["measure"].map(dict(zip(p.index, holm(p), strict=True))))


def _times(measure: str, part: pd.DataFrame) -> pd.DataFrame:
    kept = part[part["days"] >= 0]
    days, event = kept["days"].to_numpy(dtype=np.float64), kept["event"].to_numpy(dtype=np.bool_)
    segment = kept["segment"].to_numpy(dtype=np.int64)
    p, overall = log_rank(days, event, segment), median_time(days, event)[0]
    rows = []
    for one in numbers(segment):
        own = segment == one
        times = median_time(days[own], event[own])
        rows.append((measure, one, int(own.sum()), int(event[own].sum()), *times, overall, p))
    return pd.DataFrame(rows, columns=_TIMES)


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
    from scipy import stats

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


def buying_behaviour(
    accounts: AccountTable, assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Say how the accounts of each segment buy: by habit, by comparing, in complex decisions.

    Parameters
    ----------
    accounts
        One row per account; its variable ``purchasing_behaviour`` says by which rule.
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the Monte Carlo tests.

    Returns
    -------
    DataFrame
        One row per segment × behaviour: ``accounts``, ``of`` (accounts whose behaviour is known),
        ``share`` with its Wilson interval ``low`` to ``high``, ``overall`` and ``p_holm`` (χ² over
        the segments, Holm over the behaviours). Empty where the variable is not known.
    """
    placed = members(accounts, assignments)
    if "purchasing_behaviour" not in placed.frame:
        return pd.DataFrame(columns=_BUYING)
    known = placed.frame["purchasing_behaviour"].notna().to_numpy() & (placed.segment > 0)
    flags = pd.get_dummies(placed.frame["purchasing_behaviour"][known])
    segment = placed.segment[known]
    return shares_by_segment(flags, segment, "behaviour", "accounts", seed=seed)
