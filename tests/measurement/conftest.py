"""A small market whose KPIs can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import pytest

from seglib.strategy import SegmentedMarket, segmented_market

IDS = ["a", "b", "c", "d", "x"]
SEGMENTS = [1, 1, 2, 2]


def build(
    facts: Mapping[str, pd.DataFrame], *, as_of: str = "2026-09-30", **columns: list[float]
) -> SegmentedMarket:
    """Accounts a and b in segment 1, c and d in segment 2, x in none."""
    return segmented_market(
        accounts=pd.DataFrame({"account_id": IDS, **columns}),
        assignments=pd.DataFrame({"account_id": IDS[:4], "segment": SEGMENTS}),
        cards=[{"segment": 1, "name": "One"}, {"segment": 2, "name": "Two"}],
        facts=facts,
        as_of=as_of,
        currency="EUR",
    )


def campaign(
    seed: int, rates: Mapping[int, tuple[float, float]], n: int = 600, hold_out: float = 0.4
) -> SegmentedMarket:
    """One campaign; rates: segment → (held out, treated) probability of a conversion."""
    rng = np.random.default_rng(seed)
    segment = rng.choice(list(rates), n)
    held = rng.random(n) < hold_out
    chance = np.array([rates[s][0 if h else 1] for s, h in zip(segment, held, strict=True)])
    accounts = pd.DataFrame({"account_id": [f"A{i:05d}" for i in range(n)]})
    touches = accounts.assign(
        campaign_id="C1",
        touch_date=pd.Timestamp("2026-05-01"),
        held_out=held,
        converted=rng.random(n) < chance,
    )
    return segmented_market(
        accounts=accounts, assignments=accounts.assign(segment=segment), cards=[],
        facts={"touches": touches}, as_of="2026-09-30",
    )  # fmt: skip


@pytest.fixture
def make_market() -> Callable[..., SegmentedMarket]:
    """Factory of markets of five accounts; see :func:`build`."""
    return build


@pytest.fixture
def make_campaign() -> Callable[..., SegmentedMarket]:
    """Factory of markets with one campaign; see :func:`campaign`."""
    return campaign
