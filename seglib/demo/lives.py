"""When an account enters, first buys, subscribes and leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seglib.demo.clock import NEVER, Days, business_day
from seglib.demo.world import World

_YEAR = 365


@dataclass(frozen=True)
class Lives:
    """Days of each account's life with us; ``NEVER`` for what has not happened.

    Attributes
    ----------
    created
        Entered the system.
    customer_from
        First purchase.
    subscribed_from, subscribed_until
        First and last day of the software subscription.
    left
        Last day as a customer.
    """

    created: Days
    customer_from: Days
    subscribed_from: Days
    subscribed_until: Days
    left: Days

    @property
    def status(self) -> NDArray[np.int64]:
        """0 customer, 1 prospect, 2 former."""
        status = np.where(self.customer_from < NEVER, 0, 1)
        return np.where(self.left < NEVER, 2, status)


def enter(world: World) -> tuple[Days, Days]:
    """Day on which each account entered, and since when it is a customer at the outset.

    Returns
    -------
    created, customer_from : array of int
        ``customer_from`` is ``NEVER`` for accounts that had not bought when the history began.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> created, customer_from = enter(world)
    >>> bool((created <= customer_from).all())
    True
    """
    rng, shares = world.stream("lives"), world.knowledge.recipe.shares
    first, last, count = world.clock.first, world.clock.last, world.accounts
    at_start = (rng.random(count) < shares["customers_at_start"])[world.source]
    since = first - rng.integers(30, 2500, count)
    late = rng.random(count) < shares["created_in_history"] / (1 - shares["customers_at_start"])
    inside = first + np.floor(rng.random(count) * (last - first - 20)).astype(np.int64)
    created = np.where(late, inside, first - rng.integers(1, 1500, count))
    created = np.where(at_start, since - rng.integers(0, 400, count), created)[world.source]
    later = created + np.ceil(rng.random(count) * np.minimum(last - created, 900)).astype(np.int64)
    created = business_day(np.where(world.duplicate, later, created))
    since = np.maximum(business_day(since[world.source]), created)
    return created, np.where(at_start, since, NEVER)


def leave(world: World, created: Days, customer_from: Days) -> Lives:
    """Draw who subscribes and who leaves, and when.

    Parameters
    ----------
    world
        The hidden market.
    created, customer_from
        Day of entry and of the first purchase.

    Notes
    -----
    A contract may end at each yearly renewal, with a probability of its own that is
    beta-distributed around the segment's (the shifted-beta-geometric model). Contracts that began
    before the history are conditional on having lived until then, so their probability is drawn
    from the posterior. Part of those whose contract ends leave that day; customers without a
    contract leave at a constant rate.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> lives = leave(world, *enter(world))
    >>> bool((lives.customer_from <= lives.subscribed_from).all())
    True
    """
    subscribed_from = _subscribe(world, customer_from)
    ends = _renewals_end(world, subscribed_from)
    ends = np.where(ends <= world.clock.last, ends, NEVER)
    rng, count = world.stream("leaving"), world.accounts
    hazard = -np.log1p(-world.value("churn"))
    days = np.ceil(rng.exponential(_YEAR / hazard)).astype(np.int64) + 30
    at_risk = np.where(subscribed_from < NEVER, ends, np.maximum(customer_from, world.clock.first))
    at_once = rng.random(count) < world.knowledge.recipe.shares["leave_with_contract"]
    left = np.where(at_once & (ends < NEVER), ends, business_day(at_risk + days))
    left = np.where((customer_from < NEVER) & (left <= world.clock.last), left, NEVER)
    return Lives(created, customer_from, subscribed_from, ends, left)


def _subscribe(world: World, customer_from: Days) -> Days:
    rng, count = world.stream("subscribing"), world.accounts
    wants = rng.random(count) < world.value("subscription_share")
    old = customer_from < world.clock.first
    wait = np.where(old, rng.integers(0, 600, count), rng.integers(0, 120, count))
    start = customer_from + wait
    return np.where(wants & (start <= world.clock.last), start, NEVER)


def _renewals_end(world: World, start: Days) -> Days:
    rng = world.stream("renewals")
    precision = world.knowledge.recipe.spread["renewal_precision"]
    lived = np.maximum(world.clock.first - start, 0) // _YEAR
    loss = world.value("non_renewal")
    chance = rng.beta(loss * precision, (1 - loss) * precision + lived)
    renewals = lived + rng.geometric(np.clip(chance, 1e-6, 1))
    return np.minimum(start + renewals * _YEAR - 1, NEVER)
