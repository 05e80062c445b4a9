"""Contacts with our marketing, denser around sales opportunities."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.demo.clock import NEVER
from seglib.demo.contacts import Crew
from seglib.demo.draws import choose, frame, monthly_events, named
from seglib.demo.lives import Lives
from seglib.demo.opportunities import Deals
from seglib.demo.world import World

_KNOWN_PERSON = 0.7  # share of events that a known contact signed
_AROUND_A_DEAL = 2.0  # extra events in the weeks before and after an opportunity opens
_QUIET = {"prospect": 0.6, "former": 0.3}  # how active accounts are that are not customers


def engagements(world: World, lives: Lives, drawn: Deals, people: Crew) -> pd.DataFrame:
    """Write the engagements table.

    Parameters
    ----------
    world
        The hidden market.
    lives
        When each account entered, bought and left.
    drawn
        Sales opportunities: interest rises before one opens.
    people
        The contacts, one of whom signs most events.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> from seglib.demo.contacts import crew
    >>> from seglib.demo.opportunities import deals
    >>> table = engagements(world, lives, deals(world, lives.created), crew(world))
    >>> bool(table["hour"].between(0, 23).all())
    True
    """
    rng, recipe = world.stream("engagements"), world.knowledge.recipe
    account, day = _moments(world, lives, drawn, rng)
    signed = rng.random(len(account)) < _KNOWN_PERSON
    person = np.floor(rng.random(len(account)) * people.count[account]).astype(np.int64)
    person = np.where(signed, people.first[account] + person, -1)
    usual = world.value("hour") + recipe.spread["hour"] * world.trait("hour")
    hour = usual[account] + recipe.spread["hour_of_event"] * rng.standard_normal(len(account))
    columns = {
        "account_id": world.ids.take(account),
        "contact_id": people.ids.take(person, allow_fill=True),
        "event_date": day,
        "kind": named(recipe.kinds, choose(rng, world.mix("kinds"), account)),
        "topic": named(recipe.topics, choose(rng, world.mix("topics"), account)),
        "hour": np.clip(np.rint(hour), 0, 23).astype(np.int64),
    }
    return frame("engagements", columns)


def _moments(
    world: World, lives: Lives, drawn: Deals, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Account and day of each event, by day."""
    clock = world.clock
    quiet = np.where(lives.customer_from >= NEVER, _QUIET["prospect"], 1.0)
    quiet = np.where(lives.left < NEVER, _QUIET["former"], quiet)
    rate = world.rate("engagement_rate", "engagement") * world.activity * quiet
    stop = np.full(world.accounts, clock.last)
    account, day = monthly_events(rng, rate[:, None], clock, lives.created, stop)
    deal = np.repeat(np.arange(len(drawn.account)), rng.poisson(_AROUND_A_DEAL, len(drawn.account)))
    near = drawn.opened[deal] + rng.integers(-45, 16, len(deal))
    low = np.maximum(lives.created[drawn.account[deal]], clock.first)
    inside = (near >= low) & (near <= clock.last)
    account = np.r_[account, drawn.account[deal][inside]]
    day = np.r_[day, near[inside]]
    order = np.lexsort((account, day))
    return account[order], day[order]
