"""Descriptors as the numbers that a decision tree reads: one column each, or one a level."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.intervals import Floats
from seglib.profiling.association import numeric

MAX_LEVELS = 12
"""Levels of a category that a rule may name."""


@dataclass(frozen=True)
class Feature:
    """One input of the tree.

    Attributes
    ----------
    column
        Column of the account table.
    kind
        ``number`` (the value; missing stays missing), ``level`` (1 where the category has the
        level) or ``missing`` (1 where the category has no value).
    level
        Of ``level``.
    boolean
        Whether a ``number`` is stored as true or false.
    """

    column: str
    kind: str
    level: str = ""
    boolean: bool = False

    def values(self, frame: pd.DataFrame) -> Floats:
        """Compute the feature for each row of an account frame."""
        column = frame[self.column]
        if self.kind == "number":
            return numeric(column).to_numpy()
        if self.kind == "missing":
            return column.isna().to_numpy().astype(np.float64)
        return (column.astype("str") == self.level).to_numpy().astype(np.float64)


def features_of(
    frame: pd.DataFrame, columns: Sequence[str], categories: Sequence[str]
) -> list[Feature]:
    """List the features of some columns.

    Parameters
    ----------
    frame
        The accounts that the tree learns from.
    columns
        Columns to use; constant and empty ones give no feature.
    categories
        Which of them are categories. A level counts if it has at least 3 % of the accounts and
        ten of them; the twelve most frequent do.

    Examples
    --------
    >>> frame = pd.DataFrame({"country": ["NO"] * 20 + ["SE"] * 15 + ["IS"], "size": range(36)})
    >>> [f.level or f.column for f in features_of(frame, ["country", "size"], ["country"])]
    ['NO', 'SE', 'size']
    """
    found: list[Feature] = []
    for column in columns:
        values = frame[column]
        if column in categories:
            found += _level_features(column, values)
        elif numeric(values).nunique() > 1 or 0 < numeric(values).isna().sum() < len(values):
            found.append(Feature(column, "number", boolean=pd.api.types.is_bool_dtype(values)))
    return found


def _level_features(column: str, values: pd.Series) -> list[Feature]:
    counts = values.dropna().astype("str").value_counts().rename_axis("level").reset_index(name="n")
    common = counts[counts["n"] >= max(10, 0.03 * len(values))]
    common = common.sort_values(["n", "level"], ascending=[False, True]).head(MAX_LEVELS)
    levels = [Feature(column, "level", str(level)) for level in common["level"]]
    absent = int(values.isna().sum())
    if levels and 10 <= absent < len(values):
        levels.append(Feature(column, "missing"))
    return [f for f in levels if len(counts) > 1 or absent]


def matrix(frame: pd.DataFrame, features: Sequence[Feature]) -> Floats:
    """Return accounts × features."""
    return np.column_stack([feature.values(frame) for feature in features])
