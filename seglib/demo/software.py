"""Subscriptions to the monitoring software, and how much it is used."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.demo.draws import frame, identifiers, named
from seglib.demo.lives import Lives
from seglib.demo.orders import FADING
from seglib.demo.world import World


def subscriptions(world: World, lives: Lives) -> pd.DataFrame:
    """Write the subscriptions table: one contract a subscriber, open while it runs.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> bool(subscriptions(world, lives)["account_id"].is_unique)
    True
    """
    account = _subscribers(world, lives)
    account = account[np.argsort(lives.subscribed_from[account], kind="stable")]
    fee = np.round(world.median("monthly_fee", "subscription")[account], 0)
    plans = world.knowledge.recipe.plans
    columns = {
        "subscription_id": identifiers("S", len(account)),
        "account_id": world.ids.take(account),
        "plan": named(plans, np.searchsorted(list(plans.values()), fee)),
        "start_date": lives.subscribed_from[account],
        "end_date": lives.subscribed_until[account],
        "monthly_fee": fee,
    }
    return frame("subscriptions", columns)


def usage(world: World, lives: Lives) -> pd.DataFrame:
    """Write the usage table: one row per subscriber and month under contract in the history.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> table = usage(world, lives)
    >>> bool((table["active_users"] <= table["sessions"]).all())
    True
    """
    clock, subscriber = world.clock, _subscribers(world, lives)
    start = lives.subscribed_from[subscriber][:, None]
    until = lives.subscribed_until[subscriber][:, None]
    row, month = np.nonzero((start <= clock.ends) & (until >= clock.starts))
    account = subscriber[row]
    rng = world.stream("usage")
    fading = np.where(clock.ends[month] > lives.subscribed_until[account] - FADING, 0.5, 1.0)
    usual = world.median("sessions", "sessions") * np.sqrt(world.activity)
    noise = np.exp(0.3 * rng.standard_normal(len(account)))
    sessions = rng.poisson(usual[account] * noise * fading)
    used = rng.poisson(world.rate("features", "features")[account] * np.sqrt(fading))
    columns = {
        "account_id": world.ids.take(account),
        "month": clock.starts[month],
        "active_users": np.minimum(1.0 + rng.poisson(0.15 * sessions), sessions),
        "sessions": sessions.astype(float),
        "features_used": np.where(sessions > 0, np.clip(used, 1, 24), 0).astype(float),
    }
    return frame("usage", columns)


def _subscribers(world: World, lives: Lives) -> np.ndarray:
    return np.flatnonzero(lives.subscribed_from <= world.clock.last)
