"""What the sales team thinks of the segments, account by account."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.demo.clock import business_day
from seglib.demo.draws import frame, named, weighted
from seglib.demo.lives import Lives
from seglib.demo.world import World

_DAYS = 500  # before the last day


def feedback(world: World, lives: Lives) -> pd.DataFrame:
    """Write the feedback table.

    Parameters
    ----------
    world
        The hidden market.
    lives
        Says who is a customer; sales writes of customers only.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> table = feedback(world, leave(world, *enter(world)))
    >>> bool(table["account_id"].is_unique), "Price buyers" in set(table["segment"])
    (True, True)
    """
    rng, recipe = world.stream("feedback"), world.knowledge.recipe.feedback
    customers = np.flatnonzero(lives.status == 0)
    count = max(1, round(recipe.share * len(customers)))
    account = np.sort(rng.permutation(customers)[:count])
    segments = len(world.planted.segments)
    other = (world.segment[account] + rng.integers(1, segments, len(account))) % segments
    right = rng.random(len(account)) < recipe.agrees
    words = [recipe.words[name] for name in world.planted.segments]
    comment = pd.array(np.array(recipe.comments, dtype=object)[
        rng.integers(0, len(recipe.comments), len(account))], dtype="str")  # fmt: skip
    comment[rng.random(len(account)) >= recipe.commented] = None
    columns = {
        "account_id": world.ids.take(account),
        "segment": named(words, np.where(right, world.segment[account], other)),
        "comment": comment,
        "by_role": named(recipe.roles, weighted(rng, recipe.roles, len(account))),
        "given_date": business_day(world.clock.last - rng.integers(0, _DAYS, len(account))),
    }
    return frame("feedback", columns)
