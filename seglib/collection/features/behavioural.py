"""Behavioural variables: how the account orders, uses, engages and asks for help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection.features.recipe import Recipe

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

_DAYS_PER_YEAR = 365.25
_SHORTEST_HISTORY = 0.5  # years; a customer of last week is not one of 52 orders a year


def _days_since(day: Any, as_of: pd.Timestamp) -> Any:
    return ibis.literal(as_of.date()).delta(day, unit="day").cast("float64")


def _orders_per_year(t: ir.Table, as_of: pd.Timestamp) -> Any:
    years = _days_since(t.order_date.min(), as_of) / _DAYS_PER_YEAR
    return t.order_id.nunique() / ibis.greatest(years, _SHORTEST_HISTORY)


def _irregularity(t: ir.Table, as_of: pd.Timestamp) -> Any:
    enough = t.gap.count() >= 2
    return ibis.ifelse(enough, t.gap.std(how="sample") / t.gap.mean(), ibis.null("float64"))


RECIPES = {
    "order_count": Recipe("orders", lambda t, as_of: t.order_id.nunique(), absent=0),
    "recency_days": Recipe("orders", lambda t, as_of: _days_since(t.order_date.max(), as_of)),
    "order_value": Recipe("orders", lambda t, as_of: t.amount.sum() / t.order_id.nunique()),
    "lines_per_order": Recipe("orders", lambda t, as_of: t.count() / t.order_id.nunique()),
    "orders_per_year": Recipe("orders", _orders_per_year, absent=0),
    "category_breadth": Recipe("orders", lambda t, as_of: t.product_category.nunique(), absent=0),
    "online_share": Recipe(
        "orders", lambda t, as_of: t.channel.lower().startswith("online").cast("float64").mean()
    ),
    "order_regularity": Recipe("order_days", _irregularity),
    "active_users": Recipe("usage_12m", lambda t, as_of: t.active_users.mean(), absent=0),
    "sessions_per_month": Recipe("usage_12m", lambda t, as_of: t.sessions.mean(), absent=0),
    "features_used": Recipe("usage_12m", lambda t, as_of: t.features_used.mean(), absent=0),
    "engagement_count": Recipe("engagements_12m", lambda t, as_of: t.count(), absent=0),
    "topic_breadth": Recipe("engagements_12m", lambda t, as_of: t.topic.nunique(), absent=0),
    "tickets_per_year": Recipe("tickets_12m", lambda t, as_of: t.count(), absent=0),
}
