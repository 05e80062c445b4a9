"""Geographic variables: where the account is."""

from seglib.collection.features.recipe import as_recorded

RECIPES = {name: as_recorded(name) for name in ("country", "region", "time_zone")}
