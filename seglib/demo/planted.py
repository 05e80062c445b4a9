"""The segments' parameters at a difficulty: what is true in the market that is generated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from seglib.demo.recipe import Parameter, Recipe

Floats = NDArray[np.float64]


def separation(difficulty: float) -> float:
    """Factor by which the planted contrasts between segments are stretched.

    Parameters
    ----------
    difficulty
        Between 0 (segments far apart) and 1 (they overlap almost wholly).

    Returns
    -------
    float
        1 at a difficulty of 0.5.

    Examples
    --------
    >>> [round(separation(d), 2) for d in (0, 0.5, 1)]
    [1.8, 1.0, 0.2]
    """
    return 1.8 - 1.6 * difficulty


@dataclass(frozen=True)
class Planted:
    """Parameters by segment.

    Attributes
    ----------
    segments
        Names of the segments.
    shares
        Share of each segment among all accounts.
    values
        Parameter → one number a segment.
    items
        Survey item → mean opinion a segment, on the item's scale.
    mixes
        Mix → segments × levels, each row adding up to 1 (technologies: each one's own share).
    """

    segments: tuple[str, ...]
    shares: Floats
    values: dict[str, Floats]
    items: dict[str, Floats]
    mixes: dict[str, Floats]


def plant(recipe: Recipe, difficulty: float) -> Planted:
    """Stretch or shrink the contrasts of the recipe to a difficulty.

    Parameters
    ----------
    recipe
        The content of ``market.yaml``.
    difficulty
        Between 0 and 1.

    Returns
    -------
    Planted

    Notes
    -----
    Every parameter is moved from the market's mean toward (or away from) the segment's own value,
    on the scale that the recipe names. Firmographics are never stretched: they must not give the
    segments away in an easy market.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> easy, hard = (plant(knowledge().recipe, d) for d in (0.0, 1.0))
    >>> bool(np.ptp(easy.items["need:price"]) > np.ptp(hard.items["need:price"]))
    True
    """
    segments = list(recipe.segments.values())
    shares = np.array([segment.share for segment in segments])
    stretch = separation(difficulty)
    values = {
        name: _stretched(np.array([s.values[name] for s in segments]), parameter, shares, stretch)
        for name, parameter in recipe.parameters.items()
    }
    items = {
        name: _linear(np.array([s.items[name] for s in segments]), shares, stretch)
        for name in recipe.items
    }
    mixes = {name: _mix(recipe, name, stretch) for name in recipe.mixes}
    return Planted(tuple(recipe.segments), shares, values, items, mixes)


def _linear(values: Floats, shares: Floats, stretch: float) -> Floats:
    middle = np.sum(shares * values)  # no BLAS: the same bytes on every machine
    return middle + stretch * (values - middle)


def _stretched(values: Floats, parameter: Parameter, shares: Floats, stretch: float) -> Floats:
    stretch = min(stretch, 1.0) if parameter.firmographic else stretch
    match parameter.scale:
        case "log":
            return np.exp(_linear(np.log(values), shares, stretch))
        case "logit":
            return expit(_linear(logit(values), shares, stretch))
        case "linear":
            return _linear(values, shares, stretch)
        case "amplitude":
            return values * stretch
        case "fixed":
            return values


_FIRMOGRAPHIC_MIXES = ("industries", "growth_stages", "ownerships")


def _mix(recipe: Recipe, name: str, stretch: float) -> Floats:
    stretch = min(stretch, 1.0) if name in _FIRMOGRAPHIC_MIXES else stretch
    base = np.array(list(recipe.mixes[name].values()))
    tilt = np.array(
        [[s.tilt.get(name, {}).get(key, 1.0) for key in recipe.mixes[name]]
         for s in recipe.segments.values()]
    ) ** stretch  # fmt: skip
    if name == "technologies":
        return expit(logit(base) + np.log(tilt))
    weights = base * tilt
    return weights / weights.sum(axis=1, keepdims=True)


def parameters_table(recipe: Recipe, planted: Planted) -> pd.DataFrame:
    """List every planted number: one row per segment and parameter.

    Returns
    -------
    DataFrame
        ``segment``, ``parameter`` (a mix as ``mix:level``), ``value``, ``unit``, ``meaning``.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> recipe = knowledge().recipe
    >>> list(parameters_table(recipe, plant(recipe, 0.5)).columns)
    ['segment', 'parameter', 'value', 'unit', 'meaning']
    """
    rows = [
        (segment, name, values[number], unit, meaning)
        for number, segment in enumerate(planted.segments)
        for name, values, unit, meaning in _described(recipe, planted)
    ]
    frame = pd.DataFrame(rows, columns=["segment", "parameter", "value", "unit", "meaning"])
    return frame.assign(value=frame["value"].round(6))


def _described(recipe: Recipe, planted: Planted) -> Iterator[tuple[str, Floats, str, str]]:
    yield "share", planted.shares, "share of accounts", "Size of the segment"
    for name, parameter in recipe.parameters.items():
        yield name, planted.values[name], parameter.unit, parameter.meaning
    amount = mean_order_amount(recipe, planted)
    yield "order_amount", amount, "EUR", "Mean amount of an order"
    for name, values in planted.items.items():
        yield name, values, "points", "Mean opinion before it is cut to the item's scale"
    for mix in planted.mixes:
        weights = mean_shares(recipe, planted, mix)
        unit = "share of accounts" if mix == "technologies" else "share"
        for number, level in enumerate(recipe.mixes[mix]):
            yield f"{mix}:{level}", weights[:, number], unit, f"Share of '{level}'"


SCATTERED = ("categories", "channels", "kinds", "topics", "end_markets")
"""Mixes in which the accounts of a segment differ from one another."""


def mean_shares(recipe: Recipe, planted: Planted, mix: str) -> Floats:
    """Mean over the accounts of each segment of their own shares of a mix.

    Notes
    -----
    Scattering an account's shares on the logarithmic scale makes rare levels a little less rare
    on average; the mean is taken over 20,000 fixed draws, which gives it to three digits.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> recipe = knowledge().recipe
    >>> mean_shares(recipe, plant(recipe, 0.5), "channels").sum(axis=1).round(9)
    array([1., 1., 1., 1., 1.])
    """
    shares = planted.mixes[mix]
    if mix not in SCATTERED:
        return shares
    drawn = np.random.default_rng(0).standard_normal((20_000, shares.shape[1]))
    scatter = np.exp(recipe.spread["mix"] * drawn)
    own = shares[:, None, :] * scatter
    return (own / own.sum(axis=2, keepdims=True)).mean(axis=1)


def mean_order_amount(recipe: Recipe, planted: Planted) -> Floats:
    """Mean amount of a regular order in each segment, in euros.

    Notes
    -----
    Lines an order times the mean of the log-normal line amounts.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> recipe = knowledge().recipe
    >>> mean_order_amount(recipe, plant(recipe, 0.5)).shape
    (5,)
    """
    spread = recipe.spread
    variance = sum(spread[name] ** 2 for name in ("line_level", "line", "size_to_amount"))
    usual = np.array([category.line_amount for category in recipe.categories.values()])
    lines = 1 + planted.values["extra_lines"]
    level = planted.values["line_level"] * np.exp(variance / 2)
    return lines * level * (mean_shares(recipe, planted, "categories") * usual).sum(axis=1)
