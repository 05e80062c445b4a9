"""What each account or deal contributes to a KPI: a numerator and a denominator, by period."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from seglib.measurement.periods import Periods
from seglib.strategy import SegmentedMarket

COLUMNS = ["segment", "period", "numerator", "denominator"]
"""Columns of the contributions of a KPI."""


def contributions(market: SegmentedMarket, kpi: str, periods: Periods) -> pd.DataFrame | None:
    """Return one row for everything that counts toward a KPI.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    kpi
        Key of ``kpis.yaml``.
    periods
        Whole periods.

    Returns
    -------
    DataFrame or None
        ``segment``, ``period``, ``numerator``, ``denominator``; None without the tables, or when
        nothing falls into the periods.
    """
    found = CONTRIBUTIONS[kpi](market, periods)
    if found is None:
        return None
    inside = found[found["period"].notna()].reindex(columns=COLUMNS)
    return None if inside.empty else inside.astype({"numerator": float, "denominator": float})


def _deals(market: SegmentedMarket, *columns: str) -> pd.DataFrame | None:
    deals = market.fact("opportunities", *columns)
    if deals is None:
        return None
    return deals.assign(closed_date=_dates(deals, "closed_date"))


def _dates(frame: pd.DataFrame, column: str) -> pd.Series:
    """A column of dates; all missing where the frame does not have it."""
    return pd.to_datetime(pd.Series(frame.get(column, pd.NaT), index=frame.index))


def _conversion(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    deals = _deals(market, "outcome", "closed_date")
    if deals is None:
        return None
    closed = deals[deals["outcome"].isin(["won", "lost"])]
    won = closed["outcome"] == "won"
    return closed.assign(period=periods.of(closed["closed_date"]), numerator=won, denominator=1)


def _pipeline_opened(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    deals = _deals(market, "created_date", "amount")
    if deals is None:
        return None
    known = deals[deals["amount"].notna()]
    period = periods.of(known["created_date"])
    return known.assign(period=period, numerator=known["amount"], denominator=1)


def _pipeline_open(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    deals = _deals(market, "created_date", "amount")
    if deals is None:
        return None
    known = deals[deals["amount"].notna()]
    parts = []
    for label, end in zip(periods.labels, periods.ends, strict=True):
        still = ~(known["closed_date"] <= end)
        # A deal that is closed without a date cannot be placed in time; it counts as closed.
        if "outcome" in known:
            still &= known["closed_date"].notna() | known["outcome"].isna()
        open_then = known[(known["created_date"] <= end) & still]
        parts.append(open_then.assign(period=label, numerator=open_then["amount"], denominator=1))
    return pd.concat(parts)


def _cost_per_acquisition(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    touches = market.touches()
    if touches is None or not touches["spent"].notna().any():
        return None
    treated = touches[touches["spent"].notna()]
    began = _dates(treated, "start_date").fillna(_dates(treated, "touch_date"))
    return treated.assign(
        period=periods.of(began), numerator=treated["spent"], denominator=treated["converted"]
    )


def _bought(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    """Net amount of each account in each period in which it has orders."""
    orders = market.fact("orders", "month", "amount")
    if orders is None:
        return None
    by_period = orders.assign(period=periods.of(orders["month"]))
    keys = ["account_id", "segment", "period"]
    return by_period.dropna(subset="period").groupby(keys)["amount"].sum().reset_index()


def _revenue(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    bought = _bought(market, periods)
    if bought is None:
        return None
    return bought.assign(numerator=bought["amount"], denominator=bought["amount"] > 0)


def _under_contract(market: SegmentedMarket, days: list[pd.Timestamp]) -> pd.DataFrame | None:
    """Accounts with a contract that runs at the end of each of these days."""
    contracts = market.fact("subscriptions", "start_date")
    if contracts is None:
        return None
    ends = _dates(contracts, "end_date")
    parts = []
    for day in days:
        running = (contracts["start_date"] <= day) & ~(ends <= day)
        parts.append(contracts.loc[running, ["account_id", "segment"]].assign(day=day))
    return pd.concat(parts).drop_duplicates()


def _active(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    """Account and period in which it bought; without orders, in which it was under contract."""
    bought = _bought(market, periods)
    if bought is not None:
        return bought[bought["amount"] > 0]
    running = _under_contract(market, periods.ends)
    if running is None:
        return None
    labels = dict(zip(periods.ends, periods.labels, strict=True))
    return running.assign(period=running["day"].map(labels))


def _first_purchase(market: SegmentedMarket) -> pd.Series | None:
    """Day of the first order of each account; without orders, of its first contract."""
    for table, column in (("orders", "month"), ("subscriptions", "start_date")):
        facts = market.fact(table, column)
        if facts is not None:
            return facts.groupby("account_id")[column].min()
    return None


def _active_accounts(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    active, first = _active(market, periods), _first_purchase(market)
    if active is None or first is None:
        return None
    every = market.customers[["account_id", "segment"]].merge(
        pd.DataFrame({"period": periods.labels, "end": periods.ends}), how="cross"
    )
    every = every[every["account_id"].map(first) <= every["end"]]
    marks = active[["account_id", "period"]].assign(numerator=1.0)
    marked = every.merge(marks, on=["account_id", "period"], how="left")
    return marked.assign(numerator=marked["numerator"].fillna(0.0), denominator=1)


def _retention(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    now, before = _bought(market, periods), _bought(market, periods.back(periods.year))
    if now is None or before is None:
        return None
    later = dict(zip(periods.back(periods.year).labels, periods.labels, strict=True))
    base = before[before["amount"] > 0].assign(period=before["period"].map(later))
    again = now.loc[now["amount"] > 0, ["account_id", "period"]].assign(numerator=1.0)
    joined = base.merge(again, on=["account_id", "period"], how="left")
    return joined.assign(numerator=joined["numerator"].fillna(0.0), denominator=1)


def _contract_retention(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    before = [start - pd.Timedelta(days=1) for start in periods.starts]
    began, ended = _under_contract(market, before), _under_contract(market, periods.ends)
    if began is None or ended is None:
        return None
    first = dict(zip(before, periods.labels, strict=True))
    last = dict(zip(periods.ends, periods.labels, strict=True))
    kept = ended.assign(period=ended["day"].map(last), numerator=1.0)
    joined = began.assign(period=began["day"].map(first)).merge(
        kept[["account_id", "period", "numerator"]], on=["account_id", "period"], how="left"
    )
    return joined.assign(numerator=joined["numerator"].fillna(0.0), denominator=1)


def _net_revenue_retention(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    now, before = _bought(market, periods), _bought(market, periods.back(periods.year))
    if now is None or before is None:
        return None
    later = dict(zip(periods.back(periods.year).labels, periods.labels, strict=True))
    base = before[before["amount"] > 0].assign(period=before["period"].map(later))
    return _against(base, now)


def _contract_revenue_retention(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    now = _fees(market, periods.ends, periods.labels)
    before = _fees(market, periods.back(periods.year).ends, periods.labels)
    if now is None or before is None:
        return None
    return _against(before[before["amount"] > 0], now)


def _against(base: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Amount now against the amount of a year before, for the accounts that had one then."""
    joined = base.merge(
        now[["account_id", "period", "amount"]],
        on=["account_id", "period"],
        how="left",
        suffixes=("_before", ""),
    )
    kept = joined["amount"].fillna(0.0)
    return joined.assign(numerator=kept, denominator=joined["amount_before"])


def _fees(
    market: SegmentedMarket, days: list[pd.Timestamp], labels: list[str]
) -> pd.DataFrame | None:
    """Monthly fees of each account under contracts that run on these days."""
    contracts = market.fact("subscriptions", "start_date", "monthly_fee")
    if contracts is None:
        return None
    ends = _dates(contracts, "end_date")
    parts = [
        contracts[(contracts["start_date"] <= day) & ~(ends <= day)].assign(period=label)
        for day, label in zip(days, labels, strict=True)
    ]
    running = pd.concat(parts).rename(columns={"monthly_fee": "amount"})
    keys = ["account_id", "segment", "period"]
    return running.groupby(keys)["amount"].sum().reset_index()


def _satisfaction(market: SegmentedMarket, periods: Periods) -> pd.DataFrame | None:
    if not market.variable("satisfaction"):
        return None
    known = market.accounts[market.accounts["satisfaction"].notna()]
    last = periods.labels[-1]
    return known.assign(period=last, numerator=known["satisfaction"], denominator=1)


CONTRIBUTIONS: dict[str, Callable[[SegmentedMarket, Periods], pd.DataFrame | None]] = {
    "conversion": _conversion,
    "pipeline_opened": _pipeline_opened,
    "pipeline_open": _pipeline_open,
    "cost_per_acquisition": _cost_per_acquisition,
    "revenue": _revenue,
    "net_revenue_retention": _net_revenue_retention,
    "contract_revenue_retention": _contract_revenue_retention,
    "active_accounts": _active_accounts,
    "retention": _retention,
    "contract_retention": _contract_retention,
    "satisfaction": _satisfaction,
}
"""How each KPI of ``kpis.yaml`` is counted."""
