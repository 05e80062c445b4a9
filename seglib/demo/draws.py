"""Draws that every table needs: events in time, choices from a mix, identifiers, frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from seglib.demo.clock import Clock, Days, to_dates
from seglib.schema import contract

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Text = Any
"""An array of pandas' ``str`` type, for which pandas has no public class."""


def text(values: Iterable[str | None]) -> Text:
    """Make a text array.

    Examples
    --------
    >>> text(["a", "b"]).dtype
    <StringDtype(na_value=nan)>
    """
    return pd.array(list(values), dtype="str")


def identifiers(prefix: str, count: int) -> Text:
    """Number things from 1, padded to one width (at least five digits).

    Examples
    --------
    >>> list(identifiers("A", 2))
    ['A00001', 'A00002']
    """
    width = max(5, len(str(count)))
    numbers = pc.cast(pa.array(np.arange(1, count + 1)), pa.large_string())
    padded = pc.utf8_lpad(numbers, width, "0")
    return prefix + pd.array(padded, dtype="str")


def monthly_events(
    rng: np.random.Generator,
    rate: Floats,
    clock: Clock,
    start: Days,
    stop: Days,
    *,
    shape: Integers | None = None,
) -> tuple[Integers, Days]:
    """Scatter events over an account's active time.

    Parameters
    ----------
    rng
        Random numbers.
    rate
        Events per month, accounts × 1 or accounts × months.
    clock
        The months.
    start, stop
        First and last active day of each account.
    shape
        Evenness of the intervals: 1 for a Poisson process, more for Erlang intervals.

    Returns
    -------
    account, day : array of int
        One entry an event, by account and time.

    Notes
    -----
    An Erlang renewal process of shape k is a Poisson process of k times the rate, of which every
    k-th event is kept; so a season bends it as it should.

    Examples
    --------
    >>> from datetime import date
    >>> from seglib.demo.clock import clock
    >>> year = clock(date(2026, 9, 30), 12)
    >>> start, stop = np.array([year.first]), np.array([year.last])
    >>> account, day = monthly_events(
    ...     np.random.default_rng(1), np.array([[10.0]]), year, start, stop)
    >>> bool(80 < len(day) < 160), bool((day <= year.last).all())
    (True, True)
    """
    kept = np.ones(len(start), dtype=np.int64) if shape is None else shape
    expected = rate * clock.active_share(start, stop) * kept[:, None]
    counts = rng.poisson(expected).ravel()
    cell = np.repeat(np.arange(counts.size), counts)
    account, month = np.divmod(cell, len(clock.starts))
    low = np.maximum(clock.starts[month], start[account])
    high = np.minimum(clock.ends[month], stop[account])
    day = low + np.floor(rng.random(len(low)) * (high - low + 1)).astype(np.int64)
    order = np.argsort(account * 10**6 + day, kind="stable")
    account, day = account[order], day[order]
    phase = rng.integers(0, kept)[account]
    turn = (_position(account) + phase) % kept[account] == 0
    return account[turn], day[turn]


def _position(group: Integers) -> Integers:
    """Place of each entry within its group, when groups stand together."""
    starts = np.flatnonzero(np.r_[True, group[1:] != group[:-1]]) if len(group) else group
    return np.arange(len(group)) - np.repeat(starts, np.diff(np.r_[starts, len(group)]))


def choose(rng: np.random.Generator, shares: Floats, row: Integers) -> Integers:
    """Choose a level for each entry.

    Parameters
    ----------
    rng
        Random numbers.
    shares
        Rows of shares that add up to 1.
    row
        Which row of shares each entry follows.

    Returns
    -------
    array of int
        Number of the level.

    Examples
    --------
    >>> choose(np.random.default_rng(1), np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([0, 1, 0]))
    array([1, 0, 1])
    """
    limits = np.cumsum(shares, axis=1)[:, :-1]
    drawn = rng.random(len(row))
    level = np.zeros(len(row), dtype=np.int64)
    for column in range(limits.shape[1]):
        level += drawn > limits[row, column]
    return level


def weighted(rng: np.random.Generator, weights: Mapping[str, float], size: int) -> Integers:
    """Choose ``size`` numbers of levels by their weights.

    Examples
    --------
    >>> weighted(np.random.default_rng(1), {"never": 0.0, "always": 1.0}, 2)
    array([1, 1])
    """
    shares = np.array(list(weights.values()), dtype=float)
    return choose(rng, (shares / shares.sum())[None, :], np.zeros(size, dtype=np.int64))


def named(levels: Iterable[str], number: Integers) -> Text:
    """Write the name of each numbered level.

    Examples
    --------
    >>> list(named(["a", "b"], np.array([1, 0])))
    ['b', 'a']
    """
    return text(levels).take(number)


def frame(table: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Make a contract table: its columns in its order, days as dates, whole numbers as such.

    Parameters
    ----------
    table
        Name of the table in the contract.
    columns
        All its columns; dates as days since 1970-01-01.

    Examples
    --------
    >>> frame("links", {"share": [0.5], "customer_industry": ["Retail"], "account_id": ["A1"]})
      account_id customer_industry  share
    0         A1            Retail    0.5
    """
    made = {}
    for name, column in contract()[table].columns.items():
        values = columns[name]
        if column.type == "date":
            values = to_dates(np.asarray(values))
        elif column.type == "integer":
            values = pd.array(values, dtype="Int64")
        elif column.type == "text":
            values = pd.array(values, dtype="str")
        made[name] = values
    return pd.DataFrame(made)


def stack(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Join arrays end to end, also when there are none.

    Examples
    --------
    >>> stack([])
    array([], dtype=int64)
    """
    return np.concatenate(parts) if parts else np.array([], dtype=np.int64)
