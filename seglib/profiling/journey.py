"""The buyer journey by segment: how far deals get, how long they take, how the accounts buy."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.exhibits import Note, Table, missing
from seglib.intervals import holm, wilson
from seglib.profiling.association import association
from seglib.profiling.exhibit import bounded, intervals_by_segment, told_by_segment
from seglib.profiling.intervals import generator
from seglib.profiling.members import facts_of, members, numbers
from seglib.profiling.shares import shares_by_segment
from seglib.profiling.waiting import log_rank, median_time
from seglib.quotes import percent
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


def funnel_table(found: pd.DataFrame, names: Mapping[int, str]) -> Table | Note:
    """Show the funnel: one row a stage, one column a segment, and what the data leave open.

    Parameters
    ----------
    found
        From :func:`funnel`.
    names
        Names of the segments.
    """
    caption = "The buyer journey: deals that reached each stage"
    if found.empty:
        return missing(caption, ["opportunities"])

    before = STAGES[: STAGES.index("closed")]
    silent = not found.loc[found["stage"].isin(before), "lost_here"].any()

    def text(row: Mapping[str, Any]) -> str:
        waiting = f", {row['waiting']:,} waiting" if row["waiting"] else ""
        reached = f"{row['reached']:,}{waiting}"
        told = bounded(row["step"], row["low"], row["high"], percent)
        return reached if silent and row["stage"] != "won" else f"{reached}: {told}"

    note = "In percent: of the deals that left the stage before, with the 95 % interval. "
    note += "Deals that wait in a stage have not failed. " if found["waiting"].any() else ""
    note += (
        "No lost deal keeps the stage in which it was lost, so only the last step can tell "
        "segments apart: write down the stage reached, and this table shows where deals are lost."
        if silent
        else ""
    )
    return Table(told_by_segment(found, "stage", names, text), caption, note=note.strip())


def durations_table(found: pd.DataFrame, names: Mapping[int, str]) -> Table | Note:
    """Show the times: one row a measure, one column a segment.

    Parameters
    ----------
    found
        From :func:`durations`.
    names
        Names of the segments.
    """
    caption = "How long it takes: median days"
    if found.empty:
        return missing(caption, ["opportunities"])
    days = intervals_by_segment(found, "measure", "median", names, write=lambda v: f"{v:,.0f}")
    note = (
        "Kaplan–Meier medians with 95 % intervals: what is still open counts as not finished "
        "yet. A dash: less than half have got there. Log-rank test, Holm."
    )
    return Table(days, caption, note=note)
