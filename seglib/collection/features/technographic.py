"""Technographic variables: which technologies the account uses, and what that means for ours."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from seglib.collection.features.recipe import Recipe

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pandas as pd

_CLOUD = ("cloud", "saas", "hosted")


def _says_cloud(t: ir.Table, as_of: pd.Timestamp) -> Any:
    names = [t.technology.lower()]
    names += [t.category.lower()] if "category" in t.columns else []
    found = [name.contains(word).fill_null(False) for name in names for word in _CLOUD]
    return reduce(or_, found).cast("int64").max()


def _share(fit: str) -> Recipe:
    return Recipe("technologies", lambda t, as_of: (t.fit == fit).cast("float64").mean())


RECIPES = {
    "uses_cloud": Recipe("technologies", _says_cloud),
    "technology_breadth": Recipe("technologies", lambda t, as_of: t.category.nunique(), absent=0),
    "integrations": Recipe(
        "technologies", lambda t, as_of: (t.fit == "compatible").cast("int64").sum(), absent=0
    ),
    "legacy_share": _share("to migrate"),
    "stack_size": Recipe("technologies", lambda t, as_of: t.technology.nunique(), absent=0),
    "competing_technology": Recipe(
        "technologies", lambda t, as_of: (t.fit == "competing").cast("int64").max()
    ),
    "compatible_share": _share("compatible"),
}
