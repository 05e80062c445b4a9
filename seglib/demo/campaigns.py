"""Campaigns with a randomised hold-out and a planted uplift in each segment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo.clock import NEVER, Days, business_day
from seglib.demo.draws import frame, named, stack
from seglib.demo.recipe import Campaign
from seglib.demo.world import World

WINDOW = 60
"""Days after the touch in which a purchase counts as a conversion."""

_DURATION = 10


@dataclass(frozen=True)
class Wave:
    """What one campaign did: one entry an account in its audience.

    Attributes
    ----------
    name
        Identifier of the campaign.
    account, touched, held_out
        The audience, the day of assignment and who was left out at random.
    converted
        Day of the first purchase of the offer, or ``NEVER``.
    revenue
        Revenue of that purchase, 0 without one.
    natural
        Who would have bought without any touch (prospects) or the common base (customers).
    """

    name: str
    account: NDArray[np.int64]
    touched: Days
    held_out: NDArray[np.bool_]
    converted: Days
    revenue: NDArray[np.float64]
    natural: NDArray[np.float64]


def runs(world: World, audience: str) -> list[tuple[str, Campaign, int]]:
    """List the campaigns for one audience in the history, oldest first, with their start.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> [name for name, _, _ in runs(world, "prospects")]
    ['C03', 'C08']
    """
    campaigns = world.knowledge.recipe.campaigns
    listed = ((name, plan, world.clock.last - plan.days_ago) for name, plan in campaigns.items())
    inside = [run for run in listed if run[1].audience == audience and run[2] >= world.clock.first]
    return sorted(inside, key=lambda run: run[2])


def win_prospects(world: World, created: Days, customer_from: Days) -> tuple[list[Wave], Days]:
    """Run the campaigns for prospects; who converts becomes a customer.

    Returns
    -------
    waves, customer_from
        ``customer_from`` brought forward for the accounts that the touch converted.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> waves, since = win_prospects(world, created, customer_from)
    >>> len(waves), bool((since <= customer_from).all())
    (2, True)
    """
    waves = []
    for name, plan, start in runs(world, "prospects"):
        account, touched, held_out = _assign(world, name, plan, start, created, customer_from)
        rng = world.stream(f"campaign {name} effect")
        natural = customer_from[account] <= touched + WINDOW
        moved = ~held_out & (rng.random(len(account)) < _uplift(world, plan)[account])
        day = _delay(rng, touched, np.full(len(account), NEVER))
        day = np.where(natural, customer_from[account], np.where(moved, day, NEVER))
        customer_from = customer_from.copy()
        customer_from[account] = np.minimum(customer_from[account], day)
        revenue = _revenue(world, rng, plan, account, day)
        waves.append(Wave(name, account, touched, held_out, day, revenue, natural.astype(float)))
    return waves, customer_from


def reach_customers(world: World, customer_from: Days, left: Days) -> list[Wave]:
    """Run the campaigns for customers.

    Parameters
    ----------
    world
        The hidden market.
    customer_from, left
        Between these days an account is a customer.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> waves = reach_customers(world, customer_from, np.full(world.accounts, NEVER))
    >>> [wave.name for wave in waves]
    ['C01', 'C02', 'C04', 'C05', 'C06', 'C07']
    """
    waves = []
    for name, plan, start in runs(world, "customers"):
        account, touched, held_out = _assign(world, name, plan, start, customer_from, left)
        rng = world.stream(f"campaign {name} effect")
        chance = plan.base + ~held_out * _uplift(world, plan)[account]
        moved = rng.random(len(account)) < chance
        day = np.where(moved, _delay(rng, touched, left[account]), NEVER)
        revenue = _revenue(world, rng, plan, account, day)
        base = np.full(len(account), plan.base)
        waves.append(Wave(name, account, touched, held_out, day, revenue, base))
    return waves


def _assign(
    world: World, name: str, plan: Campaign, start: int, after: Days, before: Days
) -> tuple[NDArray[np.int64], Days, NDArray[np.bool_]]:
    """Draw the audience among the accounts between two days, and the hold-out in it."""
    rng, count = world.stream(f"campaign {name}"), world.accounts
    touched = business_day(start + rng.integers(0, _DURATION + 1, count))
    reached = rng.random(count) < plan.reach
    held_out = rng.random(count) < world.knowledge.recipe.shares["hold_out"]
    account = np.flatnonzero(reached & (after <= start - 2) & (before > touched + 1))
    return account, touched[account], held_out[account]


def _uplift(world: World, plan: Campaign) -> NDArray[np.float64]:
    return np.array(plan.uplift)[world.segment]


def _delay(rng: np.random.Generator, touched: Days, left: Days) -> Days:
    """A business day within the window after the touch, before the account leaves."""
    longest = np.minimum(WINDOW - 1, left - touched - 1)
    day = touched + 1 + np.floor(rng.random(len(touched)) * longest).astype(np.int64)
    return business_day(day)


def _revenue(
    world: World, rng: np.random.Generator, plan: Campaign, account: NDArray[np.int64], day: Days
) -> NDArray[np.float64]:
    noise = 0.4 * rng.standard_normal(len(account)) + 0.2 * world.trait("size")[account]
    return np.where(day < NEVER, np.round(plan.revenue * np.exp(noise), 2), 0.0)


def touches(world: World, waves: list[Wave]) -> pd.DataFrame:
    """Write the touches table.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> waves = reach_customers(world, customer_from, np.full(world.accounts, NEVER))
    >>> table = touches(world, waves)
    >>> float(table.loc[table["held_out"], "cost"].sum())
    0.0
    """
    plans = world.knowledge.recipe.campaigns
    sizes = [len(wave.account) for wave in waves]
    held_out = stack([wave.held_out for wave in waves]).astype(bool)
    price = np.repeat([plans[wave.name].touch for wave in waves], sizes)
    columns = {
        "campaign_id": named(
            [wave.name for wave in waves], np.repeat(np.arange(len(waves)), sizes)
        ),
        "account_id": world.ids.take(stack([wave.account for wave in waves])),
        "touch_date": stack([wave.touched for wave in waves]),
        "held_out": held_out,
        "converted_date": stack([wave.converted for wave in waves]),
        "cost": np.where(held_out, 0.0, price),
        "revenue": stack([wave.revenue for wave in waves]).astype(float),
    }
    return frame("touches", columns)


def campaigns(world: World, waves: list[Wave]) -> pd.DataFrame:
    """Write the campaigns table.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> waves = reach_customers(world, customer_from, np.full(world.accounts, NEVER))
    >>> campaigns(world, waves)["channel"].tolist()[:2]
    ['e-mail', 'webinar']
    """
    plans = [world.knowledge.recipe.campaigns[wave.name] for wave in waves]
    start = np.array([world.clock.last - plan.days_ago for plan in plans], dtype=np.int64)
    reached = np.array([(~wave.held_out).sum() for wave in waves])
    columns = {
        "campaign_id": [wave.name for wave in waves],
        "channel": [plan.channel for plan in plans],
        "start_date": business_day(start),
        "end_date": start + _DURATION,
        "spend": [
            round(plan.fixed + plan.touch * int(count), 2)
            for plan, count in zip(plans, reached, strict=True)
        ],
    }
    return frame("campaigns", columns)


def campaign_effects(world: World, waves: list[Wave]) -> pd.DataFrame:
    """List the true uplift of each campaign in each segment.

    Returns
    -------
    DataFrame
        ``campaign_id``, ``offer``, ``audience``, ``segment``, ``accounts`` (in the audience),
        ``base_rate`` (probability of a conversion without the touch) and ``uplift`` (what the
        touch adds to it).

    Notes
    -----
    A prospect that would have bought anyway cannot be won by the touch, so there the planted
    number is multiplied by the share of those who would not have.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter
    >>> created, customer_from = enter(world)
    >>> waves = reach_customers(world, customer_from, np.full(world.accounts, NEVER))
    >>> len(campaign_effects(world, waves))
    30
    """
    rows = []
    for wave in waves:
        plan = world.knowledge.recipe.campaigns[wave.name]
        segment = world.segment[wave.account]
        count = np.bincount(segment, minlength=len(plan.uplift))
        base = np.bincount(segment, wave.natural, len(plan.uplift)) / np.maximum(count, 1)
        uplift = np.array(plan.uplift) * (1 - base if plan.audience == "prospects" else 1)
        for number, name in enumerate(world.planted.segments):
            row = (wave.name, plan.offer, plan.audience, name, int(count[number]))
            rows.append((*row, round(base[number], 6), round(uplift[number], 6)))
    names = ["campaign_id", "offer", "audience", "segment", "accounts", "base_rate", "uplift"]
    return pd.DataFrame(rows, columns=names)
