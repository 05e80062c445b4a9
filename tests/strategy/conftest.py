"""A small market with segments whose differences are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from seglib.strategy import SegmentedMarket, segmented_market

AS_OF = "2026-09-30"
NEEDS = ("price", "service", "integration")
TOPICS = ("prices and offers", "maintenance and repair", "integration and data")
REASONS = ("price too high", "no budget", "missing integration")
KINDS = ("e-mail click", "event", "webinar")
ROLES = ("buyer", "user", "decision maker")


def build(
    *,
    k: int = 3,
    per: int = 40,
    prospects: int = 10,
    facts: bool = True,
    seed: int = 1,
    lift: float = 0.2,
) -> SegmentedMarket:
    """Make k segments of so many customers; segment s needs NEEDS[s - 1] and is worth s times."""
    rng = np.random.default_rng(seed)
    n = k * per
    segment = np.repeat(np.arange(1, k + 1), per)
    ids = [f"A{i:04d}" for i in range(n)]
    accounts = pd.DataFrame(
        {
            "account_id": ids,
            "status": "customer",
            "revenue_12m": 1000.0 * segment * rng.uniform(0.8, 1.2, n),
            "retained": (rng.random(n) < 0.4 + 0.15 * segment).astype(float),
            "satisfaction": 3.0 + segment + rng.normal(0, 0.5, n),
            "order_count": 5.0 * segment + rng.normal(0, 1, n),
        }
    )
    extra = pd.DataFrame({"account_id": [f"P{i:03d}" for i in range(prospects)]})
    accounts = pd.concat([accounts, extra.assign(status="prospect")], ignore_index=True)
    return segmented_market(
        accounts=accounts,
        assignments=pd.DataFrame(
            {
                "account_id": ids,
                "segment": segment,
                "confidence": 0.95,
                "second_segment": np.where(segment == k, max(k - 1, 1), k),
            }
        ),
        placements=extra.assign(segment=1, confidence=0.6),
        cards=[
            {"segment": s, "name": f"Group {s}", "traits": [f"They are number {s}."]}
            for s in range(1, k + 1)
        ],
        facts=_facts(ids, segment, rng, lift) if facts else {},
        as_of=AS_OF,
        currency="EUR",
    )


def _facts(
    ids: list[str], segment: np.ndarray, rng: np.random.Generator, lift: float
) -> dict[str, pd.DataFrame]:
    n, own = len(ids), (segment - 1) % 3
    frame = pd.DataFrame({"account_id": ids})
    months = pd.date_range("2024-09-01", "2026-09-01", freq="MS")
    orders = frame.merge(pd.DataFrame({"month": months}), how="cross")
    worth = np.repeat(segment, len(months)) * 100.0
    surveys = [
        frame.assign(
            item=f"need:{need}", score=np.clip(4 + 2 * (own == i) + rng.normal(0, 0.7, n), 1, 7)
        )
        for i, need in enumerate(NEEDS)
    ]
    mixed = np.where(rng.random((n, 6)) < 0.6, own[:, None], rng.integers(0, 3, (n, 6)))
    events = pd.DataFrame(
        {
            "account_id": np.repeat(ids, 6),
            "kind": [KINDS[i] for i in mixed.ravel()],
            "topic": [TOPICS[i] for i in mixed.ravel()],
            "hour": 9.0 + mixed.ravel(),
            "role": "user",
            "events": 2,
        }
    )
    won = rng.random(n) < 0.2 + 0.1 * segment
    held = rng.random(n) < 0.4
    return {
        "orders": orders.assign(orders=1, lines=1, amount=worth, cost=0.6 * worth),
        "surveys": pd.concat(surveys, ignore_index=True),
        "engagements": events,
        "contacts": frame.assign(role=[ROLES[i] for i in own], seniority="staff", contacts=1),
        "opportunities": frame.assign(
            opportunity_id=ids,
            created_date=pd.Timestamp("2026-02-01"),
            closed_date=pd.Timestamp("2026-05-01"),
            stage="closed",
            outcome=np.where(won, "won", "lost"),
            amount=5000.0 * segment,
            competitors=4 - own,
            lost_reason=[None if w else REASONS[i] for w, i in zip(won, mixed[:, 0], strict=True)],
        ),
        "campaigns": pd.DataFrame(
            {
                "campaign_id": ["C1"],
                "channel": ["e-mail"],
                "start_date": [pd.Timestamp("2026-03-01")],
                "end_date": [pd.Timestamp("2026-04-01")],
                "spend": [1000.0],
            }
        ),
        "touches": frame.assign(
            campaign_id="C1",
            touch_date=pd.Timestamp("2026-03-02"),
            held_out=held,
            converted=rng.random(n) < 0.1 + lift * ~held * (segment == 1),
            cost=2.0,
            revenue=300.0,
        ),
    }


@pytest.fixture
def make_market() -> Callable[..., SegmentedMarket]:
    """Factory of small markets; see :func:`build`."""
    return build


@pytest.fixture(scope="session")
def market() -> SegmentedMarket:
    """Three segments with all facts."""
    return build()
