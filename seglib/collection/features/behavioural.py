"""Behavioural variables: how the account orders, uses, engages and asks for help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection.features.recipe import Recipe
from seglib.collection.views import months_before

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


def _usage_trend(t: ir.Table, as_of: pd.Timestamp) -> Any:
    """Sessions of the later half year against the earlier one, between -1 and 1."""
    late = ibis.ifelse(t.month > months_before(as_of, 6), t.sessions, 0.0).sum()
    total = t.sessions.sum()
    return (2 * late - total) / total.nullif(0)


def _recent_share(t: ir.Table, as_of: pd.Timestamp) -> Any:
    return (t.event_date > months_before(as_of, 3)).cast("float64").mean()


def _quarters(t: ir.Table) -> list[Any]:
    quarter = t.order_date.quarter()
    return [(quarter == q).cast("float64").mean() for q in (1, 2, 3, 4)]


def _buying_quarter(t: ir.Table, as_of: pd.Timestamp) -> Any:
    shares = _quarters(t)
    best = ibis.greatest(*shares)
    return ibis.cases(*((share >= best, f"Q{q}") for q, share in enumerate(shares, start=1)))


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
    "usage_trend": Recipe("usage_12m", _usage_trend),
    "recent_engagement_share": Recipe("engagements_12m", _recent_share),
    "kind_breadth": Recipe("engagements_12m", lambda t, as_of: t.kind.nunique(), absent=0),
    "channel_breadth": Recipe("orders", lambda t, as_of: t.channel.nunique(), absent=0),
    "products_bought": Recipe("orders", lambda t, as_of: t.product_id.nunique(), absent=0),
    "buying_quarter": Recipe("orders_12m", _buying_quarter),
    "season_strength": Recipe("orders_12m", lambda t, as_of: ibis.greatest(*_quarters(t))),
    "competitors": Recipe("opportunities", lambda t, as_of: t.competitors.mean()),
    "tickets_per_year": Recipe("tickets_12m", lambda t, as_of: t.count(), absent=0),
}
