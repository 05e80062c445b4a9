"""Market-chain variables: the customer's customer."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "downstream_concentration": Recipe("links", lambda t, as_of: t.share.max() / t.share.sum()),
}
