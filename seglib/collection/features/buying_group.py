"""Buying-group variables: who decides, how many, and how long it takes."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "contact_count": Recipe("contacts", lambda t, as_of: t.count(), absent=0),
    "roles_covered": Recipe("contacts", lambda t, as_of: t.role.nullif("unknown").nunique(), 0),
    "deciders": Recipe("opportunities", lambda t, as_of: t.deciders.mean()),
    "cycle_days": Recipe("opportunities", lambda t, as_of: t.cycle.mean()),
}
