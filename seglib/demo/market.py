"""Generate a whole market: the contract's tables and the truth behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from numbers import Integral, Real
from typing import Any

import pandas as pd

from seglib.demo import campaigns as wave
from seglib.demo import lives as life
from seglib.demo import opportunities as deal
from seglib.demo.accounts import accounts as accounts_table
from seglib.demo.contacts import Crew, contacts, crew, roles_table
from seglib.demo.draws import named
from seglib.demo.engagements import engagements
from seglib.demo.feedback import feedback
from seglib.demo.orders import orders
from seglib.demo.planted import parameters_table
from seglib.demo.research import research
from seglib.demo.software import subscriptions, usage
from seglib.demo.spoil import spoil
from seglib.demo.surroundings import links, technologies, tickets
from seglib.demo.surveys import surveys
from seglib.demo.world import AS_OF, World, build_world
from seglib.errors import StudyError
from seglib.schema import contract


@dataclass(frozen=True)
class Market:
    """A generated market.

    Attributes
    ----------
    tables
        The contract's tables, each with exactly the contract's columns.
    truth
        What is planted: ``segments``, ``parameters``, ``campaign_effects``, ``duplicates``,
        ``dirt`` and ``roles``.
    settings
        The arguments that made it.
    """

    tables: Mapping[str, pd.DataFrame]
    truth: Mapping[str, pd.DataFrame]
    settings: Mapping[str, Any] = field(default_factory=dict)


def generate_market(
    accounts: int = 800,
    *,
    seed: int = 7,
    difficulty: float = 0.5,
    dirt: float = 0.05,
    as_of: date = AS_OF,
    months: int = 36,
) -> Market:
    """Generate a synthetic B2B market of any size, with its planted truth.

    Parameters
    ----------
    accounts
        Rows of the accounts table, second records of a company included; at least 20.
    seed
        Seed of all random numbers.
    difficulty
        How much the planted segments overlap: 0 far apart, 0.5 as in a good market, 1 almost
        wholly.
    dirt
        Between 0 (none) and 0.5; scales missing values, duplicates, misspelt categories,
        conflicting sources, stray currencies, cancelled orders and returns.
    as_of
        Last day of the history; nothing lies after it.
    months
        Calendar months of history, from 12 to 240.

    Returns
    -------
    Market

    Raises
    ------
    StudyError
        With every argument that is out of range.

    Notes
    -----
    Each table draws from a random stream of its own, so the clean part of two markets of the same
    seed is the same whatever the dirt, and a change in one table leaves the others alone. What
    the segments are like stands in ``market.yaml``.

    Examples
    --------
    >>> market = generate_market(60, seed=1)
    >>> len(market.tables), len(market.tables["accounts"])
    (15, 60)
    >>> generate_market(5, dirt=0.9)
    Traceback (most recent call last):
    seglib.errors.StudyError: 2 problems in the demo market:
      - 'accounts' must be a whole number of at least 20, got 5.
      - 'dirt' must be between 0 and 0.5, got 0.9.
    """
    settings: dict[str, Any] = {
        "accounts": accounts, "seed": seed, "difficulty": difficulty, "dirt": dirt,
        "as_of": as_of, "months": months,
    }  # fmt: skip
    problems = list(_problems(settings))
    if problems:
        raise StudyError(problems, where="the demo market")
    world = build_world(**settings)
    people = crew(world)
    clean, waves = _tables(world, people)
    spoilt = spoil(world, clean)
    segment = named(world.planted.segments, world.segment)
    truth = {
        "segments": pd.DataFrame({"account_id": world.ids, "segment": segment}),
        "parameters": parameters_table(world.knowledge.recipe, world.planted),
        "campaign_effects": wave.campaign_effects(world, waves),
        "duplicates": spoilt.duplicates,
        "dirt": spoilt.dirt,
        "roles": roles_table(world, people),
    }
    tables = {name: spoilt.tables[name] for name in contract()}
    return Market(tables, truth, settings)


def _tables(world: World, people: Crew) -> tuple[dict[str, pd.DataFrame], list[wave.Wave]]:
    """Let the market live, then write what its systems would hold."""
    created, customer_from = life.enter(world)
    drawn = deal.deals(world, created)
    customer_from = deal.first_wins(world, drawn, customer_from)
    waves, customer_from = wave.win_prospects(world, created, customer_from)
    lives = life.leave(world, created, customer_from)
    waves = sorted(
        [*waves, *wave.reach_customers(world, lives.customer_from, lives.left)],
        key=lambda one: one.name,
    )
    tables = {
        "accounts": accounts_table(world, lives),
        "contacts": contacts(world, people),
        "opportunities": deal.opportunities(world, drawn, lives.left),
        "orders": orders(world, lives, waves),
        "subscriptions": subscriptions(world, lives),
        "usage": usage(world, lives),
        "engagements": engagements(world, lives, drawn, people),
        "technologies": technologies(world),
        "tickets": tickets(world, lives),
        "surveys": surveys(world, lives),
        "links": links(world),
        "campaigns": wave.campaigns(world, waves),
        "touches": wave.touches(world, waves),
        "research": research(world, lives),
        "feedback": feedback(world, lives),
    }
    return tables, waves


def _problems(settings: Mapping[str, Any]) -> Iterator[str]:
    for name, low, high in (("accounts", 20, None), ("seed", 0, None), ("months", 12, 240)):
        value = settings[name]
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        if not whole or value < low or (high is not None and value > high):
            allowed = f"of at least {low}" if high is None else f"from {low} to {high}"
            yield f"'{name}' must be a whole number {allowed}, got {value!r}."
    for name, top in (("difficulty", 1), ("dirt", 0.5)):
        value = settings[name]
        number = isinstance(value, Real) and not isinstance(value, bool)
        if not number or not 0 <= value <= top:
            yield f"'{name}' must be between 0 and {top}, got {value!r}."
    as_of = settings["as_of"]
    if not isinstance(as_of, date) or isinstance(as_of, datetime) or as_of.year < 2000:
        yield f"'as_of' must be a date from 2000 on, such as 2026-09-30, got {as_of!r}."
