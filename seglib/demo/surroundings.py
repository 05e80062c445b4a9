"""What an account uses, whom it supplies, and what it asks our support."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.demo.clock import business_day
from seglib.demo.draws import frame, identifiers, monthly_events, named, weighted
from seglib.demo.lives import Lives
from seglib.demo.world import World

_LINKS_KNOWN = 0.7  # share of the accounts whose customers we know
_WORTH_A_ROW = 0.15  # share of an account's sales from which on a market is listed


def technologies(world: World) -> pd.DataFrame:
    """Write the technologies table: one row per technology in use.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> sorted(technologies(world)["fit"].unique())
    ['compatible', 'competing', 'to migrate']
    """
    listed = world.knowledge.recipe.technologies
    rng = world.stream("technologies")
    shares = world.planted.mixes["technologies"][world.segment]
    account, technology = np.nonzero((rng.random(shares.shape) < shares)[world.source])
    columns = {
        "account_id": world.ids.take(account),
        "technology": named(listed, technology),
        "category": named((part.category for part in listed.values()), technology),
        "fit": named((part.fit for part in listed.values()), technology),
    }
    return frame("technologies", columns)


def links(world: World) -> pd.DataFrame:
    """Write the links table: the larger markets that an account supplies.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> bool(links(world).groupby("account_id")["share"].sum().le(1).all())
    True
    """
    rng = world.stream("links")
    known = (rng.random(world.accounts) < _LINKS_KNOWN)[world.source]
    shares = np.floor(world.mix("end_markets") * 100) / 100
    account, market = np.nonzero((shares >= _WORTH_A_ROW) & known[:, None])
    columns = {
        "account_id": world.ids.take(account),
        "customer_industry": named(world.knowledge.recipe.end_markets, market),
        "share": shares[account, market],
    }
    return frame("links", columns)


def tickets(world: World, lives: Lives) -> pd.DataFrame:
    """Write the tickets table.

    Parameters
    ----------
    world
        The hidden market.
    lives
        When each account was a customer; only customers have tickets.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> bool((tickets(world, lives)["hours_to_resolve"] >= 0).all())
    True
    """
    rng, recipe, clock = world.stream("tickets"), world.knowledge.recipe, world.clock
    rate = world.rate("ticket_rate", "tickets") * world.activity
    stop = np.minimum(lives.left, clock.last)
    account, day = monthly_events(rng, rate[:, None], clock, lives.customer_from, stop)
    day = np.maximum(business_day(day), clock.first)
    order = np.lexsort((account, day))
    account, day = account[order], day[order]
    severity = weighted(rng, recipe.severities, len(account))
    usual = np.array([recipe.resolve_hours[name] for name in recipe.severities])[severity]
    columns = {
        "ticket_id": identifiers("T", len(account)),
        "account_id": world.ids.take(account),
        "opened_date": day,
        "hours_to_resolve": np.round(usual * np.exp(0.7 * rng.standard_normal(len(account))), 1),
        "severity": named(recipe.severities, severity),
    }
    return frame("tickets", columns)
