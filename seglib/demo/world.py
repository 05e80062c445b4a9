"""The invisible part of the market: which company is in which segment, and how it differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from seglib.demo.clock import Clock, clock
from seglib.demo.draws import Text, identifiers
from seglib.demo.planted import Planted, plant
from seglib.demo.recipe import Knowledge, knowledge

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AS_OF = date(2026, 9, 30)
"""Last day of the demo market."""


def stream(seed: int, name: str) -> np.random.Generator:
    """Random numbers of one purpose, apart from those of every other purpose.

    Parameters
    ----------
    seed
        Seed of the market.
    name
        What the numbers are for, such as ``"orders"``.

    Examples
    --------
    >>> bool(stream(7, "orders").random() == stream(7, "orders").random())
    True
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(crc32(name.encode()),)))


@dataclass(frozen=True)
class World:
    """Accounts with their hidden segment.

    Attributes
    ----------
    source
        For each account the number of the account whose company it is: its own, or for a
        duplicate that of the original.
    segment
        Number of the segment of each account.
    activity
        Share of the company's activity that is booked on this account.
    """

    knowledge: Knowledge
    planted: Planted
    clock: Clock
    seed: int
    dirt: float
    source: Integers
    segment: Integers
    activity: Floats
    ids: Text

    @property
    def accounts(self) -> int:
        """Number of accounts."""
        return len(self.source)

    @property
    def duplicate(self) -> NDArray[np.bool_]:
        """Which accounts are a second record of a company."""
        return self.source != np.arange(self.accounts)

    def stream(self, name: str) -> np.random.Generator:
        """Random numbers for one table."""
        return stream(self.seed, name)

    def trait(self, name: str, size: int | None = None) -> Floats:
        """How each company differs from its segment, in standard deviations.

        The same name gives the same numbers, in every table and for both records of a company.

        Parameters
        ----------
        name
            What differs.
        size
            Number of columns; none for one number an account.

        Examples
        --------
        >>> world = build_world()
        >>> bool((world.trait("size") == world.trait("size")).all())
        True
        """
        shape = self.accounts if size is None else (self.accounts, size)
        return self.stream(f"trait: {name}").standard_normal(shape)[self.source]

    def value(self, parameter: str) -> Floats:
        """The planted parameter of each account's segment.

        Examples
        --------
        >>> world = build_world()
        >>> world.value("order_rate").shape
        (60,)
        """
        return self.planted.values[parameter][self.segment]

    def rate(self, parameter: str, spread: str) -> Floats:
        """A rate of each account: log-normal around its segment's mean.

        Examples
        --------
        >>> world = build_world()
        >>> bool((world.rate("order_rate", "order_rate") > 0).all())
        True
        """
        deviation = self.knowledge.recipe.spread[spread]
        return self.value(parameter) * np.exp(deviation * self.trait(spread) - deviation**2 / 2)

    def median(self, parameter: str, spread: str) -> Floats:
        """An amount of each account: log-normal around its segment's median.

        Examples
        --------
        >>> world = build_world()
        >>> bool((world.median("monthly_fee", "subscription") > 0).all())
        True
        """
        deviation = self.knowledge.recipe.spread[spread]
        return self.value(parameter) * np.exp(deviation * self.trait(spread))

    def mix(self, name: str) -> Floats:
        """Each account's own shares, scattered around its segment's.

        Returns
        -------
        array of float, accounts × levels

        Examples
        --------
        >>> world = build_world()
        >>> world.mix("channels").shape
        (60, 3)
        """
        shares = self.planted.mixes[name][self.segment]
        deviation = self.knowledge.recipe.spread["mix"]
        shares = shares * np.exp(deviation * self.trait(f"mix of {name}", shares.shape[1]))
        return shares / shares.sum(axis=1, keepdims=True)

    def season(self, clock: Clock) -> Floats:
        """Factor on the rate of orders and wins in each month.

        Returns
        -------
        array of float, segments × months of the clock

        Examples
        --------
        >>> world = build_world()
        >>> world.season(world.clock).shape
        (5, 36)
        """
        peak, strength = (self.planted.values[f"season_{name}"] for name in ("peak", "strength"))
        year = np.exp(
            strength[:, None] * np.cos(2 * np.pi * (np.arange(12) + 1 - peak[:, None]) / 12)
        )
        year /= year.mean(axis=1, keepdims=True)
        return year[:, clock.calendar]


def build_world(
    accounts: int = 60,
    *,
    seed: int = 7,
    difficulty: float = 0.5,
    dirt: float = 0.05,
    as_of: date = AS_OF,
    months: int = 36,
) -> World:
    """Deal the accounts to the segments and decide which are a second record of a company.

    Parameters
    ----------
    accounts, seed, difficulty, dirt, as_of, months
        As in ``generate_market``, and not checked here.

    Examples
    --------
    >>> world = build_world(100)
    >>> world.accounts, int(world.duplicate.sum())
    (100, 3)
    """
    known = knowledge()
    planted = plant(known.recipe, difficulty)
    places = (np.arange(accounts) + 0.5) / accounts
    segment = np.searchsorted(np.cumsum(planted.shares)[:-1], places)
    segment = stream(seed, "segments").permutation(segment)
    rng = stream(seed, "duplicates")
    order = rng.permutation(accounts)
    count = round(accounts * dirt * known.recipe.dirt.duplicates)
    second, original = order[:count], order[count : 2 * count]
    source = np.arange(accounts)
    source[second] = original
    activity = np.ones(accounts)
    activity[second] = rng.uniform(0.15, 0.45, count)
    activity[original] = 1 - activity[second]
    ids = identifiers("A", accounts)
    time = clock(as_of, months)
    return World(known, planted, time, seed, dirt, source, segment[source], activity, ids)
