"""Technographic variables: which technologies the account uses, and what that means for ours."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "stack_size": Recipe("technologies", lambda t, as_of: t.technology.nunique(), absent=0),
    "competing_technology": Recipe(
        "technologies", lambda t, as_of: (t.fit == "competing").cast("int64").max()
    ),
    "compatible_share": Recipe(
        "technologies", lambda t, as_of: (t.fit == "compatible").cast("float64").mean()
    ),
}
