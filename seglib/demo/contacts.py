"""People at the accounts, with the titles they write on their cards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo.accounts import company_names, country_numbers
from seglib.demo.draws import Text, choose, frame, identifiers, named
from seglib.demo.naming import ascii_slug, domains
from seglib.demo.world import World

Integers = NDArray[np.int64]

_LOCAL_TITLE = 0.55  # share of titles in the local language where there is one


@dataclass(frozen=True)
class Crew:
    """Contacts in the order of their accounts.

    Attributes
    ----------
    ids
        Identifier of each contact.
    account, role
        Number of the account, and of the planted buying role.
    first
        Place of the first contact of each account.
    count
        Contacts of each account.
    """

    ids: Text
    account: Integers
    role: Integers
    first: Integers
    count: Integers


def crew(world: World) -> Crew:
    """Draw how many people are known at each account, and their buying roles.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> people = crew(world)
    >>> bool((people.count >= 1).all())
    True
    """
    rng = world.stream("contacts")
    count = 1 + rng.poisson(world.value("extra_contacts"))
    account = np.repeat(np.arange(world.accounts), count)
    role = choose(rng, world.planted.mixes["roles"], world.segment[account])
    return Crew(identifiers("C", len(account)), account, role, np.cumsum(count) - count, count)


def contacts(world: World, people: Crew) -> pd.DataFrame:
    """Write the contacts table.

    Parameters
    ----------
    world
        The hidden market.
    people
        The contacts.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> table = contacts(world, crew(world))
    >>> table["email"].str.endswith(".example").all()
    np.True_
    """
    rng, pool, count = world.stream("people"), world.knowledge.people, len(people.account)
    first = rng.integers(0, len(pool.first_names), count)
    last = rng.integers(0, len(pool.last_names), count)
    local = (
        named(ascii_slug(pool.first_names), first) + "." + named(ascii_slug(pool.last_names), last)
    )
    country = country_numbers(world)[people.account]
    title, seniority = _titles(world, rng, people.role, country)
    prefixes = [place.prefix for place in world.knowledge.places.countries.values()]
    digits = identifiers("", 10**6 - 1).take(rng.integers(0, 10**6 - 1, count))
    columns = {
        "contact_id": people.ids,
        "account_id": world.ids.take(people.account),
        "name": named(pool.first_names, first) + " " + named(pool.last_names, last),
        "email": local + "@" + domains(company_names(world)).take(people.account),
        "phone": named(prefixes, country) + " 000 " + digits,
        "job_title": title,
        "seniority": seniority,
    }
    return frame("contacts", columns)


def _titles(
    world: World, rng: np.random.Generator, role: Integers, country: Integers
) -> tuple[Text, Text]:
    """Title and seniority by role, in English or in the language of the country."""
    places = world.knowledge.places.countries.values()
    spoken = np.array([["en", "de", "fr"].index(place.language) for place in places])
    language = np.where(rng.random(len(role)) < _LOCAL_TITLE, spoken[country], 0)
    drawn = rng.random(len(role))
    titles: list[tuple[str, str]] = []
    number = np.zeros(len(role), dtype=np.int64)
    for role_number, name in enumerate(world.knowledge.recipe.roles):
        for language_number, key in enumerate(("en", "de", "fr")):
            listed = world.knowledge.people.titles[name][key]
            here = (role == role_number) & (language == language_number)
            number[here] = len(titles) + np.floor(drawn[here] * len(listed)).astype(np.int64)
            titles.extend(listed.items())
    return named((t for t, _ in titles), number), named((s for _, s in titles), number)


def roles_table(world: World, people: Crew) -> pd.DataFrame:
    """Planted buying role of each contact.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> list(roles_table(world, crew(world)).columns)
    ['contact_id', 'role']
    """
    roles = named(world.knowledge.recipe.roles, people.role)
    return pd.DataFrame({"contact_id": people.ids, "role": roles})
