"""Days and months of the history. A day is a whole number: days since 1970-01-01."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int64]

NEVER = 2**31
"""A day that never comes: not yet a customer, not yet gone."""

_MONDAY = 3  # 1970-01-01 was a Thursday


def business_day(days: Days) -> Days:
    """Move a Saturday or Sunday back to the Friday before.

    Parameters
    ----------
    days
        Days since 1970-01-01.

    Examples
    --------
    >>> business_day(np.array([1, 2, 3, 4]))  # Friday to Monday
    array([1, 1, 1, 4])
    """
    weekday = (days + _MONDAY) % 7
    return days - np.maximum(weekday - 4, 0)


def to_dates(days: Days) -> NDArray[np.datetime64]:
    """Turn days into dates; a day that never comes becomes missing.

    Examples
    --------
    >>> to_dates(np.array([0, NEVER])).astype(str).tolist()
    ['1970-01-01T00:00:00.000000', 'NaT']
    """
    dates = days.astype("datetime64[D]").astype("datetime64[us]")
    return np.where(days >= NEVER, np.datetime64("NaT", "us"), dates)


@dataclass(frozen=True)
class Clock:
    """The months of a history.

    Attributes
    ----------
    starts, ends
        First and last day of each month, the last one cut at the end of the history.
    calendar
        Calendar month of each, 0 for January.
    """

    starts: Days
    ends: Days
    calendar: NDArray[np.int64]

    @property
    def first(self) -> int:
        """First day of the history."""
        return int(self.starts[0])

    @property
    def last(self) -> int:
        """Last day of the history."""
        return int(self.ends[-1])

    def active_share(self, start: Days, stop: Days) -> NDArray[np.float64]:
        """Share of each month that lies between an account's start and its stop.

        Returns
        -------
        array of float, accounts × months

        Examples
        --------
        >>> quarter = clock(date(2026, 9, 30), 3)
        >>> middle = np.datetime64("2026-08-01", "D").astype(np.int64)
        >>> quarter.active_share(np.array([middle]), np.array([NEVER]))
        array([[0., 1., 1.]])
        """
        low = np.maximum(start[:, None], self.starts)
        high = np.minimum(stop[:, None], self.ends)
        length = self.ends - self.starts + 1
        return np.clip(high - low + 1, 0, None) / length

    def longer(self, months: int) -> Clock:
        """The same months, whole, and some more behind them: for what is planned, not yet over.

        Examples
        --------
        >>> len(clock(date(2026, 9, 15), 12).longer(6).starts)
        18
        """
        last = np.datetime64(self.last, "D")
        return _months(last, len(self.starts), ahead=months)


def clock(as_of: date, months: int) -> Clock:
    """Build the calendar months that end on a day.

    Parameters
    ----------
    as_of
        Last day.
    months
        Number of months, the last one being that of ``as_of``.

    Examples
    --------
    >>> year = clock(date(2026, 9, 15), 12)
    >>> to_dates(np.array([year.first, year.last])).astype("datetime64[D]").astype(str).tolist()
    ['2025-10-01', '2026-09-15']
    """
    last = np.datetime64(as_of, "D")
    whole = _months(last, months, ahead=0)
    ends = np.minimum(whole.ends, last.astype(np.int64))
    return Clock(whole.starts, ends, whole.calendar)


def _months(last: np.datetime64, months: int, *, ahead: int) -> Clock:
    grid = last.astype("datetime64[M]") + np.arange(1 - months, ahead + 2)
    starts = grid.astype("datetime64[D]").astype(np.int64)
    return Clock(starts[:-1], starts[1:] - 1, grid[:-1].astype(np.int64) % 12)
