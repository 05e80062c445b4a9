"""Knock-outs: conditions without which a segment is not a target, however good it looks."""

from __future__ import annotations

import pandas as pd

from seglib.criteria import catalogue
from seglib.strategy.market import SERVED, SegmentedMarket
from seglib.strategy.measures import measure

SURE = 0.8
"""Confidence from which an account counts as placed for certain."""


def knock_outs(market: SegmentedMarket, *, min_share: float) -> pd.DataFrame:
    """Judge each segment by each knock-out condition.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    min_share
        Smallest share of the customers that is worth an approach of its own.

    Returns
    -------
    DataFrame
        One row a segment and condition: ``segment``, ``condition``, ``label``, ``value``,
        ``limit`` and ``verdict``: ``passed``, ``failed`` or ``not judged`` (no data).

    Examples
    --------
    >>> from seglib.strategy.market import segmented_market
    >>> market = segmented_market(
    ...     accounts=pd.DataFrame({"account_id": list("abc")}),
    ...     assignments=pd.DataFrame({"account_id": list("abc"), "segment": [1, 1, 2]}),
    ...     cards=[], facts={}, as_of="2026-09-30")
    >>> found = knock_outs(market, min_share=0.4)
    >>> found[found["condition"] == "substantial"]["verdict"].tolist()
    ['passed', 'failed']
    """
    rules = dict(catalogue().knock_outs)
    if SERVED not in market.accounts:  # the study states no limits: every account is served
        del rules["served"]
    limits = {name: min_share if rule.limit is None else rule.limit for name, rule in rules.items()}
    values = {name: _VALUES[name](market) for name in rules}
    rows = [
        (segment, name, rule.label, values[name].get(segment), limits[name])
        for segment in market.numbers
        for name, rule in rules.items()
    ]
    frame = pd.DataFrame(rows, columns=["segment", "condition", "label", "value", "limit"])
    frame["value"] = frame["value"].astype(float)
    passed = frame["value"] >= frame["limit"]
    verdict = passed.map({True: "passed", False: "failed"})
    return frame.assign(verdict=verdict.where(frame["value"].notna(), "not judged"))


def _share(market: SegmentedMarket) -> pd.Series:
    customers = market.customers
    return customers["segment"].value_counts() / max(len(customers), 1)


def _distinct(market: SegmentedMarket) -> pd.Series:
    known = market.customers.dropna(subset="confidence")
    return (known["confidence"] >= SURE).groupby(known["segment"]).mean()


def _reachable(market: SegmentedMarket) -> pd.Series:
    contacts = market.fact("contacts")
    if contacts is None:
        return pd.Series(dtype=float)
    known = market.customers["account_id"].isin(contacts["account_id"])
    return known.groupby(market.customers["segment"]).mean()


def _served(market: SegmentedMarket) -> pd.Series:
    return market.accounts[SERVED].astype(float).groupby(market.accounts["segment"]).mean()


def _profitable(market: SegmentedMarket) -> pd.Series:
    margin = measure(market, catalogue().criteria["margin"])
    return pd.Series(dtype=float) if margin is None else margin.value


_VALUES = {
    "substantial": _share,
    "distinct": _distinct,
    "reachable": _reachable,
    "served": _served,
    "profitable": _profitable,
}
