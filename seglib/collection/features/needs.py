"""Needs variables that are recorded; survey items become variables as the data bring them."""

from seglib.collection.features.recipe import Recipe

RECIPES = {
    "first_topic": Recipe("first_engagement", lambda t, as_of: t.topic.max()),
    "first_contact": Recipe("first_engagement", lambda t, as_of: t.kind.max()),
}
