"""Invented company names, web domains, cities and postcodes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo.draws import Text, named, text
from seglib.demo.recipe import Country, Places

Integers = NDArray[np.int64]


def company_names(places: Places, rng: np.random.Generator, count: int) -> Text:
    """Invent distinct company names without a legal form.

    Parameters
    ----------
    places
        Parts of names.
    rng
        Random numbers.
    count
        How many; past half a million a number is put behind the name.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> len(set(company_names(knowledge().places, np.random.default_rng(1), 500)))
    500
    """
    parts = (places.name_starts, places.name_middles, places.name_ends, places.name_words)
    sizes = [len(part) for part in parts]
    space = int(np.prod(sizes))
    order = rng.permutation(space)
    place = np.arange(count)
    start, middle, end, word = np.unravel_index(order[place % space], sizes)
    name = named(parts[0], start) + named(parts[1], middle) + named(parts[2], end)
    name = name + " " + named(parts[3], word)
    again = place // space
    suffix = text(["", *(f" {number + 1}" for number in range(1, int(again.max(initial=0)) + 1))])
    return name + suffix.take(again)


def ascii_slug(names: Iterable[str]) -> list[str]:
    """Write names as they look in an address: lower case, no accents, hyphens.

    Examples
    --------
    >>> ascii_slug(["Léa", "Chef d'équipe"])
    ['lea', 'chef-dequipe']
    """
    plain = (name.replace("ß", "ss").replace("ł", "l").replace("Ł", "L") for name in names)
    plain = (unicodedata.normalize("NFKD", name) for name in plain)
    ascii_only = (name.encode("ascii", "ignore").decode().lower() for name in plain)
    return ["-".join(name.replace("'", "").split()) for name in ascii_only]


def domains(names: Text) -> Text:
    """Web domain of each company, under the reserved top level ``.example``.

    Examples
    --------
    >>> list(domains(text(["Norwick Life Sciences"])))
    ['norwick-life-sciences.example']
    """
    slug = pd.Series(names).str.lower().str.replace(" ", "-", regex=False)
    return (slug + ".example").array


def legal_forms(countries: list[Country], country: Integers, rng: np.random.Generator) -> Text:
    """A legal form that is usual in the country of each account.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> sweden = knowledge().places.countries["Sweden"]
    >>> list(legal_forms([sweden], np.array([0]), np.random.default_rng(1)))
    ['AB']
    """
    return _one_of([country.forms for country in countries], country, rng)


def cities(countries: list[Country], country: Integers, rng: np.random.Generator) -> Text:
    """A city in the country of each account.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> denmark = knowledge().places.countries["Denmark"]
    >>> cities([denmark], np.array([0]), np.random.default_rng(1))[0] in denmark.cities
    True
    """
    return _one_of([country.cities for country in countries], country, rng)


def _one_of(pools: list[list[str]], pool: Integers, rng: np.random.Generator) -> Text:
    sizes = np.array([len(names) for names in pools])
    offsets = np.cumsum(sizes) - sizes
    within = np.floor(rng.random(len(pool)) * sizes[pool]).astype(np.int64)
    return named((name for names in pools for name in names), offsets[pool] + within)


def postcodes(countries: list[Country], country: Integers, rng: np.random.Generator) -> Text:
    """A postcode of the pattern of each account's country.

    Examples
    --------
    >>> from seglib.demo.recipe import knowledge
    >>> code = postcodes(
    ...     [knowledge().places.countries["Poland"]], np.array([0]), np.random.default_rng(1))
    >>> len(code[0]), code[0][2]
    (6, '-')
    """
    longest = max(len(country.postcode) for country in countries)
    patterns = np.array([list(country.postcode.ljust(longest)) for country in countries])
    pattern = patterns[country]
    codes = rng.integers(ord("0"), ord("9") + 1, pattern.shape)
    letters = rng.integers(ord("A"), ord("Z") + 1, pattern.shape)
    codes = np.where(pattern == "?", letters, codes)
    plain = ~np.isin(pattern, ["?", "#"])
    codes[plain] = pattern[plain].view(np.int32)
    written = codes.astype(np.int32).view(f"<U{longest}").ravel()
    return pd.Series(pd.array(written, dtype="str")).str.strip().array
