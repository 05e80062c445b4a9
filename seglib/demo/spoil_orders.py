"""Dirt in the orders: returns, cancellations and lines in a stray currency."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.demo.clock import business_day, to_dates
from seglib.demo.draws import identifiers
from seglib.demo.world import World

Count = tuple[str, str, str, int]
"""Kind, table, column and how often."""


def return_goods(world: World, orders: pd.DataFrame) -> tuple[pd.DataFrame, Count]:
    """Send some lines back: a line of its own, with negative quantity, amount and cost.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> from seglib.demo.orders import orders
    >>> table = orders(world, lives, [])
    >>> after, (kind, *_, count) = return_goods(world, table)
    >>> kind, len(after) - len(table) == count
    ('return', True)
    """
    rng, share = world.stream("dirt: returns"), world.knowledge.recipe.dirt.returns * world.dirt
    back = np.flatnonzero(rng.random(len(orders)) < share)
    day = orders["order_date"].to_numpy().astype("datetime64[D]").astype(np.int64)[back]
    day = business_day(day + rng.integers(4, 40, len(back)))
    back, day = back[day <= world.clock.last], day[day <= world.clock.last]
    lines = orders.iloc[back]
    quantity = np.ceil(lines["quantity"] * rng.uniform(0.3, 1.0, len(back)))
    part = quantity / lines["quantity"]
    lines = lines.assign(
        order_id=identifiers("R", len(back)),
        order_date=to_dates(day),
        quantity=-quantity,
        amount=-(lines["amount"] * part).round(2),
        cost=-(lines["cost"] * part).round(2),
    )
    joined = pd.concat([orders, lines]).sort_values("order_date", kind="stable")
    return joined.reset_index(drop=True), ("return", "orders", "quantity", len(lines))


def cancel(world: World, orders: pd.DataFrame) -> tuple[pd.DataFrame, Count]:
    """Cancel some orders with all their lines; the count is of lines.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> from seglib.demo.orders import orders
    >>> table = orders(world, lives, [])
    >>> after, (*_, count) = cancel(world, table)
    >>> int((after["status"] == "cancelled").sum()) == count
    True
    """
    share = world.knowledge.recipe.dirt.cancelled * world.dirt
    number, _ = pd.factorize(orders["order_id"])
    drawn = world.stream("dirt: cancelled").random(int(number.max(initial=-1)) + 1)
    off = (drawn < share)[number] & (orders["quantity"] > 0).to_numpy()
    status = orders["status"].mask(off, "cancelled")
    return orders.assign(status=status), ("cancelled line", "orders", "status", int(off.sum()))


def stray_currencies(world: World, orders: pd.DataFrame) -> tuple[pd.DataFrame, Count]:
    """Keep some lines in another currency, as the currency column says.

    Examples
    --------
    >>> from seglib.demo.world import build_world
    >>> world = build_world()
    >>> from seglib.demo.lives import enter, leave
    >>> lives = leave(world, *enter(world))
    >>> from seglib.demo.orders import orders
    >>> table = orders(world, lives, [])
    >>> after, (*_, count) = stray_currencies(world, table)
    >>> int((after["currency"] != "EUR").sum()) == count
    True
    """
    plan = world.knowledge.recipe.dirt.stray_currencies
    rng = world.stream("dirt: currencies")
    away = rng.random(len(orders)) < plan.rate * world.dirt
    which = rng.integers(0, len(plan.euros_to), len(orders))
    rate = np.where(away, np.array(list(plan.euros_to.values()))[which], 1.0)
    name = pd.Series(list(plan.euros_to), dtype="str").take(which).set_axis(orders.index)
    changed = orders.assign(
        currency=orders["currency"].mask(away, name),
        amount=(orders["amount"] * rate).round(2),
        cost=(orders["cost"] * rate).round(2),
    )
    return changed, ("stray currency", "orders", "currency", int(away.sum()))
