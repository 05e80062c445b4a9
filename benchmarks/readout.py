"""Does the readout of campaigns, and the refresh, say what was planted?

Prediction (before the first run): 95 % intervals of a lift cover the planted one in 93-97 % of the
cases, in single segments rather above (Newcombe's interval is a little wide in small cells); a
campaign without effect is called effective in at most 5 %; a quiet quarter raises an alarm in at
most 5 %, and a drift of half a standard deviation in one variable in eight is always found.

Result (2026-11-28, 200 markets of 800 accounts, 100 quarters): coverage 95.0 % for whole campaigns
and 96.7 % by segment; 1.5 % of the readings of the campaign without effect, and 1.2 % of those of
segments without one, were called effective; 1 % alarms in quiet quarters, both planted changes
found in all. With 800 accounts only 3 % of the campaigns with a lift from 5 points on are called
effective, with 4,000 accounts (60 markets) 32 %: the others are called too small to say, which they
are (coverage there 96.1 and 95.5 %).

Campaigns: the eight of the demo market (six for customers, two for prospects; one without effect),
accounts in their planted segments, 200 markets. Refresh: 600 accounts of four segments on eight
variables; a quarter later their values have moved (correlation .97), one in twenty is new, and all
are placed by the same centres; then the same with a planted change.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import pandas as pd

from seglib.demo import campaigns as wave
from seglib.demo.lives import enter, leave
from seglib.demo.world import build_world
from seglib.measurement import Snapshot, campaign_readout, compare_snapshots
from seglib.strategy import segmented_market

EFFECTIVE = ("worked", "did harm")
VARIABLES = [f"v{j}" for j in range(8)]
KEPT = 0.97  # correlation of an account's value with that of the quarter before
NEW = 0.05  # share of the accounts that are new
Array = np.ndarray


def campaigns(seed: int, accounts: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the campaigns of one market: whole campaigns, and campaigns by planted segment."""
    world = build_world(accounts, seed=seed, dirt=0.0)
    created, since = enter(world)
    waves, since = wave.win_prospects(world, created, since)
    lives = leave(world, created, since)
    waves = wave.reach_customers(world, lives.customer_from, lives.left)
    truth = wave.campaign_effects(world, waves)
    touches = wave.touches(world, waves)
    ids = pd.DataFrame({"account_id": world.ids, "segment": world.segment + 1})
    market = segmented_market(
        accounts=ids[["account_id"]], assignments=ids, cards=[], as_of="2026-09-30",
        facts={"touches": touches.assign(converted=touches["converted_date"].notna())},
    )  # fmt: skip
    found = campaign_readout(market)
    number = {name: s for s, name in enumerate(world.planted.segments, start=1)}
    truth = truth.assign(segment=truth["segment"].map(number))
    split = found.by_segment.merge(truth, on=["campaign_id", "segment"])
    weighted = truth.assign(weighted=truth["uplift"] * truth["accounts"])
    sums = weighted.groupby("campaign_id")[["weighted", "accounts"]].sum()
    whole = sums["weighted"] / sums["accounts"]
    overall = found.overall.assign(uplift=found.overall["campaign_id"].map(whole))
    return overall, split


def coverage(rows: pd.DataFrame) -> float:
    """Share of the intervals in which the planted lift lies."""
    known = rows.dropna(subset=["low", "high"])
    inside = (known["low"] <= known["uplift"]) & (known["uplift"] <= known["high"])
    return float(inside.mean())


def quarter(seed: int, change: str) -> tuple[Snapshot, Snapshot]:
    """Two runs a quarter apart: quiet, or with a planted change."""
    rng = np.random.default_rng(seed)
    centers = 1.5 * rng.normal(size=(4, len(VARIABLES)))
    group = rng.choice(4, 600, p=[0.4, 0.3, 0.2, 0.1])
    before = rng.normal(size=(600, len(VARIABLES)))
    after = KEPT * before + np.sqrt(1 - KEPT**2) * rng.normal(size=before.shape)
    fresh = rng.random(600) < NEW
    after[fresh] = rng.normal(size=(int(fresh.sum()), len(VARIABLES)))
    now = np.where(fresh, rng.choice(4, 600, p=[0.4, 0.3, 0.2, 0.1]), group)
    if change == "a segment melts away":
        now = np.where((now == 1) & (rng.random(600) < 0.6), 0, now)
    first, second = centers[group] + before, centers[now] + after
    if change == "one variable shifts by 0.5":
        second[:, 0] += 0.5 * second[:, 0].std()
    ids = np.array([f"A{i:04d}" for i in range(600)], dtype=object)
    return _snapshot("before", ids, first, centers), _snapshot(
        "now", np.where(fresh, "N" + ids, ids), second, centers
    )


def _snapshot(name: str, ids: Array, X: Array, centers: Array) -> Snapshot:
    away = np.sort(((X[:, None] - centers) ** 2).sum(axis=2), axis=1)
    segment = ((X[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1) + 1
    accounts = pd.DataFrame({"account_id": ids, **dict(zip(VARIABLES, X.T, strict=True))})
    placed = accounts[["account_id"]].assign(segment=segment, shadow=away[:, 0] / away[:, 1])
    return Snapshot(name, placed, accounts, {s: f"Segment {s}" for s in range(1, 5)})


def alarms(seeds: int, change: str) -> float:
    """Share of the quarters in which the refresh does not say 'keep'."""
    runs = (quarter(seed, change) for seed in range(seeds))
    found = [compare_snapshots(*pair, VARIABLES).decision != "keep" for pair in runs]
    return float(np.mean(found))


def figures(seeds: int, quarters: int, accounts: int = 800) -> dict[str, float]:
    """All figures of the benchmark.

    Parameters
    ----------
    seeds
        Markets whose campaigns are read.
    quarters
        Pairs of runs that are compared.
    accounts
        Of a market.
    """
    read = [campaigns(seed, accounts) for seed in range(seeds)]
    overall, split = (pd.concat(parts, ignore_index=True) for parts in zip(*read, strict=True))
    nothing = overall[overall["uplift"] == 0]
    real = overall[overall["uplift"] >= 0.05]
    quiet = split[(split["uplift"] == 0) & split["lift"].notna()]
    return {
        "coverage, whole campaigns": coverage(overall),
        "coverage, by segment": coverage(split),
        "null campaigns called effective": float(nothing["verdict"].isin(EFFECTIVE).mean()),
        "null segments called effective": float(quiet["verdict"].isin(EFFECTIVE).mean()),
        "null campaigns where segments seem to differ": float(
            (nothing["p_interaction_holm"] < 0.05).mean()
        ),
        "lifts from 5 points called effective": float(real["verdict"].isin(EFFECTIVE).mean()),
        "alarms in a quiet quarter": alarms(quarters, ""),
        "one variable shifts by 0.5: found": alarms(quarters, "one variable shifts by 0.5"),
        "a segment melts away: found": alarms(quarters, "a segment melts away"),
    }


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, help="markets")
    parser.add_argument("--quarters", type=int, default=100, help="pairs of runs")
    parser.add_argument("--accounts", type=int, default=800, help="of a market")
    options = parser.parse_args()
    start = time.perf_counter()
    found = figures(options.seeds, options.quarters, options.accounts)
    for name, value in found.items():
        print(f"{name:<48}{value:8.1%}")
    print(f"{options.seeds} markets, {options.quarters} quarters: "
          f"{time.perf_counter() - start:.0f} s")  # fmt: skip


if __name__ == "__main__":
    main()
