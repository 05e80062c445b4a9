"""Conversion by stage: how far the accounts of each segment came in a year, with denominators."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.exhibits import Note, missing
from seglib.intervals import wilson
from seglib.measurement.intervals import shrink_rates
from seglib.strategy import SegmentedMarket

STAGES = ("engaged", "opportunity", "decided", "won")
"""Stages after being in the market, in order."""

COLUMNS = ["segment", "name", "stage", "reached", "of", "rate", "low", "high", "shrunk", "whole"]
"""Columns of the funnel."""


def funnel(market: SegmentedMarket) -> pd.DataFrame | Note:
    """Count how many accounts of each segment reached each stage in the last twelve months.

    Parameters
    ----------
    market
        Accounts and facts with segments; placed prospects count.

    Returns
    -------
    DataFrame or Note
        One row a segment and stage: accounts that ``reached`` it, out of those that reached the
        stage before (``of``), ``rate`` with its Wilson interval, ``shrunk`` toward all segments
        (beta-binomial, stage by stage) and the rate of the ``whole``. A note without opportunities.

    Notes
    -----
    Stages: engaged with our marketing, an opportunity opened, one of these decided, one of these
    won. Who reached a later stage reached those before it, seen or not. Opportunities still open
    are not decided yet: slow buyers look worse there than they are.

    Examples
    --------
    >>> from seglib.strategy import segmented_market
    >>> accounts = pd.DataFrame({"account_id": ["a", "b"], "engagement_count": [3, 0]})
    >>> deals = pd.DataFrame({"account_id": ["a"], "outcome": ["won"],
    ...                       "created_date": [pd.Timestamp("2026-03-01")]})
    >>> market = segmented_market(accounts=accounts, assignments=accounts.assign(segment=1),
    ...     cards=[], facts={"opportunities": deals}, as_of="2026-09-30")
    >>> funnel(market)[["stage", "reached", "of"]].values.tolist()
    [['engaged', 1, 2], ['opportunity', 1, 1], ['decided', 1, 1], ['won', 1, 1]]
    """
    deals = market.fact("opportunities", "created_date", "outcome")
    if deals is None or pd.isna(market.as_of):
        return missing("Conversion by stage", ["opportunities"])
    year = market.as_of - pd.DateOffset(months=12)
    recent = deals[(deals["created_date"] > year) & (deals["created_date"] <= market.as_of)]
    accounts = market.accounts[market.accounts["segment"] > 0]
    reached = _reached(accounts, recent)
    stages = [stage for stage in STAGES if stage in reached]
    sums = reached.groupby("segment")[["in it", *stages]].sum().reindex(market.numbers)
    parts = []
    for before, stage in zip(["in it", *stages], stages, strict=False):
        hits, trials = (sums[c].fillna(0).to_numpy(float) for c in (stage, before))
        low, high = wilson(hits, trials)
        total = trials.sum()
        part = pd.DataFrame({"segment": market.numbers, "stage": stage})
        parts.append(
            part.assign(
                reached=hits.astype(int),
                of=trials.astype(int),
                rate=hits / np.where(trials > 0, trials, np.nan),
                low=low,
                high=high,
                shrunk=shrink_rates(hits, trials),
                whole=hits.sum() / total if total else np.nan,
            )
        )
    table = pd.concat(parts, ignore_index=True)
    table["name"] = table["segment"].map(market.names).astype("str")
    order = {stage: rank for rank, stage in enumerate(stages)}
    return table.sort_values(
        ["segment", "stage"], key=lambda c: c.map(order) if c.name == "stage" else c,
        ignore_index=True,
    )[COLUMNS]  # fmt: skip


def _reached(accounts: pd.DataFrame, deals: pd.DataFrame) -> pd.DataFrame:
    """One row an account: which stages it reached; a later one counts for those before it."""
    ids = accounts["account_id"]
    flags = {
        "opportunity": ids.isin(deals["account_id"]),
        "decided": ids.isin(deals.loc[deals["outcome"].notna(), "account_id"]),
        "won": ids.isin(deals.loc[deals["outcome"] == "won", "account_id"]),
    }
    if "engagement_count" in accounts and accounts["engagement_count"].notna().any():
        engaged = accounts["engagement_count"].fillna(0) > 0
        flags = {"engaged": engaged | flags["opportunity"], **flags}
    return pd.DataFrame({"segment": accounts["segment"], "in it": True, **flags})
