"""Firmographic variables: what kind of company the account is."""

from seglib.collection.features.recipe import Recipe, as_recorded

RECIPES = {
    "industry": as_recorded("industry"),
    "employees": as_recorded("employees"),
    "annual_revenue": as_recorded("annual_revenue"),
    "company_age": Recipe("accounts", lambda t, as_of: as_of.year - t.founded_year),
    "ownership": as_recorded("ownership"),
    "growth_stage": as_recorded("growth_stage"),
}
