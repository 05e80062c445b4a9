"""How many accounts of a segment come by: in a month, and until a test has enough of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.strategy.market import UNPLACED, SegmentedMarket

YEAR = 12
"""Months that are looked back on."""

_SOURCES = (("orders", "month"), ("opportunities", "created_date"), ("tickets", "month"))


def visits(market: SegmentedMarket) -> pd.DataFrame | None:
    """List in which of the last 12 whole months each account ordered, asked or opened a deal.

    Parameters
    ----------
    market
        Accounts and facts with segments.

    Returns
    -------
    DataFrame or None
        ``segment``, ``account_id`` and ``age``: 0 for the last whole month. None where no table
        has dates.

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> accounts = pd.DataFrame({"account_id": ["a", "b"]})
    >>> orders = accounts.assign(month=pd.to_datetime(["2026-09-01", "2026-07-01"]))
    >>> market = segmented_market(accounts=accounts, assignments=accounts.assign(segment=1),
    ...                           cards=[], facts={"orders": orders}, as_of="2026-09-30")
    >>> visits(market)["age"].tolist()
    [0, 2]
    """
    if pd.isna(market.as_of):
        return None
    after = market.as_of + pd.Timedelta(days=1)  # the day after the last day of a month begins one
    last = after.year * YEAR + after.month - 2
    parts = []
    for name, column in _SOURCES:
        facts = market.fact(name, column)
        if facts is not None:
            known = facts[facts["segment"] != UNPLACED]
            day = known[column].dt
            frame = known[["segment", "account_id"]].assign(
                age=last - (day.year * YEAR + day.month - 1)
            )
            parts.append(frame[frame["age"].between(0, YEAR - 1)].drop_duplicates())
    if not parts:
        return None
    return pd.concat(parts).drop_duplicates().astype({"age": int}).reset_index(drop=True)


def monthly(seen: pd.DataFrame | None, segments: list[int]) -> float:
    """Return how many accounts of the segments come by in a month; NaN where nothing tells.

    Parameters
    ----------
    seen
        From :func:`visits`.
    segments
        Taken together.
    """
    if seen is None:
        return float("nan")
    return float(seen["segment"].isin(segments).sum()) / YEAR


def months_until(seen: pd.DataFrame | None, segments: list[int], accounts: int) -> float:
    """Return in how many months so many different accounts come by; NaN where not in a year.

    Parameters
    ----------
    seen
        From :func:`visits`.
    segments
        Taken together.
    accounts
        Different accounts that are wanted.

    Notes
    -----
    Counted back from the last whole month; who comes by twice counts once.

    Examples
    --------
    >>> seen = pd.DataFrame({"segment": 1, "account_id": list("abac"), "age": [0, 0, 1, 2]})
    >>> [months_until(seen, [1], n) for n in (1, 2, 3, 4)]
    [1.0, 1.0, 3.0, nan]
    """
    if seen is None:
        return float("nan")
    own = seen[seen["segment"].isin(segments)]
    first = own.groupby("account_id")["age"].min()
    reached = np.cumsum(np.bincount(first.to_numpy(dtype=int), minlength=YEAR))
    enough = np.flatnonzero(reached >= max(accounts, 1))
    return float(enough[0] + 1) if len(enough) else float("nan")
