"""What the targeting criteria measure in each segment, and how many observations that rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.criteria import Criterion
from seglib.strategy.market import UNPLACED, SegmentedMarket

YEAR = pd.DateOffset(years=1)


@dataclass(frozen=True)
class Measure:
    """One criterion, measured.

    Attributes
    ----------
    value
        Segment → value; missing where the segment has no observation.
    n
        Segment → observations under it (infinite for a plain count: it is not a sample).
    whole
        The market's own value.
    spread
        Standard deviation between observations; 0 where the measure has none.
    """

    value: pd.Series
    n: pd.Series
    whole: float
    spread: float = 0.0


def measure(market: SegmentedMarket, criterion: Criterion) -> Measure | None:
    """Measure a criterion in each segment; None where the market has no data for it.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    criterion
        From the catalogue.

    Examples
    --------
    >>> from seglib.criteria import catalogue
    >>> from seglib.strategy.market import segmented_market
    >>> market = segmented_market(
    ...     accounts=pd.DataFrame({"account_id": ["a", "b"], "win_rate": [0.5, 0.1]}),
    ...     assignments=pd.DataFrame({"account_id": ["a", "b"], "segment": [1, 2]}),
    ...     cards=[], facts={}, as_of="2026-09-30")
    >>> measure(market, catalogue().criteria["size"]).value.tolist()
    [1.0, 1.0]
    """
    found = MEASURES[criterion.measure](market, criterion)
    if found is None or not np.isfinite(found.whole):
        return None
    return found if found.value.notna().any() else None


def _count(market: SegmentedMarket, frame: pd.DataFrame) -> Measure | None:
    if frame.empty or not market.numbers:
        return None
    value = frame["segment"].value_counts().reindex(market.numbers, fill_value=0).astype(float)
    return Measure(value, pd.Series(np.inf, index=value.index), float(value.mean()))


def _accounts(market: SegmentedMarket, _: Criterion) -> Measure | None:
    return _count(market, market.accounts)


def _prospects(market: SegmentedMarket, _: Criterion) -> Measure | None:
    return _count(market, market.prospects)


def _mean_of(market: SegmentedMarket, frame: pd.DataFrame, column: str) -> Measure:
    known = frame[frame[column].notna()]
    values = known[column].astype(float)
    grouped = values.groupby(known["segment"])
    whole = float(values.mean()) if len(values) else np.nan
    spread = float(values.std(ddof=0)) if len(values) else 0.0
    return Measure(
        grouped.mean().reindex(market.numbers),
        grouped.size().reindex(market.numbers, fill_value=0).astype(float),
        whole,
        spread,
    )


def _mean(market: SegmentedMarket, criterion: Criterion) -> Measure | None:
    name = criterion.variable or ""
    if not market.variable(name) or not pd.api.types.is_numeric_dtype(market.accounts[name]):
        return None
    return _mean_of(market, market.accounts, name)


def yearly_value(market: SegmentedMarket) -> pd.Series | None:
    """Revenue of the last 12 months of each customer; None where the company records none.

    Returns
    -------
    Series or None
        In the rows of ``market.customers``: order revenue plus twelve subscription fees, as far
        as either is known.
    """
    parts = [
        market.customers[name].astype(float).fillna(0.0) * times
        for name, times in (("revenue_12m", 1.0), ("subscription_fee", 12.0))
        if market.variable(name)
    ]
    return sum(parts[1:], start=parts[0]) if parts else None


def _revenue_per_account(market: SegmentedMarket, _: Criterion) -> Measure | None:
    value = yearly_value(market)
    if value is None:
        return None
    return _mean_of(market, market.customers.assign(_value=value), "_value")


def _revenue(market: SegmentedMarket, _: Criterion) -> Measure | None:
    value = yearly_value(market)
    if value is None:
        return None
    total = value.groupby(market.customers["segment"]).sum().reindex(market.numbers, fill_value=0.0)
    return Measure(total, pd.Series(np.inf, index=total.index), float(total.mean()))


def _window(orders: pd.DataFrame, after: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    return orders[(orders["month"] > after) & (orders["month"] <= until)]


def _growth(market: SegmentedMarket, _: Criterion) -> Measure | None:
    orders = market.fact("orders", "month", "amount")
    if orders is None:
        return None
    middle, start = market.as_of - YEAR, market.as_of - YEAR - YEAR
    if orders["month"].min() > start + pd.DateOffset(months=1):
        return None
    placed = orders[orders["segment"] != UNPLACED]
    now, before = _window(placed, middle, market.as_of), _window(placed, start, middle)
    earlier = before.groupby("segment")["amount"].sum().reindex(market.numbers)
    later = now.groupby("segment")["amount"].sum().reindex(market.numbers, fill_value=0.0)
    active = pd.concat([now, before]).groupby("segment")["account_id"].nunique()
    whole = before["amount"].sum()
    return Measure(
        later / earlier.where(earlier > 0) - 1,
        active.reindex(market.numbers, fill_value=0).astype(float),
        float(now["amount"].sum() / whole - 1) if whole > 0 else np.nan,
    )


def _margin(market: SegmentedMarket, _: Criterion) -> Measure | None:
    orders = market.fact("orders", "month", "amount", "cost")
    if orders is None:
        return None
    recent = _window(orders, market.as_of - YEAR, market.as_of)
    recent = recent[recent["cost"].notna() & (recent["segment"] != UNPLACED)]
    sums = recent.groupby("segment")[["amount", "cost"]].sum().reindex(market.numbers)
    total = recent["amount"].sum()
    return Measure(
        1 - sums["cost"] / sums["amount"].where(sums["amount"] > 0),
        recent.groupby("segment")["account_id"].nunique().reindex(market.numbers, fill_value=0)
        * 1.0,
        float(1 - recent["cost"].sum() / total) if total > 0 else np.nan,
    )


def _win_rate(market: SegmentedMarket, _: Criterion) -> Measure | None:
    deals = market.fact("opportunities", "outcome")
    if deals is None:
        return None
    closed = deals[deals["outcome"].isin(["won", "lost"]) & (deals["segment"] != UNPLACED)]
    return _mean_of(market, closed.assign(_won=(closed["outcome"] == "won") * 1.0), "_won")


def _of_deals(column: str) -> Callable[[SegmentedMarket, Criterion], Measure | None]:
    def measured(market: SegmentedMarket, _: Criterion) -> Measure | None:
        deals = market.fact("opportunities", column)
        if deals is None:
            return None
        return _mean_of(market, deals[deals["segment"] != UNPLACED], column)

    return measured


def _response(market: SegmentedMarket, _: Criterion) -> Measure | None:
    touches = market.fact("touches", "held_out", "converted")
    if touches is None:
        return None
    rates = touches[touches["segment"] != UNPLACED].groupby(["segment", "held_out"])["converted"]
    mean = rates.mean().unstack().reindex(index=market.numbers, columns=[False, True])
    size = rates.size().unstack().reindex(index=market.numbers, columns=[False, True]).fillna(0)
    whole = touches.groupby("held_out")["converted"].mean().reindex([False, True])
    smaller = size.min(axis=1).astype(float)
    return Measure(mean[False] - mean[True], smaller, float(whole[False] - whole[True]))


MEASURES: dict[str, Callable[[SegmentedMarket, Criterion], Measure | None]] = {
    "accounts": _accounts,
    "prospects": _prospects,
    "mean": _mean,
    "revenue": _revenue,
    "revenue_per_account": _revenue_per_account,
    "growth": _growth,
    "margin": _margin,
    "win_rate": _win_rate,
    "deal_size": _of_deals("amount"),
    "competitors": _of_deals("competitors"),
    "response": _response,
}
"""How each kind of measure is computed, by the name that ``criteria.yaml`` uses."""
