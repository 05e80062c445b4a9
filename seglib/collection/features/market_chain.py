"""Market-chain variables: the customer's customer."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "main_market": Recipe("main_market", lambda t, as_of: t.customer_industry.max()),
    "markets_served": Recipe("links", lambda t, as_of: t.customer_industry.nunique(), absent=0),
    "downstream_concentration": Recipe("links", lambda t, as_of: t.share.max() / t.share.sum()),
}
