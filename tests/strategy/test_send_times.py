"""Best hours and time zones."""

import numpy as np
import pandas as pd
import pytest

from seglib.strategy import build_playbook, load_playbook
from seglib.strategy.send_times import APART, best_hours, window
from seglib.strategy.time_zones import UNKNOWN_ZONE, _exists, account_zones, in_utc, zone_of, zones


def engaged(hours, accounts=60, seed=1):
    rng = np.random.default_rng(seed)
    picked = rng.choice(24, size=(accounts, 8), p=hours)
    ids = np.repeat([f"a{i}" for i in range(accounts)], 8)
    return pd.DataFrame({"account_id": ids, "hour": picked.ravel().astype(float), "events": 1})


def test_a_planted_hour_is_found_and_clear():
    p = np.full(24, 0.5 / 22)
    p[[14, 15]] = 0.25
    found = best_hours(engaged(p))
    assert (found.start, found.clear) == (14, True)
    assert found.share == pytest.approx(0.5, abs=0.1)
    assert min((found.rival - 14) % 24, (14 - found.rival) % 24) >= APART


def test_even_hours_are_rarely_called_clear():
    even = np.full(24, 1 / 24)
    called = [best_hours(engaged(even, seed=seed)).clear for seed in range(100)]
    assert np.mean(called) <= 0.05


def test_an_account_has_one_vote():
    loud = pd.DataFrame({"account_id": "loud", "hour": [3.0], "events": [10_000]})
    quiet = pd.DataFrame({"account_id": [f"q{i}" for i in range(9)], "hour": 10.0, "events": 1})
    assert best_hours(pd.concat([loud, quiet])).start in (9, 10)


def test_one_account_or_none_shows_nothing():
    frame = pd.DataFrame({"account_id": ["a"], "hour": [9.0], "events": [3]})
    assert not best_hours(frame).clear
    assert best_hours(frame.assign(hour=np.nan)) is None
    assert best_hours(frame.iloc[:0]) is None


def test_the_window_may_pass_midnight():
    frame = pd.DataFrame({"account_id": list("ab"), "hour": [23.0, 0.0], "events": 1})
    assert window(best_hours(frame).start) == "23:00 and 1:00"


def test_every_zone_of_the_knowledge_exists_and_no_name_stands_twice():
    known = zones()
    regions = [entry.regions for entry in known.several]
    assert all(map(_exists, [*known.countries, *(zone for part in regions for zone in part)]))
    names = [n for group in known.countries.values() for n in group]
    names += [n for entry in known.several for n in entry.countries]
    assert len(names) == len(set(names))
    for part in regions:
        inside = [n for group in part.values() for n in group]
        assert len(inside) == len(set(inside))
    assert all(name == name.lower() for name in names)


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("Norway", "", "Europe/Oslo"),
        ("NO", "", "Europe/Oslo"),
        ("United States", "California", "America/Los_Angeles"),
        ("Canada", "CA", UNKNOWN_ZONE),
        ("CA", "AB", "America/Edmonton"),
        ("Brazil", "MS", UNKNOWN_ZONE),
        ("USA", "", UNKNOWN_ZONE),
        ("", "", UNKNOWN_ZONE),
    ],
)
def test_zones_of_places(country, region, zone):
    assert zone_of(country, region) == zone


def test_a_zone_that_does_not_exist_gives_way_to_the_country():
    frame = pd.DataFrame({"time_zone": ["Mars/Base", "../etc"], "country": ["Japan", None]})
    assert account_zones(frame).tolist() == ["Asia/Tokyo", UNKNOWN_ZONE]


def test_summer_time_counts():
    assert in_utc(9, "Europe/Berlin", pd.Timestamp("2026-01-30")) == "08:00"
    assert in_utc(9, "Europe/Berlin", pd.Timestamp("2026-07-30")) == "07:00"
    assert in_utc(1, "Asia/Tokyo", pd.Timestamp("2026-07-30")) == "16:00"
    assert in_utc(9, "Europe/Berlin", pd.NaT) == ""


def test_the_plan_says_when_no_zone_is_known(market, make_market):
    assert build_playbook(market, load_playbook())[0].send_times == ()
    assert any(
        gap.startswith("Time zone") for gap in build_playbook(market, load_playbook())[0].gaps
    )
    placed = make_market()
    placed.accounts["country"] = np.where(placed.accounts.index % 3 == 0, "US", "Germany")
    times = build_playbook(placed, load_playbook())[0].send_times
    assert [time.zone for time in times] == ["Europe/Berlin", UNKNOWN_ZONE]
    assert times[1].utc == ""
