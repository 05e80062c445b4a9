"""The accounts table: firmographics that say little of the segment."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo import naming
from seglib.demo.draws import Text, choose, frame, named, text, weighted
from seglib.demo.lives import Lives
from seglib.demo.world import World

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


def accounts(world: World, lives: Lives) -> pd.DataFrame:
    """Write the accounts table.

    Parameters
    ----------
    world
        The hidden market.
    lives
        When each account entered, bought and left.

    Notes
    -----
    Both records of a company read the same here; the dirt makes the second one differ.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> table = accounts(world, lives)
    >>> table.shape, bool(table["parent_id"].isin(table["account_id"]).any())
    ((60, 20), True)
    """
    employees = _employees(world)
    columns = _places(world) | _branch(world) | _size(world, employees)
    parent = _parents(world, employees)
    ownership = np.where(parent >= 0, len(world.knowledge.recipe.ownerships), columns["ownership"])
    columns |= {
        "account_id": world.ids,
        "parent_id": text([*world.ids, None]).take(parent),
        "ownership": named([*world.knowledge.recipe.ownerships, "subsidiary"], ownership),
        "status": named(["customer", "prospect", "former"], lives.status),
        "created_date": lives.created,
        "founded_year": _founded(world, lives, columns["growth_stage"] == "start-up"),
    }
    return frame("accounts", columns)


def country_numbers(world: World) -> Integers:
    """Number of the country of each account, in the order of ``places.yaml``.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> country_numbers(world).shape
    (60,)
    """
    countries = world.knowledge.places.countries
    weights = {name: country.weight for name, country in countries.items()}
    return weighted(world.stream("countries"), weights, world.accounts)[world.source]


def company_names(world: World) -> Text:
    """Name of each account's company, without a legal form.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> company_names(world).dtype
    <StringDtype(na_value=nan)>
    """
    names = naming.company_names(world.knowledge.places, world.stream("names"), world.accounts)
    return names.take(world.source)


def _places(world: World) -> dict[str, Any]:
    rng, source = world.stream("places"), world.source
    countries = list(world.knowledge.places.countries.values())
    country = country_numbers(world)
    names = company_names(world)
    return {
        "name": names + " " + naming.legal_forms(countries, country, rng).take(source),
        "domain": naming.domains(names),
        "country": named(world.knowledge.places.countries, country),
        "region": named((part.region for part in countries), country),
        "time_zone": named((part.zone for part in countries), country),
        "city": naming.cities(countries, country, rng).take(source),
        "postcode": naming.postcodes(countries, country, rng).take(source),
    }


def _branch(world: World) -> dict[str, Any]:
    rng, recipe, source = world.stream("branch"), world.knowledge.recipe, world.source
    drawn = {
        mix: choose(rng, world.planted.mixes[mix], world.segment)[source]
        for mix in ("industries", "growth_stages", "ownerships")
    }
    industry = named(recipe.industries, drawn["industries"])
    known = (rng.random(world.accounts) < recipe.shares["second_source"])[source]
    return {
        "industry": industry,
        "industry_second_source": industry.take(
            np.where(known, np.arange(world.accounts), -1), allow_fill=True
        ),
        "growth_stage": named(recipe.growth_stages, drawn["growth_stages"]),
        "ownership": drawn["ownerships"],
        "source": named(
            recipe.record_sources, weighted(rng, recipe.record_sources, world.accounts)
        ),
    }


def _employees(world: World) -> Floats:
    spread = world.knowledge.recipe.spread["employees"]
    return np.maximum(
        3.0, np.round(world.value("employees") * np.exp(spread * world.trait("size")))
    )


def _size(world: World, employees: Floats) -> dict[str, Any]:
    rng, source, shares = world.stream("size"), world.source, world.knowledge.recipe.shares
    productivity = 190_000 * np.exp(0.4 * rng.standard_normal(world.accounts))[source]
    margin = np.exp(shares["employees_margin"] * rng.standard_normal(world.accounts))[source]
    known = (rng.random(world.accounts) < shares["second_source"])[source]
    return {
        "employees": employees,
        "employees_second_source": np.where(
            known, np.maximum(1, np.round(employees * margin)), np.nan
        ),
        "annual_revenue": np.round(employees * productivity, -4),
    }


def _founded(world: World, lives: Lives, young: NDArray[np.bool_]) -> Integers:
    """Year of foundation, before the account entered; start-ups are young."""
    entered = lives.created[world.source].astype("datetime64[D]").astype("datetime64[Y]")
    age = world.stream("age").gamma(2.0, 16.0, world.accounts)[world.source]
    age = np.ceil(np.where(young, age / 8, age)).astype(np.int64)
    return np.maximum(entered.astype(np.int64) + 1970 - age, 1800)


def _parents(world: World, employees: Floats) -> Integers:
    """Parent of each account, -1 for none; always a larger one, so that no circle can arise."""
    rng = world.stream("parents")
    originals = np.flatnonzero(~world.duplicate)
    ranked = originals[np.argsort(-employees[originals], kind="stable")]
    place = np.arange(len(ranked))
    above = np.floor(rng.random(len(ranked)) * np.minimum(place, len(ranked) // 5)).astype(np.int64)
    owned = (rng.random(len(ranked)) < world.knowledge.recipe.shares["subsidiaries"]) & (place > 0)
    parent = np.full(world.accounts, -1)
    parent[ranked[owned]] = ranked[above[owned]]
    return parent[world.source]
