"""Sales opportunities: when they open and close, and how they end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo.clock import NEVER, Days, business_day
from seglib.demo.draws import choose, frame, identifiers, monthly_events, named, text
from seglib.demo.world import World
from seglib.schema import contract

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Deals:
    """Opportunities as they will run, whether or not they are over by the end of the history."""

    account: Integers
    opened: Days
    closed: Days
    won: NDArray[np.bool_]

    def pick(self, which: NDArray[np.bool_]) -> Deals:
        """Keep some of them.

        Examples
        --------
        >>> one = Deals(*(np.array([0, 1]) for _ in range(3)), np.array([True, False]))
        >>> one.pick(one.won).account
        array([0])
        """
        return Deals(self.account[which], self.opened[which], self.closed[which], self.won[which])


_MONTHS_AHEAD = 18  # deals that are running at the end close within these


def deals(world: World, created: Days) -> Deals:
    """Draw the opportunities of every account.

    Parameters
    ----------
    world
        The hidden market.
    created
        Day on which each account entered.

    Notes
    -----
    The closing day is drawn first, with the segment's season, and the opening lies a sales cycle
    before it; so won deals peak in the planted month.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> drawn = deals(world, created)
    >>> bool((drawn.opened < drawn.closed).all())
    True
    """
    rng, ahead = world.stream("opportunities"), world.clock.longer(_MONTHS_AHEAD)
    rate = world.value("opportunities") * world.activity / 12
    season = world.season(ahead)[world.segment]
    stop = np.full(world.accounts, ahead.last)
    account, closed = monthly_events(rng, rate[:, None] * season, ahead, created, stop)
    noise = np.exp(0.35 * rng.standard_normal(len(account)))
    cycle = np.ceil(5 + world.median("cycle_days", "cycle")[account] * noise).astype(np.int64)
    opened, closed = business_day(closed - cycle), business_day(closed)
    won = rng.random(len(account)) < world.value("win_rate")[account]
    drawn = Deals(account, opened, closed, won)
    return drawn.pick((opened >= created[account]) & (opened <= world.clock.last))


def first_wins(world: World, drawn: Deals, customer_from: Days) -> Days:
    """Make the first won opportunity the first purchase of an account that had not bought.

    Returns
    -------
    array of int
        Day since which each account is a customer.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> drawn = deals(world, created)
    >>> bool((first_wins(world, drawn, customer_from) <= customer_from).all())
    True
    """
    over = drawn.pick(drawn.won & (drawn.closed <= world.clock.last))
    first = np.full(world.accounts, NEVER)
    np.minimum.at(first, over.account, over.closed)
    return np.minimum(customer_from, first)


def opportunities(world: World, drawn: Deals, left: Days) -> pd.DataFrame:
    """Write the opportunities table.

    Parameters
    ----------
    world
        The hidden market.
    drawn
        The opportunities.
    left
        Day on which each account left; what ran after it is dropped.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> drawn = deals(world, created)
    >>> table = opportunities(world, drawn, np.full(world.accounts, NEVER))
    >>> bool((table["closed_date"].isna() == table["outcome"].isna()).all())
    True
    """
    drawn = drawn.pick(drawn.closed <= left[drawn.account])
    order = np.lexsort((drawn.account, drawn.opened))
    account, opened = drawn.account[order], drawn.opened[order]
    closed, won = drawn.closed[order], drawn.won[order]
    rng, count, spread = world.stream("deals"), len(order), world.knowledge.recipe.spread
    is_open = closed > world.clock.last
    noise = spread["deal"] * rng.standard_normal(count) + 0.3 * world.trait("size")[account]
    reasons = choose(rng, world.planted.mixes["lost_reasons"], world.segment[account])
    columns = {
        "opportunity_id": identifiers("P", count),
        "account_id": world.ids.take(account),
        "created_date": opened,
        "closed_date": np.where(is_open, NEVER, closed),
        "stage": named(_STAGES, _stage(world, opened, closed)),
        "outcome": text(["won", "lost", None]).take(np.where(is_open, 2, np.where(won, 0, 1))),
        "amount": np.round(world.value("deal_amount")[account] * np.exp(noise), -1),
        "deciders": 1 + rng.poisson(world.rate("extra_deciders", "deciders")[account]),
        "competitors": rng.poisson(world.value("competitors")[account]),
        "lost_reason": text([*world.knowledge.recipe.lost_reasons, None]).take(
            np.where(is_open | won, -1, reasons)
        ),
    }
    return frame("opportunities", columns)


_STAGES = contract()["opportunities"].columns["stage"].levels


def _stage(world: World, opened: Days, closed: Days) -> Integers:
    """Stage by the share of its cycle that a running deal has behind it; the last when closed."""
    done = (world.clock.last - opened) / np.maximum(closed - opened, 1)
    stage = np.searchsorted([0.25, 0.5, 0.8], done, side="right")
    return np.where(closed <= world.clock.last, len(_STAGES) - 1, stage)
