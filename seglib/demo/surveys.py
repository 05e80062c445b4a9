"""Survey answers: needs, values and satisfaction."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.demo.clock import NEVER, Days, business_day
from seglib.demo.draws import frame, named
from seglib.demo.lives import Lives
from seglib.demo.world import World

_RECENT = 540  # days before the end in which people were asked
_TWICE = 0.2  # share of the accounts in which two people answered
_LEAVERS = 1.2  # points of satisfaction that those who left give less


def surveys(world: World, lives: Lives) -> pd.DataFrame:
    """Write the surveys table: one row per answered item.

    Parameters
    ----------
    world
        The hidden market.
    lives
        When each account was a customer; prospects are not asked how satisfied they are.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> bool(surveys(world, lives)["score"].between(0, 10).all())
    True
    """
    rng = world.stream("surveys")
    account, day = _questionnaires(world, lives, rng)
    opinion = _opinions(world, lives)
    noise = world.knowledge.recipe.spread["answer"] * rng.standard_normal(
        (len(account), opinion.shape[1])
    )
    items = world.knowledge.recipe.items
    low, high = (np.array([getattr(i, end) for i in items.values()]) for end in ("low", "high"))
    score = np.clip(np.rint(opinion[account] + noise), low, high)
    customers_only = np.array([item.customers_only for item in items.values()])
    asked = ~customers_only | (lives.customer_from[account] <= day)[:, None]
    row, item = np.nonzero(asked)
    columns = {
        "account_id": world.ids.take(account[row]),
        "answered_date": day[row],
        "item": named(items, item),
        "score": score[row, item],
    }
    return frame("surveys", columns)


def _questionnaires(
    world: World, lives: Lives, rng: np.random.Generator
) -> tuple[NDArray[np.int64], Days]:
    """Account and day of each answered questionnaire, by day."""
    shares = world.knowledge.recipe.shares
    asked = np.array([shares[f"survey_{who}"] for who in ("customers", "prospects", "former")])
    answers = rng.random(world.accounts) < asked[lives.status]
    twice = rng.random(world.accounts) < _TWICE
    account = np.repeat(np.arange(world.accounts), answers * (1 + twice))
    stop = np.minimum(lives.left, world.clock.last)
    start = np.maximum(lives.created, np.maximum(stop - _RECENT, world.clock.first))
    length = (stop - start + 1)[account]
    day = business_day(
        start[account] + np.floor(rng.random(len(account)) * length).astype(np.int64)
    )
    order = np.lexsort((account, day))
    return account[order], day[order]


def _opinions(world: World, lives: Lives) -> NDArray[np.float64]:
    """What each account thinks of each item, before it is cut to the scale."""
    items = world.knowledge.recipe.items
    mean = np.column_stack(list(world.planted.items.values()))[world.segment]
    spread = np.array([item.spread for item in items.values()])
    own = mean + spread * world.trait("opinions", len(items))
    own += world.knowledge.recipe.spread["answer_style"] * world.trait("answer style")[:, None]
    satisfaction = [name.startswith("satisfaction:") for name in items]
    return own - _LEAVERS * np.outer(lives.left < NEVER, satisfaction)
