"""When a segment's deals are won: the win rate by month of the year against no season."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from seglib.charts.style import listed
from seglib.intervals import holm, wilson
from seglib.profiling.association import association
from seglib.profiling.frames import records
from seglib.profiling.intervals import generator, p_text
from seglib.profiling.members import facts_of, numbers
from seglib.profiling.season import MIN_EVENTS, MONTHS
from seglib.quotes import percent, quote

_MONTHS = ["segment", "month", "closed", "won", "rate", "low", "high", "overall", "steady"]
_TESTS = ["segment", "closed", "won", "test", "p", "p_holm", "peaks", "sentence"]


class WinSeason(NamedTuple):
    """The win rate of every segment by month.

    Attributes
    ----------
    months
        One row per segment × calendar month: deals ``closed`` and ``won``, the ``rate`` with its
        Wilson interval ``low`` to ``high``, the segment's ``overall`` rate, and ``steady``: in
        every year on the same side of it.
    tests
        One row a segment: ``closed``, ``won``, ``test``, ``p``, ``p_holm`` (over the segments and
        the whole), ``peaks`` (months that are shown to stand out every year) and a ``sentence``,
        which quotes its figures.
    """

    months: pd.DataFrame
    tests: pd.DataFrame


def win_season(
    facts: Mapping[str, pd.DataFrame], assignments: pd.DataFrame, *, seed: int = 0
) -> WinSeason:
    """Compare the calendar months in which each segment's deals close with one win rate.

    Parameters
    ----------
    facts
        ``opportunities``: ``account_id``, ``closed_date``, ``outcome``.
    assignments
        ``account_id`` and ``segment``.
    seed
        Of the Monte Carlo tests.

    Returns
    -------
    WinSeason
        Empty without closed deals.

    Notes
    -----
    χ² of won and lost deals over the months in which any closed (Monte Carlo where counts are
    thin), for each segment and for all deals together. Of so many tests one is below 0.05 by
    chance every few runs: the p-values are adjusted over the segments and the whole by Holm, and
    a season is named only where the adjusted one is below 0.05. A rate needs no correction for
    the number of years or of days: each month's closed deals are its own denominator. A month is
    named only where the test is passed, its interval leaves out the segment's own rate, and its
    deals of every year lie on the same side of it. Under 60 closed deals nothing is tested.
    """
    rows = facts_of(facts, "opportunities", assignments, ("closed_date", "outcome"))
    if rows is not None:
        rows = rows[rows["outcome"].isin(["won", "lost"]) & rows["closed_date"].notna()]
    if rows is None or rows.empty:
        return WinSeason(pd.DataFrame(columns=_MONTHS), pd.DataFrame(columns=_TESTS))
    months, tests = [], []
    for segment in numbers(rows["segment"].to_numpy(dtype=np.int64)):
        own = rows[rows["segment"] == segment]
        won, month = own["outcome"] == "won", own["closed_date"].dt.month
        counts = pd.DataFrame({"month": range(1, 13)})
        counts["closed"] = [int((month == m).sum()) for m in counts["month"]]
        counts["won"] = [int(won[month == m].sum()) for m in counts["month"]]
        counts["rate"] = counts["won"] / counts["closed"].where(counts["closed"] > 0)
        counts["low"], counts["high"] = wilson(counts["won"], counts["closed"])
        counts["steady"] = _steady(own["closed_date"], won)
        months.append(counts.assign(segment=segment, overall=won.mean()))
        name, p = _test(own, generator(seed, "win season", segment))
        tests.append({
            "segment": segment, "closed": len(own), "won": int(won.sum()), "test": name, "p": p,
        })  # fmt: skip
    table = pd.DataFrame(tests, columns=_TESTS)
    _, whole = _test(rows, generator(seed, "win season", "all"))
    table["p_holm"] = holm(np.r_[table["p"].to_numpy(dtype=np.float64), whole])[:-1]
    per = pd.concat(months, ignore_index=True)[_MONTHS]
    parts = [per[per["segment"] == segment] for segment in table["segment"]]
    tested = zip(records(table), parts, strict=True)
    named = [_standing_out(part) if row["p_holm"] < 0.05 else part.head(0) for row, part in tested]
    table["peaks"] = [len(part) for part in named]
    table["sentence"] = [
        _sentence(row, part) for row, part in zip(records(table), named, strict=True)
    ]
    return WinSeason(per, table)


def _test(deals: pd.DataFrame, rng: np.random.Generator) -> tuple[str, float]:
    """Name the test of won and lost over the months, with its p; none under the least of deals."""
    if len(deals) < MIN_EVENTS:
        return "", np.nan
    month = deals["closed_date"].dt.month.to_numpy(dtype=np.int64)
    test = association(deals["outcome"] == "won", month, "flag", rng)
    return test.test, test.p


def _steady(closed: pd.Series, won: pd.Series) -> list[bool]:
    """Say of each month whether its deals of every year (two or more) lie on one side."""
    rates = won.groupby([closed.dt.month, closed.dt.year]).mean() - won.mean()
    found = []
    for month in range(1, 13):
        own = rates[rates.index.get_level_values(0) == month]
        found.append(len(own) > 1 and bool((own > 0).all() or (own < 0).all()))
    return found


def _standing_out(months: pd.DataFrame) -> pd.DataFrame:
    apart = (months["low"] > months["overall"]) | (months["high"] < months["overall"])
    return months[apart & months["steady"]]


def _sentence(row: dict[str, Any], named: pd.DataFrame) -> str:
    segment = row["segment"]
    closed = quote(f"deals_closed_{segment}", row["closed"])
    if not row["test"]:
        few = f"{closed} closed deals; {quote('least_deals', MIN_EVENTS)} are needed"
        return f"Too few deals to look for a season in the win rate ({few})."
    p = p_text(float(row["p_holm"]), f"win_p_{segment}")
    basis = f"{closed} closed deals; adjusted {p}"
    if row["p_holm"] >= 0.05:
        return f"No season in the win rate is shown ({basis})."
    if named.empty:
        return f"The win rates of the months differ ({basis}), but none stands out every year."
    said = [_month(m) for m in records(named)]
    overall = quote(f"win_rate_{segment}", row["won"] / row["closed"], percent)
    return f"The win rate has a season ({basis}): {listed(said)}; {overall} over the year."


def _month(row: dict[str, Any]) -> str:
    of = f"{row['segment']}_{row['month']}"
    rate = quote(f"win_rate_{of}", row["rate"], percent)
    won, closed = (quote(f"{key}_{of}", row[key]) for key in ("won", "closed"))
    return f"{rate} in {MONTHS[int(row['month']) - 1]} ({won} of {closed})"


def fiscal_months(starts: int) -> list[int]:
    """List the calendar months in the order of a fiscal year.

    Parameters
    ----------
    starts
        Month in which the fiscal year begins.

    Examples
    --------
    >>> fiscal_months(10)
    [10, 11, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    """
    return [(starts - 1 + step) % 12 + 1 for step in range(12)]
