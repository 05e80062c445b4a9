"""Views that only some variables need, beside those of :mod:`seglib.collection.views`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection import views as base

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from seglib.collection.collect import Tables


def _first(rows: ir.Table, order: list[Any]) -> ir.Table:
    """Keep the first row of each account."""
    place = ibis.row_number().over(ibis.window(group_by="account_id", order_by=order))
    ranked = rows.mutate(place_=place)
    return ranked.filter(ranked.place_ == 0).drop("place_")


def orders_12m(tables: Tables) -> ir.Table:
    """Order lines of the last 12 months: each season of the year once."""
    rows = tables.tables["orders"]
    return rows.filter(rows.order_date > base.months_before(tables.as_of, 12))


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
    rows = base.links(tables)
    return _first(rows, [rows.share.desc(), rows.customer_industry])


VIEWS: dict[str, tuple[str, Callable[[Tables], Any]]] = {
    **base.VIEWS,
    "orders_12m": ("orders", orders_12m),
    "first_engagement": ("engagements", first_engagement),
    "open_deal": ("opportunities", open_deal),
    "won_deals": ("opportunities", won_deals),
    "main_market": ("links", main_market),
}
"""Every view, to the contract table that it needs and the function that prepares it."""
