"""Periods of measurement: whole months or quarters up to the as-of day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd

Length = Literal["month", "quarter"]
"""Length of a period."""

COUNT = 8
"""Periods that are shown."""


@dataclass(frozen=True)
class Periods:
    """Whole periods, oldest first.

    Attributes
    ----------
    index
        Their pandas periods.
    """

    index: pd.PeriodIndex

    @property
    def labels(self) -> list[str]:
        """Names such as ``2026 Q3`` or ``2026-09``."""
        quarterly = self.index.freqstr.startswith("Q")
        return [f"{p.year} Q{p.quarter}" if quarterly else str(p) for p in self.index]

    @property
    def starts(self) -> list[pd.Timestamp]:
        """First day of each period."""
        return [p.start_time for p in self.index]

    @property
    def ends(self) -> list[pd.Timestamp]:
        """Last day of each period."""
        return [p.end_time.normalize() for p in self.index]

    @property
    def year(self) -> int:
        """How many periods a year has."""
        return 4 if self.index.freqstr.startswith("Q") else 12

    def of(self, dates: pd.Series) -> pd.Series:
        """Return the label of the period in which each date lies; missing outside of all."""
        labels = dict(zip(self.index, self.labels, strict=True))
        return dates.dt.to_period(self.index.freqstr).map(labels)

    def back(self, periods: int) -> Periods:
        """Return the same number of periods, so many periods earlier."""
        return Periods(self.index - periods)


def last_periods(as_of: pd.Timestamp, length: Length, count: int = COUNT) -> Periods:
    """Return the last whole periods; one that is still running at the as-of day is left out.

    Parameters
    ----------
    as_of
        Day as of which everything is told.
    length
        Month or quarter.
    count
        How many.

    Examples
    --------
    >>> last_periods(pd.Timestamp("2026-09-30"), "quarter", 2).labels
    ['2026 Q2', '2026 Q3']
    >>> last_periods(pd.Timestamp("2026-09-29"), "month", 2).labels
    ['2026-07', '2026-08']
    """
    last = pd.Period(as_of, freq="Q" if length == "quarter" else "M")
    if last.end_time.normalize() > as_of.normalize():
        last -= 1
    return Periods(pd.period_range(end=last, periods=count))
