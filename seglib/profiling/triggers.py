"""What precedes and stops a purchase, as far as the table of opportunities tells."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seglib.exhibits import Note
from seglib.intervals import holm, wilson
from seglib.profiling.association import association
from seglib.profiling.frames import lengthened
from seglib.profiling.intervals import generator
from seglib.profiling.members import facts_of

_DEALS = [
    "segment", "opened", "closed", "won", "win_rate", "win_low", "win_high", "cycle_days",
    "deciders", "competitors_won", "competitors_lost", "competitors_low", "competitors_high",
]  # fmt: skip
_REASONS = ["segment", "lost_reason", "lost", "of", "share", "low", "high", "overall", "p_holm"]

WANTED = Note(
    "Reasons are those that the sales team wrote down. Which contact with marketing, ticket or "
    "change in use came before a purchase cannot be said: the facts keep engagements summed over "
    "time. What the accounts themselves say comes from the table 'research'.",
    kind="missing",
)
"""What would tell more about triggers."""


def deals(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Sum up the sales opportunities of each segment.

    Parameters
    ----------
    facts
        ``opportunities``: ``account_id``, ``outcome`` (won, lost, missing while open) and, where
        known, ``created_date``, ``closed_date``, ``deciders``, ``competitors``.
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the intervals' bootstrap.

    Returns
    -------
    DataFrame
        One row a segment: ``opened``, ``closed``, ``won``, ``win_rate`` (won / closed) with its
        Wilson interval, ``cycle_days`` (median days from opening to close of closed deals),
        ``deciders`` (mean), mean ``competitors_won`` and ``competitors_lost`` and the 95 % interval
        of lost minus won (Welch). Empty without data.

    Examples
    --------
    >>> table = pd.DataFrame({"account_id": list("aab"), "outcome": ["won", "lost", "won"]})
    >>> given = pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 1]})
    >>> deals({"opportunities": table}, given)[["segment", "closed", "won"]]
       segment  closed  won
    0        1       3    2
    """
    rows = facts_of(facts, "opportunities", assignments, ("outcome",))
    if rows is None:
        return pd.DataFrame(columns=_DEALS)
    segments = sorted(rows["segment"].unique())
    found = pd.DataFrame([_deal_row(int(s), rows[rows["segment"] == s]) for s in segments])
    return found[_DEALS]


def _deal_row(segment: int, part: pd.DataFrame) -> dict[str, float]:
    closed = part[part["outcome"].isin(["won", "lost"])]
    won = closed["outcome"] == "won"
    low, high = wilson(won.sum(), len(closed))
    days = (
        (closed["closed_date"] - closed["created_date"]).dt.days.median()
        if {"closed_date", "created_date"} <= set(closed)
        else np.nan
    )
    rivals = closed["competitors"] if "competitors" in closed else pd.Series(np.nan, closed.index)
    gap_low, gap_high = _welch(rivals[~won].dropna(), rivals[won].dropna())
    return {
        "segment": segment, "opened": len(part), "closed": len(closed), "won": int(won.sum()),
        "win_rate": won.mean() if len(closed) else np.nan, "win_low": float(low),
        "win_high": float(high), "cycle_days": days,
        "deciders": part["deciders"].mean() if "deciders" in part else np.nan,
        "competitors_won": rivals[won].mean(), "competitors_lost": rivals[~won].mean(),
        "competitors_low": gap_low, "competitors_high": gap_high,
    }  # fmt: skip


def _welch(first: pd.Series, second: pd.Series) -> tuple[float, float]:
    """95 % interval of a difference in means (Welch); NaN under five values a side."""
    from scipy import stats

    if min(len(first), len(second)) < 5 or first.var() + second.var() == 0:
        return float("nan"), float("nan")
    test = stats.ttest_ind(first.astype("float64"), second.astype("float64"), equal_var=False)
    interval = test.confidence_interval(0.95)
    return float(interval.low), float(interval.high)


def lost_reasons(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> pd.DataFrame:
    """Say why each segment's deals were lost.

    Parameters
    ----------
    facts
        ``opportunities`` with ``outcome`` and ``lost_reason``.
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the Monte Carlo tests.

    Returns
    -------
    DataFrame
        One row per segment × reason: ``lost`` deals with the reason, ``of`` (lost deals with any
        reason), ``share`` with its Wilson interval ``low`` to ``high``, ``overall`` and ``p_holm``
        (do the segments differ in this reason: χ², Holm over the reasons). Empty without data.
    """
    rows = facts_of(facts, "opportunities", assignments, ("outcome", "lost_reason"))
    rows = None if rows is None else rows[(rows["outcome"] == "lost") & rows["lost_reason"].notna()]
    if rows is None or rows.empty:
        return pd.DataFrame(columns=_REASONS)
    counts = pd.crosstab(rows["segment"], rows["lost_reason"])
    found = lengthened(counts, "lost")
    found["of"] = found["segment"].map(counts.sum(axis=1))
    found["share"] = found["lost"] / found["of"]
    found["low"], found["high"] = wilson(found["lost"], found["of"])
    found["overall"] = found["lost_reason"].map(counts.sum() / len(rows))
    segment = rows["segment"].to_numpy(dtype=np.int64)
    tests = {
        reason: association(
            rows["lost_reason"] == reason, segment, "flag", generator(seed, str(reason))
        ).p
        for reason in counts.columns
    }
    adjusted = dict(zip(tests, holm(list(tests.values())), strict=True))
    found["p_holm"] = found["lost_reason"].map(adjusted).astype("float64")
    return found[_REASONS]
