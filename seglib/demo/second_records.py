"""Second records of a company: written differently, sometimes with the same domain or postcode."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.demo.accounts import company_names, country_numbers
from seglib.demo.misspelling import name_variant
from seglib.demo.naming import postcodes
from seglib.demo.world import World

_SAME_DOMAIN = 0.5
_SAME_POSTCODE = 0.6
_WAYS = 6


def spoil_duplicates(world: World, accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write the second record of each duplicated company differently from the first.

    Parameters
    ----------
    world
        The hidden market.
    accounts
        The accounts table, in which both records still read the same.

    Returns
    -------
    accounts, duplicates
        ``duplicates`` has ``account_id``, ``duplicate_of``, ``same_domain``, ``same_postcode``.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> from seglib.demo.accounts import accounts
    >>> table, pairs = spoil_duplicates(world, accounts(world, lives))
    >>> len(pairs)
    2
    """
    second = np.flatnonzero(world.duplicate)
    rng, count = world.stream("second records"), len(second)
    same_domain = rng.random(count) < _SAME_DOMAIN
    same_postcode = rng.random(count) < _SAME_POSTCODE
    records = accounts.iloc[second]
    domain = records["domain"].str.replace(".example", "-group.example", regex=False)
    countries = list(world.knowledge.places.countries.values())
    postcode = postcodes(countries, country_numbers(world)[second], rng)
    written = {
        "name": _variants(world, records["name"], rng),
        "domain": records["domain"].where(same_domain, domain),
        "postcode": records["postcode"].where(same_postcode, pd.Series(postcode, records.index)),
    }
    changed = accounts.copy()
    for column, values in written.items():
        changed.loc[records.index, column] = pd.Series(values, records.index, dtype="str")
    pairs = {
        "account_id": world.ids.take(second),
        "duplicate_of": world.ids.take(world.source[second]),
        "same_domain": same_domain,
        "same_postcode": same_postcode,
    }
    return changed, pd.DataFrame(pairs)


def _variants(world: World, names: pd.Series, rng: np.random.Generator) -> list[str]:
    """Vary each full name, of which the part before the legal form is known."""
    known = company_names(world).take(names.index.to_numpy())
    places, ways = rng.random(len(names)), rng.integers(0, _WAYS, len(names))
    return [
        name_variant(name, full[len(name) + 1 :], float(place), int(way))
        for full, name, place, way in zip(names, known, places, ways, strict=True)
    ]
