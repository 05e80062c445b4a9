"""Prepared views of the contract tables: what the variables aggregate over."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd
from ibis import _

from seglib.collection.collect import Tables
from seglib.collection.roles import role_of

if TYPE_CHECKING:
    import ibis.expr.types as ir


def months_before(as_of: pd.Timestamp, months: int) -> Any:
    """The day that many months before the as-of date, as an Ibis literal.

    Examples
    --------
    >>> months_before(pd.Timestamp("2026-09-30"), 12)
    datetime.date(2025, 9, 30)
    """
    return ibis.literal((as_of - pd.DateOffset(months=months)).date())


def _last_year(table: str, time: str) -> Callable[[Tables], ir.Table]:
    def view(tables: Tables) -> ir.Table:
        rows = tables.tables[table]
        return rows.filter(rows[time] > months_before(tables.as_of, 12))

    return view


def order_days(tables: Tables) -> ir.Table:
    """One row per account and day with an order, with the days since the one before."""
    days = tables.tables["orders"].select("account_id", "order_date").distinct()
    before = days.order_date.lag().over(ibis.window(group_by="account_id", order_by="order_date"))
    return days.mutate(gap=days.order_date.delta(before, unit="day").cast("float64"))


def contacts(tables: Tables) -> ir.Table:
    """Contacts with the buying role that their job title tells."""
    rows = tables.tables["contacts"]
    title = rows.job_title if "job_title" in rows.columns else ibis.null("string")
    return rows.mutate(role=role_of(title))


def opportunities(tables: Tables) -> ir.Table:
    """Opportunities with the days from opening to close."""
    rows = tables.tables["opportunities"]
    if "closed_date" not in rows.columns:
        return rows
    days = rows.closed_date.delta(rows.created_date, unit="day").cast("float64")
    return rows.mutate(cycle=days)


def _whole(table: str) -> Callable[[Tables], ir.Table]:
    return lambda tables: tables.tables[table]


def running_contracts(tables: Tables) -> ir.Table:
    """Contracts that run at the as-of date."""
    rows = tables.tables["subscriptions"]
    return rows.filter(rows.end_date.isnull()) if "end_date" in rows.columns else rows


def links(tables: Tables) -> ir.Table:
    """Shares of the account's sales, one row per account and industry of its customers."""
    rows = tables.tables["links"].filter(_.customer_industry.notnull())
    return rows.group_by(["account_id", "customer_industry"]).aggregate(share=_.share.sum())


def _first(rows: ir.Table, order: list[Any]) -> ir.Table:
    """Keep the first row of each account."""
    place = ibis.row_number().over(ibis.window(group_by="account_id", order_by=order))
    ranked = rows.mutate(place_=place)
    return ranked.filter(ranked.place_ == 0).drop("place_")


def first_engagement(tables: Tables) -> ir.Table:
    """The first engagement of each account; on one day the first in the alphabet."""
    rows = tables.tables["engagements"]
    others = [rows[c] for c in ("topic", "kind") if c in rows.columns]
    return _first(rows, [rows.event_date, *others])


def open_deal(tables: Tables) -> ir.Table:
    """The open opportunity of each account that was opened last."""
    rows = tables.tables["opportunities"]
    still = rows.closed_date if "closed_date" in rows.columns else rows.outcome
    rows = rows.filter(still.isnull())
    return _first(rows, [rows.created_date.desc(), rows.opportunity_id])


def won_deals(tables: Tables) -> ir.Table:
    """Opportunities that were won."""
    rows = tables.tables["opportunities"]
    return rows.filter(rows.outcome == "won")


def main_market(tables: Tables) -> ir.Table:
    """The industry to which each account sells most."""
    rows = links(tables)
    return _first(rows, [rows.share.desc(), rows.customer_industry])


VIEWS: dict[str, tuple[str, Callable[[Tables], Any]]] = {
    "orders": ("orders", _whole("orders")),
    "order_days": ("orders", order_days),
    "usage_12m": ("usage", _last_year("usage", "month")),
    "engagements_12m": ("engagements", _last_year("engagements", "event_date")),
    "technologies": ("technologies", _whole("technologies")),
    "tickets_12m": ("tickets", _last_year("tickets", "opened_date")),
    "opportunities": ("opportunities", opportunities),
    "contacts": ("contacts", contacts),
    "running_contracts": ("subscriptions", running_contracts),
    "surveys": ("surveys", _whole("surveys")),
    "links": ("links", links),
    "orders_12m": ("orders", _last_year("orders", "order_date")),
    "first_engagement": ("engagements", first_engagement),
    "open_deal": ("opportunities", open_deal),
    "won_deals": ("opportunities", won_deals),
    "main_market": ("links", main_market),
}
"""View to the contract table that it needs and the function that prepares it."""
