"""KPIs by segment and period, counted by hand."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seglib.measurement import kpi_catalogue, kpis
from seglib.measurement.contributions import CONTRIBUTIONS
from seglib.measurement.periods import last_periods
from seglib.objectives.catalogue import objectives
from seglib.strategy import segmented_market


def day(text):
    return pd.Timestamp(text)


DEALS = pd.DataFrame(
    {
        "opportunity_id": list("12345"),
        "account_id": ["a", "a", "c", "x", "d"],
        "created_date": [day("2026-04-10")] * 4 + [day("2026-08-01")],
        "closed_date": pd.to_datetime(
            ["2026-08-01", "2026-05-02", "2026-09-30", "2026-07-01", None]
        ),
        "outcome": ["won", "lost", "won", "lost", None],
        "amount": [100.0, 50.0, 10.0, 30.0, 70.0],
    }
)  # fmt: skip
ORDERS = pd.DataFrame(
    {
        "account_id": ["a", "b", "c", "a", "x", "c"],
        "month": pd.to_datetime(
            ["2025-07-01", "2025-08-01", "2025-09-01", "2026-07-01", "2026-07-01", "2026-09-01"]
        ),
        "orders": 1,
        "amount": [10.0, 20.0, 30.0, 100.0, 5.0, -40.0],
    }
)  # fmt: skip


def row(measured, kpi, period, segment):
    found = measured.of(kpi)
    return found[(found["period"] == period) & (found["segment"] == segment)].iloc[0]


def test_the_catalogue_and_the_code_are_in_step():
    assert set(kpi_catalogue()) == set(CONTRIBUTIONS)
    groups = {kpi.group for kpi in kpi_catalogue().values()}
    asked = {name for objective in objectives().values() for name in objective.kpis}
    assert asked <= groups


def test_periods_are_whole():
    assert last_periods(day("2026-09-30"), "quarter", 1).labels == ["2026 Q3"]
    assert last_periods(day("2026-09-29"), "quarter", 1).labels == ["2026 Q2"]
    assert last_periods(day("2026-02-28"), "month", 2).labels == ["2026-01", "2026-02"]
    assert len(last_periods(day("2026-09-30"), "quarter").labels) == 8


def test_conversion_by_hand(make_market):
    measured = kpis(make_market({"opportunities": DEALS}))
    first = row(measured, "conversion", "2026 Q3", 1)
    assert (first["numerator"], first["denominator"], first["value"]) == (1, 1, 1.0)
    assert first["whole"] == pytest.approx(2 / 3)
    assert first["low"] == pytest.approx(0.2065, abs=1e-4)
    assert row(measured, "conversion", "2026 Q2", 1)["value"] == 0.0
    assert any("33 %" in repr(note) or "25 %" in repr(note) for note in measured.notes)


def test_pipeline_by_hand(make_market):
    measured = kpis(make_market({"opportunities": DEALS}))
    assert row(measured, "pipeline_opened", "2026 Q2", 1)["value"] == 150.0
    assert row(measured, "pipeline_opened", "2026 Q3", 2)["value"] == 70.0
    assert row(measured, "pipeline_open", "2026 Q2", 1)["value"] == 100.0
    assert row(measured, "pipeline_open", "2026 Q3", 1)["value"] == 0.0
    assert row(measured, "pipeline_open", "2026 Q3", 2)["value"] == 70.0
    opened = row(measured, "pipeline_opened", "2026 Q2", 1)
    half = 1.959964 * np.sqrt(100.0**2 + 50.0**2)
    assert opened["high"] == pytest.approx(150 + half, abs=1e-3)
    assert opened["low"] == 0


def test_revenue_and_retention_by_hand(make_market):
    measured = kpis(make_market({"orders": ORDERS}))
    assert row(measured, "revenue", "2026 Q3", 1)["value"] == 100.0
    assert row(measured, "revenue", "2026 Q3", 2)["value"] == -40.0
    assert row(measured, "revenue", "2026 Q3", 2)["denominator"] == 0
    kept = row(measured, "retention", "2026 Q3", 1)
    assert (kept["numerator"], kept["denominator"]) == (1, 2)
    lost = row(measured, "retention", "2026 Q3", 2)
    assert (lost["numerator"], lost["denominator"]) == (0, 1)
    active = row(measured, "active_accounts", "2026 Q3", 2)
    assert (active["numerator"], active["denominator"]) == (0, 1)


def test_net_revenue_retention_by_hand(make_market):
    later = pd.DataFrame(
        {
            "account_id": ["b", "d"],
            "month": [day("2026-09-01"), day("2026-09-01")],
            "orders": 1,
            "amount": [5.0, 999.0],
        }
    )
    measured = kpis(make_market({"orders": pd.concat([ORDERS, later])}))
    first = row(measured, "net_revenue_retention", "2026 Q3", 1)
    assert (first["numerator"], first["denominator"]) == (105.0, 30.0)
    assert first["value"] == pytest.approx(3.5)
    without = np.array([5 / 20, 100 / 10])  # the ratio without a, without b
    error = np.sqrt((without.size - 1) * np.var(without))
    factor = np.exp(stats.t.ppf(0.975, 1) * error / 3.5)
    assert first["high"] == pytest.approx(3.5 * factor)
    assert first["low"] == pytest.approx(3.5 / factor)
    second = row(measured, "net_revenue_retention", "2026 Q3", 2)  # one account: no interval
    assert second["value"] == pytest.approx(-40 / 30)
    assert np.isnan(second["low"])
    assert second["whole"] == pytest.approx(65 / 60)


def test_net_recurring_revenue_retention_by_hand(make_market):
    contracts = pd.DataFrame(
        {
            "account_id": ["a", "a", "b", "c", "d"],
            "start_date": pd.to_datetime(
                ["2024-01-01", "2026-01-01", "2024-01-01", "2024-01-01", "2026-01-01"]
            ),
            "end_date": pd.to_datetime([None, None, "2026-03-01", None, None]),
            "monthly_fee": [100.0, 30.0, 50.0, 80.0, 70.0],
        }
    )
    measured = kpis(make_market({"subscriptions": contracts}))
    first = row(measured, "contract_revenue_retention", "2026 Q3", 1)
    assert (first["numerator"], first["denominator"]) == (130.0, 150.0)
    assert row(measured, "contract_revenue_retention", "2026 Q3", 2)["value"] == 1.0


@pytest.mark.parametrize("spread", [0.7, 1.8])  # of the logarithm: at 1.8 a few accounts are most
def test_the_interval_of_a_ratio_covers(spread):
    covered = []
    for seed in range(5):
        rng = np.random.default_rng(seed)
        segments, n = 150, 40
        segment = np.repeat(np.arange(1, segments + 1), n)
        ids = [f"A{i}" for i in range(len(segment))]
        then = rng.lognormal(0, spread, len(ids))
        now = then * 0.9 * rng.lognormal(-0.125, 0.5, len(ids))
        frame = pd.DataFrame({"account_id": ids * 2, "orders": 1})
        frame["month"] = [day("2025-08-01")] * len(ids) + [day("2026-08-01")] * len(ids)
        frame["amount"] = [*then, *now]
        accounts = pd.DataFrame({"account_id": ids})
        market = segmented_market(
            accounts=accounts, assignments=accounts.assign(segment=segment), cards=[],
            facts={"orders": frame}, as_of="2026-09-30",
        )  # fmt: skip
        found = kpis(market).latest("net_revenue_retention")
        covered += list((found["low"] <= 0.9) & (found["high"] >= 0.9))
    assert 0.93 <= np.mean(covered) <= 0.98  # 750 intervals


def test_contracts_by_hand(make_market):
    contracts = pd.DataFrame(
        {
            "account_id": ["a", "b", "c"],
            "start_date": [day("2026-01-01"), day("2026-01-01"), day("2026-08-01")],
            "end_date": [pd.NaT, day("2026-08-15"), pd.NaT],
        }
    )
    measured = kpis(make_market({"subscriptions": contracts}))
    kept = row(measured, "contract_retention", "2026 Q3", 1)
    assert (kept["numerator"], kept["denominator"]) == (1, 2)
    active = row(measured, "active_accounts", "2026 Q3", 2)
    assert (active["numerator"], active["denominator"]) == (1, 1)


def touches(**columns):
    frame = pd.DataFrame(
        {
            "campaign_id": "C1",
            "account_id": ["a", "b", "c", "d"],
            "touch_date": day("2026-07-02"),
            "held_out": [False, False, False, True],
            "converted": [True, False, False, True],
        }
    )
    return frame.assign(**columns)


def test_cost_per_acquisition_by_hand(make_market):
    campaigns = pd.DataFrame(
        {"campaign_id": ["C1"], "start_date": [day("2026-07-01")], "spend": [90.0]}
    )  # fmt: skip
    measured = kpis(make_market({"touches": touches(), "campaigns": campaigns}))
    first = row(measured, "cost_per_acquisition", "2026 Q3", 1)
    assert (first["value"], first["numerator"], first["denominator"]) == (60.0, 60.0, 1.0)
    assert first["low"] == pytest.approx(60 / 5.5716, abs=1e-3)
    assert first["high"] == pytest.approx(60 / 0.02532, rel=1e-3)
    none = row(measured, "cost_per_acquisition", "2026 Q3", 2)
    assert np.isnan(none["value"])
    assert np.isnan(none["high"])
    assert none["low"] == pytest.approx(30 / 3.6889, abs=1e-3)


def test_campaigns_without_spend_use_the_cost_of_touches_or_say_so(make_market):
    measured = kpis(make_market({"touches": touches(cost=4.0)}))
    assert row(measured, "cost_per_acquisition", "2026 Q3", 1)["value"] == 8.0
    without = kpis(make_market({"touches": touches()}))
    assert "cost_per_acquisition" not in without.names
    assert any("'Cost per acquisition'" in note.text for note in without.notes)


def test_satisfaction_is_of_the_last_period(make_market):
    measured = kpis(make_market({}, satisfaction=[6.0, 4.0, 7.0, np.nan, 1.0]))
    found = measured.latest("satisfaction")
    assert found["value"].tolist() == [5.0, 7.0]
    assert found["period"].unique().tolist() == ["2026 Q3"]


def test_the_brief_orders_and_months_are_possible(make_market):
    market = make_market({"orders": ORDERS, "opportunities": DEALS})
    assert kpis(market, first=["conversion"]).names[0] == "conversion"
    assert kpis(market, first=["retention"]).names[0] == "retention"
    monthly = kpis(market, period="month")
    assert monthly.latest("revenue")["period"].iloc[0] == "2026-07"
    assert row(monthly, "revenue", "2026-09", 2)["value"] == -40


def test_no_facts_no_dates_no_crash(make_market):
    nothing = kpis(make_market({}))
    assert nothing.names == []
    assert len(nothing.notes) == len(kpi_catalogue())
    undated = kpis(make_market({"orders": ORDERS}, as_of=""))
    assert undated.table.empty
    wanted = "the table 'orders' or 'opportunities' or 'subscriptions' is needed"
    assert wanted in undated.notes[0].text


def test_optional_columns_may_be_absent(make_market):
    deals = DEALS[["account_id", "created_date", "outcome"]]
    measured = kpis(make_market({"opportunities": deals}))
    assert measured.names == []
    no_close = DEALS.drop(columns=["closed_date", "outcome"])
    measured = kpis(make_market({"opportunities": no_close}))
    assert measured.names == ["pipeline_opened", "pipeline_open"]


def test_the_table_is_tidy_and_denominators_are_always_there(make_market):
    table = kpis(make_market({"orders": ORDERS, "opportunities": DEALS})).table
    assert not table.duplicated(["segment", "period", "kpi"]).any()
    assert table[["numerator", "denominator", "of", "unit"]].notna().all().all()
    known = table.dropna(subset=["value", "low", "high"])
    assert (known["low"] <= known["value"] + 1e-9).all()
    assert (known["value"] <= known["high"] + 1e-9).all()
