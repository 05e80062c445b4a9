"""The addressable market as a funnel: total, serviceable, target list, customers."""

from __future__ import annotations

import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.study import ServedMarket


def served(accounts: AccountTable, market: ServedMarket) -> pd.Series:
    """Say of each account whether it lies in the market we can serve.

    Parameters
    ----------
    accounts
        The account table.
    market
        Limits of the study; a limit on a variable that is missing for an account keeps it out.
    """
    frame = accounts.frame
    inside = pd.Series(True, index=frame.index)
    if market.industries and "industry" in frame:
        inside &= frame["industry"].isin(market.industries)
    if market.countries and "country" in frame:
        inside &= frame["country"].isin(market.countries)
    if market.min_employees is not None and "employees" in frame:
        inside &= frame["employees"] >= market.min_employees
    if market.max_employees is not None and "employees" in frame:
        inside &= frame["employees"] <= market.max_employees
    return inside


def market_funnel(accounts: AccountTable, market: ServedMarket) -> pd.DataFrame:
    """Count the addressable market, stage by stage.

    Returns
    -------
    pandas.DataFrame
        ``stage``, ``meaning``, ``accounts``, ``share`` of all, and ``value``: what the stage would
        spend in 12 months if each account that does not buy spent the median of the customers of
        the same stage (missing without orders). The accounts on file stand for the market; what is
        not on file is not in it.
    """
    frame = accounts.frame
    inside = served(accounts, market)
    customer = frame["status"] == "customer"
    stages = [
        (
            "TAM",
            "accounts on file: customers, former customers and prospects",
            customer | ~customer,
        ),
        ("SAM", _limits(market), inside),
        ("Target list", "in the served market and not yet a customer", inside & ~customer),
        ("Customers", "buy from us today", customer),
    ]
    rows = [
        (stage, meaning, int(rows.sum()), float(rows.mean()), _value(frame, rows, customer))
        for stage, meaning, rows in stages
    ]
    return pd.DataFrame(rows, columns=["stage", "meaning", "accounts", "share", "value"])


def _value(frame: pd.DataFrame, rows: pd.Series, customer: pd.Series) -> float:
    if "revenue_12m" not in frame or not customer.any():
        return float("nan")
    spent = frame["revenue_12m"]
    typical = spent[customer & (spent > 0)].median()
    typical = 0.0 if pd.isna(typical) else float(typical)
    return float(spent[rows & customer].sum() + typical * (rows & ~customer).sum())


def _limits(market: ServedMarket) -> str:
    parts = []
    if market.industries:
        parts.append("industries " + ", ".join(market.industries))
    if market.countries:
        parts.append("countries " + ", ".join(market.countries))
    if market.min_employees is not None:
        parts.append(f"at least {market.min_employees:,.0f} employees")
    if market.max_employees is not None:
        parts.append(f"at most {market.max_employees:,.0f} employees")
    return "; ".join(parts) if parts else "no limit is stated in the study ('market')"
