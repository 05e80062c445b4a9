"""Gower's distance: numbers, yes or no, categories and ordered levels in one measure, with gaps.

Source: Gower (1971), with Kaufman & Rousseeuw's (1990) treatment of ordered levels (their place
divided by the number of levels less one), as in R's ``daisy``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.clustering.preprocessing import (
    CategoryStep,
    NumberStep,
    OrdinalStep,
    Preprocessing,
    finite,
)
from seglib.clustering.steps import Step
from seglib.errors import DataError

Matrix = NDArray[np.float64]


def gower_distances(
    frame: pd.DataFrame,
    *,
    ordered: Mapping[str, Sequence[str]] | None = None,
    weights: Mapping[str, float] | None = None,
) -> Matrix:
    """Distance between all pairs of rows, 0 to 1.

    Parameters
    ----------
    frame
        One row per account. Columns of numbers are numbers, all others categories.
    ordered
        Columns whose levels have an order, with their levels from the lowest.
    weights
        Of the columns; 1 where none is given.

    Returns
    -------
    numpy.ndarray
        Rows × rows: the weighted mean, over the columns that both rows have, of ``|x − y| /
        range`` for numbers, 0 or 1 for categories, and the difference of places divided by the
        number of levels less one for ordered ones. NaN where two rows have no column in common.

    Raises
    ------
    DataError
        When a column has a level that is not among its ordered ones.

    Examples
    --------
    >>> frame = pd.DataFrame({"revenue": [-5.0, -3.0, 0.0], "industry": ["a", "b", None]})
    >>> gower_distances(frame).round(2).tolist()
    [[0.0, 0.7, 1.0], [0.7, 0.0, 0.6], [1.0, 0.6, 0.0]]
    """
    orders, given = ordered or {}, weights or {}
    total, seen = np.zeros((len(frame), len(frame))), np.zeros((len(frame), len(frame)))
    for name in frame:
        difference = _difference(frame[name], orders.get(str(name)))
        known = ~np.isnan(difference)
        weight = given.get(str(name), 1.0)
        total += weight * np.where(known, difference, 0.0)
        seen += weight * known
    return np.divide(total, seen, out=np.full_like(total, np.nan), where=seen > 0)


def _difference(values: pd.Series, levels: Sequence[str] | None) -> Matrix:
    if levels is None and not pd.api.types.is_numeric_dtype(values):
        codes = values.astype("category").cat.codes.to_numpy().astype(float)
        codes[codes < 0] = np.nan
        apart = (codes[:, None] != codes).astype(float)
        apart[np.isnan(codes)] = apart[:, np.isnan(codes)] = np.nan
        return apart
    x = finite(values).to_numpy() if levels is None else _places(values, levels)
    span = float(np.nanmax(x) - np.nanmin(x)) if (~np.isnan(x)).any() else 0.0
    size = span if levels is None else len(levels) - 1.0
    return np.abs(x[:, None] - x) / (size or 1.0)


def _places(values: pd.Series, levels: Sequence[str]) -> Matrix:
    place = {level: float(i) for i, level in enumerate(levels)}
    if unknown := sorted(set(values.dropna().astype("str")) - set(place)):
        raise DataError(f"'{values.name}' has levels without a place in the order: {unknown}.")
    return np.asarray(values.astype("object").map(place), dtype=np.float64)


def gower_preprocessing(
    preprocessing: Preprocessing, frame: pd.DataFrame, weights: Mapping[str, float]
) -> Preprocessing:
    """Scale columns so that the sum of absolute differences is Gower's distance.

    Parameters
    ----------
    preprocessing
        Of the other methods: a number that they see on a logarithmic scale, or winsorised, is
        taken so here too.
    frame
        The accounts that segments are formed from, for the ranges.
    weights
        Of the variables.

    Returns
    -------
    Preprocessing
        Numbers over their range; a column of 0 or half the weight for each level of a category
        (two that differ are then one weight apart; rare levels have none); gaps are left.
    """

    def scaled(step: Step) -> Step:
        weight = weights[step.variable]
        if isinstance(step, CategoryStep):
            return step.model_copy(update={"weight": weight / 2.0, "gaps": True})
        if isinstance(step, OrdinalStep):
            span, low = len(step.levels) - 1.0, 0.0
        else:
            x = _bare(step).values(frame)
            low, span = float(np.nanmin(x)), float(np.nanmax(x) - np.nanmin(x))
        return _bare(step).model_copy(
            update={"center": low, "scale": span or 1.0, "weight": weight}
        )

    return Preprocessing(steps=tuple(scaled(step) for step in preprocessing.steps))


def _bare(step: NumberStep | OrdinalStep) -> NumberStep | OrdinalStep:
    """The step without its standardisation and without a fill."""
    return step.model_copy(update={"fill": None, "center": 0.0, "scale": 1.0, "weight": 1.0})
