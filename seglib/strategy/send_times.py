"""When to send: the hours in which a segment's accounts engage, by time zone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from seglib.strategy.market import SegmentedMarket, each
from seglib.strategy.plan import SendTime
from seglib.strategy.time_zones import UNKNOWN_ZONE, account_zones, in_utc

WINDOW = 2
"""Hours of the window that is looked for."""

APART = 4
"""Hours from which two windows are told apart: nobody knows it to the hour, or needs to."""

_DAY = 24
_ALPHA = 0.05


@dataclass(frozen=True)
class BestHours:
    """The two hours with most engagements.

    Attributes
    ----------
    start, share
        First hour (local) and the mean share of an account's engagements that fall in the window.
    accounts
        Accounts with engagements of a known hour.
    rival, rival_share
        The best window that begins :data:`APART` hours or more from it.
    clear
        Whether the window beats every one of those, beyond chance.
    """

    start: int
    share: float
    accounts: int
    rival: int
    rival_share: float
    clear: bool

    @property
    def text(self) -> str:
        """Say it in words."""
        more = "clearly" if self.clear else "not clearly"
        return (
            f"{self.share:.0%} of their engagements fall between {window(self.start)} local time, "
            f"{more} more than {APART} hours or more away (at most {self.rival_share:.0%}, between "
            f"{window(self.rival)})"
        )


def window(start: int) -> str:
    """Write the window that begins at an hour.

    Examples
    --------
    >>> window(9), window(23)
    ('9:00 and 11:00', '23:00 and 1:00')
    """
    return f"{start}:00 and {(start + WINDOW) % _DAY}:00"


def best_hours(engagements: pd.DataFrame) -> BestHours | None:
    """Find the two hours in which accounts engage most.

    Parameters
    ----------
    engagements
        ``account_id``, ``hour`` (local) and ``events``.

    Returns
    -------
    BestHours or None
        None without a known hour.

    Notes
    -----
    An account has one vote. The window is clear when its share is larger than that of every
    window :data:`APART` hours or more away, by paired tests over accounts at 5 % with Bonferroni's
    correction for all pairs of windows, since the window was chosen for being the largest.

    Examples
    --------
    >>> frame = pd.DataFrame({"account_id": [str(i) for i in range(30)], "hour": 9.0, "events": 1})
    >>> found = best_hours(frame)
    >>> found.start, found.share, found.clear
    (8, 1.0, True)
    """
    known = engagements[engagements["hour"].notna() & (engagements["events"] > 0)]
    if known.empty:
        return None
    codes, names = pd.factorize(known["account_id"])
    hours = known["hour"].to_numpy(dtype=float).astype(int) % _DAY
    counts = np.bincount(codes * _DAY + hours, known["events"], len(names) * _DAY)
    shares = counts.reshape(len(names), _DAY)
    shares = shares / shares.sum(axis=1, keepdims=True)
    windows = sum(np.roll(shares, -step, axis=1) for step in range(WINDOW))
    means = windows.mean(axis=0)
    start = int(np.argmax(means))
    apart = [h for h in range(_DAY) if min((h - start) % _DAY, (start - h) % _DAY) >= APART]
    rival = max(apart, key=lambda h: (means[h], -h))
    return BestHours(
        start, float(means[start]), len(names), rival, float(means[rival]),
        _clear(windows[:, [start]] - windows[:, apart]),
    )  # fmt: skip


def _clear(away: NDArray[np.float64]) -> bool:
    """Whether all mean differences are positive beyond chance; one account shows nothing."""
    if len(away) < 2:
        return False
    level = _ALPHA / (_DAY * (_DAY - 1))
    error = away.std(axis=0, ddof=1) / np.sqrt(len(away))
    return bool((away.mean(axis=0) > -ndtri(level / 2) * error).all())


def send_times(market: SegmentedMarket, segment: int, start: int | None) -> tuple[SendTime, ...]:
    """Write the window of a segment in each time zone where it has accounts, largest first.

    Parameters
    ----------
    market
        Accounts with segments.
    segment
        Number of the segment.
    start
        First local hour of the window; None where no hour stands out.

    Returns
    -------
    tuple of SendTime
        Empty where no account's zone is known. Hours in UTC are those of the as-of day: where
        clocks change in summer, they move with them.
    """
    own = market.accounts[market.accounts["segment"] == segment]
    counts = account_zones(own).value_counts().rename_axis("zone").reset_index(name="n")
    if set(counts["zone"]) <= {UNKNOWN_ZONE}:
        return ()
    unknown = counts["zone"] == UNKNOWN_ZONE
    ordered = counts.assign(last=unknown).sort_values(
        ["last", "n", "zone"], ascending=[True, False, True], kind="stable"
    )
    return tuple(
        SendTime(
            zone=row.zone,
            accounts=int(row.n),
            local="" if start is None or row.last else f"{start:02d}:00",
            utc="" if start is None or row.last else in_utc(start, row.zone, market.as_of),
        )
        for row in each(ordered)
    )
