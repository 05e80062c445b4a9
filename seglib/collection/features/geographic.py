"""Geographic variables: where the account is, and when its day is."""

from seglib.collection.features.recipe import Recipe, as_recorded

_OPENS, _CLOSES = 8, 17

RECIPES = {
    **{name: as_recorded(name) for name in ("country", "region", "city", "time_zone")},
    "usual_hour": Recipe("engagements_12m", lambda t, as_of: t.hour.mean()),
    "office_hours_share": Recipe(
        "engagements_12m",
        lambda t, as_of: ((t.hour >= _OPENS) & (t.hour < _CLOSES)).cast("float64").mean(),
    ),
}
