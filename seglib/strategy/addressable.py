"""The addressable market by segment: accounts to win, and what they would be worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.intervals import Z
from seglib.profiling.intervals import generator, mean_interval
from seglib.strategy.market import SegmentedMarket
from seglib.strategy.measures import yearly_value

COLUMNS = [
    "segment", "name", "customers", "placed", "prospects", "prospects_low", "prospects_high",
    "penetration", "value", "value_low", "value_high", "earned", "open", "open_low", "open_high",
]  # fmt: skip
"""Columns of the table."""


def addressable_market(market: SegmentedMarket, *, prospects: int, seed: int) -> pd.DataFrame:
    """Count the market of each segment: what we have, what is left, and what that is worth.

    Parameters
    ----------
    market
        Accounts with segments.
    prospects
        Accounts on file that are no customers, placed in a segment or not.
    seed
        Of the bootstrap of the mean value.

    Returns
    -------
    DataFrame
        :data:`COLUMNS`, one row a segment: ``placed`` (by the typing tool), ``prospects`` (that
        are expected to belong to it) with its 95 % interval, ``penetration`` (customers among
        both), ``value`` (revenue a year of a customer) with its interval, ``earned`` (from
        customers) and ``open`` (prospects × value) with its interval. Money is missing where the
        company records none.

    Notes
    -----
    A placed prospect belongs to its segment with the probability that the typing tool states;
    those wrongly placed or not placed are shared out as the customers are, which is an assumption.
    So is that a prospect, once won, is worth what a customer of the segment is. Variances of the
    placements, of the customers' shares and of the mean value are added up (delta method).

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> market = segmented_market(
    ...     accounts=pd.DataFrame({"account_id": list("abcd")}), cards=[], facts={},
    ...     assignments=pd.DataFrame({"account_id": list("ab"), "segment": [1, 2]}),
    ...     placements=pd.DataFrame({"account_id": ["c"], "segment": 1, "confidence": 0.8}),
    ...     as_of="2026-09-30")
    >>> addressable_market(market, prospects=2, seed=7)["prospects"].round(2).tolist()
    [1.4, 0.6]
    """
    customers = market.customers
    counts = customers["segment"].value_counts().reindex(market.numbers, fill_value=0)
    share = (counts / max(len(customers), 1)).to_numpy(dtype=float)
    placed = market.prospects
    sure = placed["confidence"].astype(float).fillna(0.0).clip(0, 1)
    right = sure.groupby(placed["segment"]).sum().reindex(market.numbers, fill_value=0.0)
    doubt = (sure * (1 - sure)).groupby(placed["segment"]).sum()
    rest = max(prospects - float(sure.sum()), 0.0)
    expected = right.to_numpy(dtype=float) + rest * share
    spread = (
        doubt.reindex(market.numbers, fill_value=0.0).to_numpy(dtype=float)
        + rest * share * (1 - share)
        + rest**2 * share * (1 - share) / max(len(customers), 1)
    )
    table = pd.DataFrame(
        {
            "segment": market.numbers,
            "name": [market.names[s] for s in market.numbers],
            "customers": counts.to_numpy(dtype=int),
            "placed": placed["segment"].value_counts().reindex(market.numbers, fill_value=0).values,
            "prospects": expected,
            "prospects_low": np.maximum(expected - Z * np.sqrt(spread), 0.0),
            "prospects_high": np.minimum(expected + Z * np.sqrt(spread), float(prospects)),
        }
    )
    whole = table["customers"] + table["prospects"]
    table["penetration"] = table["customers"] / whole.where(whole > 0)
    return _with_money(market, table, spread, seed)[COLUMNS]


def _with_money(
    market: SegmentedMarket, table: pd.DataFrame, spread: np.ndarray, seed: int
) -> pd.DataFrame:
    value = yearly_value(market)
    if value is None:
        return table.reindex(columns=COLUMNS)
    parts = [value[market.customers["segment"] == s].to_numpy(dtype=float) for s in market.numbers]
    mean = np.array([part.mean() if len(part) else np.nan for part in parts])
    bounds = [
        mean_interval(part, generator(seed, "addressable", segment))
        for part, segment in zip(parts, market.numbers, strict=True)
    ]
    low, high = (np.array(side, dtype=float) for side in zip(*bounds, strict=True))
    error = ((high - low) / (2 * Z)) ** 2
    count = table["prospects"].to_numpy(dtype=float)
    half = Z * np.sqrt(count**2 * error + mean**2 * spread + error * spread)
    return table.assign(
        value=mean, value_low=low, value_high=high, earned=[float(part.sum()) for part in parts],
        open=count * mean, open_low=np.maximum(count * mean - half, 0.0),
        open_high=count * mean + half,
    )  # fmt: skip
