"""Poor data: every part of the step still says something, and says what is wrong."""

import numpy as np
import pandas as pd
import pytest

from seglib import measurement
from seglib.charts import measurement as charts
from seglib.charts import measurement_outcomes as outcomes
from seglib.collection.account_table import AccountTable
from seglib.exhibits import Chart, Note, Table
from seglib.measurement.cohort import Cohort

DAY, NOW = pd.Timestamp("2025-09-30"), pd.Timestamp("2026-09-30")
ALONE = Note("The study names no previous run.", kind="missing")


def facts():
    """Returns larger than sales, a contaminated hold-out, overlapping campaigns, odd opinions."""
    ids = ["a", "b", "c", "d"]
    orders = pd.DataFrame(
        {
            "account_id": ids * 2,
            "month": [pd.Timestamp("2025-08-01")] * 4 + [pd.Timestamp("2026-08-01")] * 4,
            "orders": 1,
            "amount": [50.0, 10.0, -20.0, 0.0, -90.0, 10.0, -5.0, 0.0],
        }
    )
    touches = pd.DataFrame(
        {
            "campaign_id": ["C1", "C1", "C1", "C2", "C2", "C2"],
            "account_id": ["a", "a", "b", "b", "c", "d"],
            "touch_date": pd.Timestamp("2026-07-02"),
            "held_out": [True, False, True, False, True, False],
            "converted": [False, True, True, False, False, True],
            "cost": [0.0, 1.0, 1.0, 1.0, 0.0, 1.0],
        }
    )
    campaigns = pd.DataFrame(
        {"campaign_id": ["C1", "C2"], "start_date": pd.Timestamp("2026-07-01"),
         "end_date": pd.Timestamp("2026-07-20")}
    )  # fmt: skip
    deals = pd.DataFrame(
        {"account_id": ["a"], "created_date": pd.Timestamp("2026-07-01"), "amount": 5.0,
         "closed_date": pd.Timestamp("2026-08-01"), "outcome": ["won"]}
    )  # fmt: skip
    return {"orders": orders, "touches": touches, "campaigns": campaigns, "opportunities": deals}


@pytest.fixture
def market(make_market):
    """Segment 2 is a single account."""
    found = make_market(facts())
    found.accounts["segment"] = [1, 1, 1, 2]
    return found


def shown(exhibit):
    assert isinstance(exhibit, Chart | Note | Table)
    return exhibit._repr_html_()


def test_every_part_still_stands(market):
    measured = measurement.kpis(market)
    assert np.isfinite(measured.table["numerator"]).all()
    readout = measurement.campaign_readout(market)
    said = " ".join(repr(note) for note in readout.notes)
    assert "C1: 1 accounts were treated and held out at the same time" in said
    assert "C1: 1 accounts held out have a cost" in said
    for table in (
        measurement.latest_table(measured),
        measurement.campaigns_table(readout),
        measurement.lifts_table(readout),
        measurement.funnel_table(measurement.funnel(market)),
        charts.kpi_by_segment(measured, "revenue", market),
        charts.kpi_over_periods(measured, "net_revenue_retention", market),
        charts.lift_by_segment(readout, market),
    ):
        assert shown(table)
    assert measurement.findings(measured, readout, ALONE)


def test_retention_and_payoff_of_a_handful(market):
    segments = market.accounts[["account_id", "segment"]]
    cohort = Cohort(DAY, segments, AccountTable(segments, {}), market.names, "a test")
    followed = measurement.retention(cohort, market.facts, NOW)
    assert followed.summary["accounts"].min() >= 1
    assert shown(outcomes.retention_curves(followed))
    paid = measurement.payoff(cohort, market.facts, NOW, seed=7)
    assert "are needed" in shown(outcomes.payoff_by_grouping(paid))
    assert measurement.payoff_table(paid) is None


def test_a_segment_of_one_is_looked_after(market):
    placed = market.accounts[["account_id", "segment"]].assign(confidence=0.9, second_segment=1)
    found = measurement.upkeep(placed, market.accounts, ["x"], market.names, min_share=0.05)
    assert found["accounts"].tolist() == [3, 1]
    assert shown(measurement.upkeep_table(found))
