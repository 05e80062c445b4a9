"""How each account variable is computed: one module a family, one entry a variable."""

from __future__ import annotations

from seglib.collection.features import (
    behavioural,
    buying_group,
    firmographic,
    geographic,
    journey,
    market_chain,
    needs,
    technographic,
    value,
)
from seglib.collection.features.derived import DERIVED
from seglib.collection.features.recipe import Recipe

RECIPES: dict[str, Recipe] = {
    **firmographic.RECIPES,
    **geographic.RECIPES,
    **technographic.RECIPES,
    **behavioural.RECIPES,
    **needs.RECIPES,
    **journey.RECIPES,
    **buying_group.RECIPES,
    **market_chain.RECIPES,
    **value.RECIPES,
}
"""Variable to recipe; the words of the same variables stand in ``seglib/variables.yaml``."""

__all__ = ["DERIVED", "RECIPES", "Recipe"]
