"""Hold-outs are random, uplifts are those that were planted, conversions are orders."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from seglib.demo import Market, generate_market
from seglib.demo.campaigns import WINDOW


@pytest.fixture(scope="module")
def market() -> Market:
    return generate_market(15_000, seed=4, dirt=0.0)


@pytest.fixture(scope="module")
def touches(market: Market) -> pd.DataFrame:
    segment = market.truth["segments"].set_index("account_id")["segment"]
    table = market.tables["touches"]
    return table.assign(
        segment=table["account_id"].map(segment), converted=table["converted_date"].notna()
    )


def test_the_hold_out_is_a_random_quarter_in_every_segment(touches: pd.DataFrame) -> None:
    p_values = []
    for _, campaign in touches.groupby("campaign_id"):
        counts = pd.crosstab(campaign["segment"], campaign["held_out"])
        p_values.append(chi2_contingency(counts).pvalue)
        assert campaign["held_out"].mean() == pytest.approx(0.25, abs=0.02)
    assert min(p_values) > 0.05 / len(p_values) / 10


def test_the_planted_uplift_is_found_again(market: Market, touches: pd.DataFrame) -> None:
    cells = touches.groupby(["campaign_id", "segment", "held_out"])["converted"]
    rate, count = cells.mean().unstack(), cells.size().unstack()
    truth = market.truth["campaign_effects"].set_index(["campaign_id", "segment"])
    base, uplift = truth["base_rate"], truth["uplift"]
    expected = pd.DataFrame({False: base + uplift, True: base})
    error = np.sqrt((expected * (1 - expected) / count).sum(axis=1))
    z = (rate[False] - rate[True] - uplift) / error
    assert len(z) == len(truth) == 40
    assert z.abs().max() < 4
    assert abs(z.mean()) < 4 / np.sqrt(len(z))


def test_one_campaign_works_in_two_segments_only_and_one_not_at_all(market: Market) -> None:
    uplift = market.truth["campaign_effects"].pivot(
        index="campaign_id", columns="segment", values="uplift"
    )
    assert (uplift.loc["C05"] > 0).sum() == 2
    assert (uplift.loc["C04"] == 0).all()
    assert (uplift.loc["C06"] < 0).any()


def test_a_conversion_lies_in_the_window_and_is_an_order(
    market: Market, touches: pd.DataFrame
) -> None:
    converted = touches[touches["converted"]]
    days = (converted["converted_date"] - converted["touch_date"]).dt.days
    orders = market.tables["orders"].rename(columns={"order_date": "converted_date"})
    orders = orders.assign(revenue=orders["amount"])
    keys = ["account_id", "converted_date", "revenue"]
    found = converted[keys].merge(orders[keys].drop_duplicates(), on=keys)
    assert days.between(0, WINDOW).all()
    assert len(found) == len(converted)
    assert (touches["revenue"] > 0).equals(touches["converted"])


def test_only_treated_accounts_cost_money(market: Market, touches: pd.DataFrame) -> None:
    spend = market.tables["campaigns"].set_index("campaign_id")["spend"]
    cost = touches.groupby("campaign_id")["cost"].sum()
    assert (touches.loc[touches["held_out"], "cost"] == 0).all()
    assert (spend[cost.index] > cost).all()
