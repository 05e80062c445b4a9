"""Dirt: the market as its systems hold it, and a count of everything that was spoilt."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo.draws import named
from seglib.demo.misspelling import misspellings
from seglib.demo.recipe import Missing
from seglib.demo.second_records import spoil_duplicates
from seglib.demo.spoil_orders import cancel, return_goods, stray_currencies
from seglib.demo.world import World

Tables = dict[str, pd.DataFrame]
Mask = NDArray[np.bool_]


class Spoilt(NamedTuple):
    """The tables after the dirt, and what was done to them.

    ``dirt`` has one row per kind, table and column with its ``count``; ``duplicates`` one per
    second record.
    """

    tables: Tables
    dirt: pd.DataFrame
    duplicates: pd.DataFrame


def spoil(world: World, clean: Tables) -> Spoilt:
    """Spoil clean tables in proportion to the market's share of dirt.

    Parameters
    ----------
    world
        The hidden market, which also says who is a duplicate.
    clean
        The contract tables; they are not changed.

    Notes
    -----
    Kinds do not undo one another: a value goes missing or is misspelt only where there is one, and
    misspellings come last; so each count is what a reader can find in the tables.

    Examples
    --------
    >>> from seglib.demo import generate_market
    >>> dirt = generate_market(60).truth["dirt"]
    >>> list(dirt.columns)
    ['kind', 'table', 'column', 'count']
    """
    tables = dict(clean)
    counts: list[tuple[str, str, str, int]] = []
    tables["accounts"], duplicates = spoil_duplicates(world, tables["accounts"])
    counts.append(("duplicate account", "accounts", "account_id", len(duplicates)))
    for step in (return_goods, cancel, stray_currencies):
        tables["orders"], count = step(world, tables["orders"])
        counts.append(count)
    for column, rate in world.knowledge.recipe.dirt.conflicts.items():
        counts.append(_conflict(world, tables, column, rate))
    whole = dict(tables)
    for rule in world.knowledge.recipe.dirt.missing:
        counts.append(_miss(world, tables, whole, rule))
    for column, rate in world.knowledge.recipe.dirt.misspelt.items():
        counts.append(_misspell(world, tables, column, rate))
    counts.append(_unanswered(world, tables))
    dirt = pd.DataFrame(counts, columns=["kind", "table", "column", "count"])
    return Spoilt(tables, dirt, duplicates)


def _hits(world: World, name: str, rate: float | NDArray[np.float64], present: Mask) -> Mask:
    drawn = world.stream(f"dirt: {name}").random(len(present))
    return (drawn < np.minimum(rate * world.dirt, 1.0)) & present


def _miss(world: World, tables: Tables, whole: Tables, rule: Missing) -> tuple[str, str, str, int]:
    """Empty some values of a column."""
    values = tables[rule.table][rule.column]
    rate = np.full(len(values), rule.rate)
    for column, levels in rule.where.items():
        often = whole[rule.table][column].isin(levels).to_numpy()
        rate = np.where(often, rate * rule.times, rate)
    gone = _hits(world, f"missing {rule.table}.{rule.column}", rate, values.notna().to_numpy())
    tables[rule.table] = tables[rule.table].assign(**{rule.column: values.mask(gone)})
    return "missing value", rule.table, rule.column, int(gone.sum())


def _misspell(world: World, tables: Tables, column: str, rate: float) -> tuple[str, str, str, int]:
    """Misspell some levels of a category of the accounts."""
    values = tables["accounts"][column]
    hit = np.flatnonzero(_hits(world, f"misspelt {column}", rate, values.notna().to_numpy()))
    which = world.stream(f"dirt: misspelt {column} how").random(len(values))[hit]
    wrong = {level: misspellings(level) for level in values.iloc[hit].unique()}
    written = values.copy()
    written.iloc[hit] = [
        wrong[level][int(share * len(wrong[level]))]
        for level, share in zip(values.iloc[hit], which, strict=True)
    ]
    tables["accounts"] = tables["accounts"].assign(**{column: written})
    return "misspelt category", "accounts", column, len(hit)


def _conflict(world: World, tables: Tables, column: str, rate: float) -> tuple[str, str, str, int]:
    """Let the second source disagree by far more than its margin."""
    values = tables["accounts"][column]
    hit = _hits(world, f"conflict {column}", rate, values.notna().to_numpy())
    rng = world.stream(f"dirt: conflict {column} how")
    if pd.api.types.is_numeric_dtype(values):
        factor = rng.uniform(2.5, 8.0, len(values))
        factor = np.where(rng.random(len(values)) < 0.5, factor, 1 / factor)
        other = (values * factor).round() + np.where(factor < 1, 0, 10)
    else:
        levels = list(world.knowledge.recipe.industries)
        place = {level: number for number, level in enumerate(levels)}
        moved = values.map(place).fillna(0).to_numpy(dtype=int)
        moved = (moved + rng.integers(1, len(levels), len(values))) % len(levels)
        other = pd.Series(named(levels, moved), values.index)
    tables["accounts"] = tables["accounts"].assign(**{column: values.mask(hit, other)})
    return "conflicting source", "accounts", column, int(hit.sum())


def _unanswered(world: World, tables: Tables) -> tuple[str, str, str, int]:
    """Take out some answered items, those on psychographics twice as often."""
    answers = tables["surveys"]
    rate = world.knowledge.recipe.dirt.unanswered
    rates = np.where(answers["item"].str.startswith("value:"), 2 * rate, rate)
    gone = _hits(world, "unanswered", rates, np.ones(len(answers), dtype=bool))
    tables["surveys"] = answers[~gone].reset_index(drop=True)
    return "unanswered item", "surveys", "score", int(gone.sum())
