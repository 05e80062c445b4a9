"""Firmographic variables: what kind of company the account is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection.features.recipe import Recipe, as_recorded

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

_BANDS = ((10, "micro (1-9)"), (50, "small (10-49)"), (250, "medium (50-249)"))


def _size_band(t: ir.Table, as_of: pd.Timestamp) -> Any:
    """Bands of the European Commission (recommendation 2003/361/EC), by employees alone."""
    branches = [(t.employees < limit, band) for limit, band in _BANDS]
    large = (t.employees >= _BANDS[-1][0], "large (250 and more)")
    return ibis.cases(*branches, large, else_=ibis.null("string"))


RECIPES = {
    "industry": as_recorded("industry"),
    "employees": as_recorded("employees"),
    "annual_revenue": as_recorded("annual_revenue"),
    "company_age": Recipe("accounts", lambda t, as_of: as_of.year - t.founded_year),
    "size_band": Recipe("accounts", _size_band),
    "revenue_per_employee": Recipe(
        "accounts", lambda t, as_of: t.annual_revenue / t.employees.nullif(0)
    ),
    "subsidiary": Recipe("accounts", lambda t, as_of: t.parent_id.notnull().cast("int64")),
    "ownership": as_recorded("ownership"),
    "growth_stage": as_recorded("growth_stage"),
}
