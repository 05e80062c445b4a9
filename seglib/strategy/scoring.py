"""Scores of 1 to 10: what a criterion measured, put on the scale that the catalogue declares."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seglib.criteria import Axis, Criterion, catalogue
from seglib.strategy.market import SegmentedMarket
from seglib.strategy.measures import Measure, measure, yearly_value

_MIDDLE, _HALF = 5.5, 4.5


def score(found: Measure, criterion: Criterion) -> pd.Series:
    """Turn the measured values into scores of 1 to 10.

    Parameters
    ----------
    found
        Values by segment.
    criterion
        Says on which scale.

    Examples
    --------
    >>> win_rate = catalogue().criteria["win_rate"]
    >>> value, n = pd.Series([0.5, 0.3, 0.5]), pd.Series([1e9, 1e9, 0.0])
    >>> score(Measure(value, n, whole=0.3), win_rate).round(1).tolist()
    [10.0, 5.5, 5.5]
    """
    pulled = _pulled(found)
    width = criterion.width
    if criterion.scale == "ratio":
        ratio = (pulled / found.whole).clip(lower=1e-9) if found.whole > 0 else pulled * 0 + 1
        away = np.log(ratio) / np.log(width)
    else:
        unit = width * found.spread if criterion.scale == "deviation" else width
        away = (pulled - found.whole) / unit if unit > 0 else pulled * 0
    sign = 1 if criterion.higher_is_better else -1
    return (_MIDDLE + _HALF * sign * away).clip(1, 10)


def _pulled(found: Measure) -> pd.Series:
    """Pull a value that rests on few observations toward the market's own."""
    share = 1 / (1 + catalogue().pull / found.n.where(found.n > 0, 1e-12))
    return found.whole + share * (found.value.fillna(found.whole) - found.whole)


def score_table(market: SegmentedMarket, axis: Axis, weights: Mapping[str, float]) -> pd.DataFrame:
    """Score every criterion of an axis that has data.

    Parameters
    ----------
    market
        Accounts and facts with segments.
    axis
        The axis.
    weights
        Criterion → weight, as :func:`~seglib.criteria.weights_of` returns them.

    Returns
    -------
    DataFrame
        One row a segment and criterion: ``segment``, ``axis``, ``criterion``, ``label``, ``unit``,
        ``weight`` (adding up to 1 over the criteria that have data), ``value``, ``whole`` (the
        market's own), ``n`` (observations; missing
        for a plain count) and ``score``.
    """
    criteria = catalogue().criteria
    measured = {name: measure(market, criteria[name]) for name in weights}
    there = {name: found for name, found in measured.items() if found is not None}
    total = sum(weights[name] for name in there)
    parts = [
        pd.DataFrame(
            {
                "segment": market.numbers,
                "axis": axis,
                "criterion": name,
                "label": criteria[name].label,
                "unit": criteria[name].unit.replace("money", market.currency or "money"),
                "weight": weights[name] / total,
                "value": found.value.to_numpy(dtype=float),
                "whole": found.whole,
                "n": found.n.where(np.isfinite(found.n)).to_numpy(dtype=float),
                "score": score(found, criteria[name]).to_numpy(dtype=float),
            }
        )
        for name, found in there.items()
    ]
    empty = ["segment", "axis", "criterion", "label", "unit", "weight", "value", "whole", "n"]
    return pd.concat(parts) if parts else pd.DataFrame(columns=[*empty, "score"])


def profit_potential(market: SegmentedMarket) -> tuple[pd.Series, str]:
    """Say what each segment earns us in a year: margin, else revenue, else its accounts.

    Where the margin of all is not positive, revenue stands for it.

    Returns
    -------
    tuple of Series and str
        One number a segment, in order, and its unit.
    """
    value = yearly_value(market)
    if value is None:
        counts = market.accounts["segment"].value_counts()
        potential = counts.reindex(market.numbers, fill_value=0)
        return potential.astype(float).reset_index(drop=True), "accounts"
    total = value.groupby(market.customers["segment"]).sum().reindex(market.numbers, fill_value=0)
    margin = measure(market, catalogue().criteria["margin"])
    unit = f"{market.currency} revenue a year".strip()
    if margin is not None and margin.whole > 0:
        total, unit = total * _pulled(margin), f"{market.currency} margin a year".strip()
    return total.astype(float).reset_index(drop=True), unit
