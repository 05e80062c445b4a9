"""Buyer-journey variables: how far the account is on the way to a purchase."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "open_opportunities": Recipe(
        "opportunities",
        lambda t, as_of: (
            t.closed_date.isnull().cast("int64").sum()
            if "closed_date" in t.columns
            else t.outcome.isnull().cast("int64").sum()
        ),
        absent=0,
    ),
    "journey_stage": Recipe("open_deal", lambda t, as_of: t.stage.max()),
    "opportunity_count": Recipe("opportunities", lambda t, as_of: t.count(), absent=0),
}
