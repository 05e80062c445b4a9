"""Time zones: of each account by what is on file of its place, and the hour there in UTC."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
from pydantic import BaseModel, ConfigDict

from seglib.knowledge import load_knowledge

UNKNOWN_ZONE = "not known"
"""Zone of an account of which nothing tells it."""


class ManyZones(BaseModel):
    """A country, by its names, whose region says the zone."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    countries: tuple[str, ...]
    regions: dict[str, tuple[str, ...]]


class Zones(BaseModel):
    """The content of ``time_zones.yaml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    countries: dict[str, tuple[str, ...]]
    several: tuple[ManyZones, ...]


@cache
def zones() -> Zones:
    """Return what is known of time zones, from ``time_zones.yaml``.

    Examples
    --------
    >>> zones().countries["Europe/Berlin"][0]
    'germany'
    """
    return load_knowledge(Path(__file__).with_name("time_zones.yaml"), Zones)


@cache
def zone_of(country: str, region: str = "") -> str:
    """Return the IANA time zone of a place; :data:`UNKNOWN_ZONE` where that is not sure.

    Examples
    --------
    >>> zone_of("Germany"), zone_of("US", "Illinois"), zone_of("US"), zone_of("Atlantis")
    ('Europe/Berlin', 'America/Chicago', 'not known', 'not known')
    """
    land, part = country.strip().lower(), region.strip().lower()
    single = (zone for zone, names in zones().countries.items() if land in names)
    by_region = (
        zone
        for entry in zones().several
        if land in entry.countries
        for zone, names in entry.regions.items()
        if part in names
    )
    return next(single, None) or next(by_region, UNKNOWN_ZONE)


@cache
def _exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def account_zones(accounts: pd.DataFrame) -> pd.Series:
    """Return the time zone of each account: its own, else its country's or region's.

    Parameters
    ----------
    accounts
        ``time_zone``, ``country`` and ``region``, as far as they are there.

    Examples
    --------
    >>> frame = pd.DataFrame({"time_zone": ["Asia/Tokyo", None], "country": ["JP", "France"]})
    >>> account_zones(frame).tolist()
    ['Asia/Tokyo', 'Europe/Paris']
    """
    given = accounts.reindex(columns=["time_zone", "country", "region"]).astype(object)
    own, country, region = (given[name].where(given[name].notna(), "") for name in given)
    return pd.Series(
        [
            str(zone) if zone and _exists(str(zone)) else zone_of(str(land), str(part))
            for zone, land, part in zip(own, country, region, strict=True)
        ],
        index=accounts.index,
        dtype="str",
    )


def in_utc(hour: int, zone: str, day: pd.Timestamp) -> str:
    """Return an hour of a zone as the hour in UTC on a day; empty where there is no day.

    Examples
    --------
    >>> in_utc(9, "Europe/Berlin", pd.Timestamp("2026-09-30"))
    '07:00'
    """
    if pd.isna(day) or not _exists(zone):
        return ""
    there = datetime.combine(day.date(), time(hour % 24), ZoneInfo(zone))
    moved = there - (there.utcoffset() or timedelta())
    return f"{moved:%H:%M}"
