"""Buying-group variables: who decides, how many, and how long it takes."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "contact_count": Recipe("contacts", lambda t, as_of: t.count(), absent=0),
    "roles_covered": Recipe("contacts", lambda t, as_of: t.role.nullif("unknown").nunique(), 0),
    "decider_known": Recipe(
        "contacts", lambda t, as_of: (t.role == "decision maker").cast("int64").max(), absent=0
    ),
    "senior_share": Recipe(
        "contacts",
        lambda t, as_of: t.seniority.isin(["director", "executive"]).cast("float64").mean(),
    ),
    "deciders": Recipe("opportunities", lambda t, as_of: t.deciders.mean()),
    "cycle_days": Recipe("opportunities", lambda t, as_of: t.cycle.mean()),
}
