"""Value variables: what the account is worth; they judge segments and do not form them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection.features.recipe import Recipe
from seglib.collection.views import months_before

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd


def _last_12m(t: ir.Table, as_of: pd.Timestamp) -> Any:
    recent = t.order_date > months_before(as_of, 12)
    return ibis.ifelse(recent, t.amount, 0.0).sum()


def _retained(t: ir.Table, as_of: pd.Timestamp) -> Any:
    """1 or 0 for those who bought in the year before last; missing for all others."""
    recent = t.order_date > months_before(as_of, 12)
    before = ~recent & (t.order_date > months_before(as_of, 24))
    return ibis.ifelse(before.any(), recent.any().cast("float64"), ibis.null("float64"))


def _win_rate(t: ir.Table, as_of: pd.Timestamp) -> Any:
    closed = t.outcome.notnull()
    return ibis.ifelse(closed, (t.outcome == "won").cast("float64"), ibis.null("float64")).mean()


def _satisfaction(t: ir.Table, as_of: pd.Timestamp) -> Any:
    asked = t.item.startswith("satisfaction")
    return ibis.ifelse(asked, t.score, ibis.null("float64")).mean()


def _expansion(t: ir.Table, as_of: pd.Timestamp) -> Any:
    """Revenue of the last 12 months over that of the 12 months before, minus 1."""
    before = (t.order_date > months_before(as_of, 24)) & (t.order_date <= months_before(as_of, 12))
    earlier = ibis.ifelse(before, t.amount, 0.0).sum()
    return ibis.ifelse(earlier > 0, _last_12m(t, as_of) / earlier - 1, ibis.null("float64"))


RECIPES = {
    "revenue": Recipe("orders", lambda t, as_of: t.amount.sum(), absent=0),
    "revenue_12m": Recipe("orders", _last_12m, absent=0),
    "margin": Recipe("orders", lambda t, as_of: t.amount.sum() - t.cost.sum(), absent=0),
    "expansion": Recipe("orders", _expansion),
    "deal_size": Recipe("won_deals", lambda t, as_of: t.amount.mean()),
    "support_hours": Recipe("tickets_12m", lambda t, as_of: t.hours_to_resolve.sum(), absent=0),
    "retained": Recipe("orders", _retained),
    "subscription_fee": Recipe("running_contracts", lambda t, as_of: t.monthly_fee.sum(), absent=0),
    "win_rate": Recipe("opportunities", _win_rate),
    "satisfaction": Recipe("surveys", _satisfaction),
}
