"""Order lines: regular orders of active customers, first orders and what campaigns sold."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from seglib.demo.campaigns import Wave
from seglib.demo.clock import NEVER, Days, business_day
from seglib.demo.draws import choose, frame, identifiers, monthly_events, named, stack, text
from seglib.demo.lives import Lives
from seglib.demo.world import World

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FADING = 120
"""Days before an account leaves in which it orders and uses half as much."""


class Lines(NamedTuple):
    """Order lines before they are written: one entry a line.

    ``product`` numbers the products of all categories in the recipe's order.
    """

    order: Integers
    account: Integers
    day: Days
    product: Integers
    amount: Floats

    def take(self, rows: Integers) -> Lines:
        """Pick lines, in a given order.

        Examples
        --------
        >>> two = Lines(*(np.array([1, 2]) for _ in range(5)))
        >>> two.take(np.array([1])).order
        array([2])
        """
        order, account, day, product, amount = self
        return Lines(order[rows], account[rows], day[rows], product[rows], amount[rows])


class Sold(NamedTuple):
    """Purchases that a campaign or a first win brought: one entry an order."""

    account: Integers
    day: Days
    product: Integers
    amount: Floats


def orders(world: World, lives: Lives, waves: list[Wave]) -> pd.DataFrame:
    """Write the orders table.

    Parameters
    ----------
    world
        The hidden market.
    lives
        When each account was a customer.
    waves
        Campaigns, whose conversions are orders too.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> table = orders(world, lives, [])
    >>> bool((table["cost"] < table["amount"]).all())
    True
    """
    rng = world.stream("orders")
    sold = _sold(world, waves)
    account, day = _regular(world, lives, rng, sold)
    regular = _baskets(world, rng, account, day)
    number = len(account) + np.arange(len(sold.account))
    extra = Lines(number, sold.account, sold.day, sold.product, sold.amount)
    joined = Lines(*(np.concatenate(pair) for pair in zip(regular, extra, strict=True)))
    return _write(world, rng, joined, len(account) + len(sold.account))


def _sold(world: World, waves: list[Wave]) -> Sold:
    codes, _ = _products(world)
    plans = world.knowledge.recipe.campaigns
    bought = [wave.converted < NEVER for wave in waves]
    pairs = list(zip(waves, bought, strict=True))
    return Sold(
        stack([wave.account[yes] for wave, yes in pairs]),
        stack([wave.converted[yes] for wave, yes in pairs]),
        stack([np.full(yes.sum(), codes.index(plans[w.name].product)) for w, yes in pairs]),
        stack([wave.revenue[yes] for wave, yes in pairs]).astype(float),
    )


def _products(world: World) -> tuple[list[str], Floats]:
    """Codes and list prices of all products, category by category."""
    listed = [
        item
        for category in world.knowledge.recipe.categories.values()
        for item in category.products.items()
    ]
    return [code for code, _ in listed], np.array([price for _, price in listed])


def _regular(
    world: World, lives: Lives, rng: np.random.Generator, sold: Sold
) -> tuple[Integers, Days]:
    """Account and day of the regular orders, and of the first one of each new customer."""
    clock = world.clock
    stop = np.minimum(lives.left, clock.last)
    growth = world.planted.values["order_growth"][:, None]
    years = (np.arange(len(clock.starts)) - len(clock.starts) / 2) / 12
    factor = world.season(clock) * np.exp(growth * years)
    rate = world.rate("order_rate", "order_rate") * world.activity
    fading = np.where(clock.ends > lives.left[:, None] - FADING, 0.5, 1.0)
    shape = np.rint(world.value("order_regularity")).astype(np.int64)
    account, day = monthly_events(
        rng, rate[:, None] * factor[world.segment] * fading, clock, lives.customer_from, stop,
        shape=np.maximum(shape, 1),
    )  # fmt: skip
    new = (lives.customer_from >= clock.first) & (lives.customer_from < NEVER)
    new[sold.account[sold.day == lives.customer_from[sold.account]]] = False
    first = np.flatnonzero(new)
    day = np.maximum(business_day(day), clock.first)
    return np.r_[account, first], np.r_[day, lives.customer_from[first]]


def _baskets(world: World, rng: np.random.Generator, account: Integers, day: Days) -> Lines:
    """Fill each order with lines."""
    count = 1 + rng.poisson(world.rate("extra_lines", "lines")[account])
    order = np.repeat(np.arange(len(account)), count)
    account, day = account[order], day[order]
    category = choose(rng, world.mix("categories"), account)
    parts = list(world.knowledge.recipe.categories.values())
    sizes = np.array([len(part.products) for part in parts])
    within = np.floor(rng.random(len(order)) * sizes[category]).astype(np.int64)
    product = (np.cumsum(sizes) - sizes)[category] + within
    usual = np.array([part.line_amount for part in parts])
    spread = world.knowledge.recipe.spread
    level = np.log(world.median("line_level", "line_level"))
    level = level + spread["size_to_amount"] * world.trait("size")
    noise = spread["line"] * rng.standard_normal(len(order))
    return Lines(order, account, day, product, usual[category] * np.exp(level[account] + noise))


def _write(world: World, rng: np.random.Generator, lines: Lines, count: int) -> pd.DataFrame:
    by_day = np.lexsort((lines.order, lines.day))
    lines = lines.take(by_day)
    account, amount = lines.account, np.round(lines.amount, 2)
    codes, prices = _products(world)
    categories = world.knowledge.recipe.categories
    sizes = [len(part.products) for part in categories.values()]
    category = np.repeat(np.arange(len(sizes)), sizes)[lines.product]
    channel = choose(rng, world.mix("channels"), _of_order(account, lines.order, count))
    columns: dict[str, Any] = {
        "order_id": identifiers("O", count).take(_running_number(lines.order, count)),
        "account_id": world.ids.take(account),
        "order_date": lines.day,
        "product_id": named(codes, lines.product),
        "product_category": named(categories, category),
        "channel": named(world.knowledge.recipe.channels, channel[lines.order]),
        "quantity": np.maximum(1.0, np.rint(amount / prices[lines.product])),
        "amount": amount,
        "cost": np.round(amount * (1 - _margins(world, rng, account)), 2),
        "currency": text([world.knowledge.recipe.currency]).take(np.zeros_like(account)),
        "status": text(["completed"]).take(np.zeros_like(account)),
    }
    return frame("orders", columns)


def _running_number(order: Integers, count: int) -> Integers:
    """Number the orders in the order in which they now stand."""
    rank = np.zeros(count, dtype=np.int64)
    starts = np.r_[True, order[1:] != order[:-1]] if len(order) else np.zeros(0, dtype=bool)
    rank[order[starts]] = np.arange(starts.sum())
    return rank[order]


def _of_order(account: Integers, order: Integers, count: int) -> Integers:
    """Account of each order."""
    owner = np.zeros(count, dtype=np.int64)
    owner[order] = account
    return owner


def _margins(world: World, rng: np.random.Generator, account: Integers) -> Floats:
    own = logit(world.value("margin"))
    own = own + world.knowledge.recipe.spread["margin"] * world.trait("margin")
    return expit(own[account] + 0.15 * rng.standard_normal(len(account)))
