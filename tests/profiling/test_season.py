import numpy as np
import pandas as pd
import pytest

from seglib.profiling import season
from seglib.quotes import bare

AS_OF = pd.Timestamp("2026-09-30")


def made(n, rate, *, trend=0.0, burst=False, peak=0, seed=0, years=3):
    """Orders of n accounts of one segment, by month."""
    rng = np.random.default_rng(seed)
    months = pd.date_range(end="2026-09-01", periods=12 * years, freq="MS")
    size = rng.gamma(1.5, 1 / 1.5, n)[:, None]
    growth = np.exp(trend * np.arange(len(months)) / 12) * months.days_in_month.to_numpy() / 30.4
    high = np.where(months.month.to_numpy() == peak, 2.5, 1.0)
    mean = rate * size * growth * high
    counts = rng.poisson(mean * (rng.gamma(0.7, 1 / 0.7, mean.shape) if burst else 1.0))
    account, month = np.nonzero(counts)
    orders = pd.DataFrame({
        "account_id": [f"a{i}" for i in account], "month": months[month],
        "orders": counts[account, month],
    })  # fmt: skip
    given = pd.DataFrame({"account_id": [f"a{i}" for i in range(n)], "segment": 1})
    return {"orders": orders}, given


def test_the_planted_month_is_found_and_no_other(market):
    found = season(market.facts, market.assignments, AS_OF)
    assert found.source == "orders"
    tests = found.tests.set_index("segment")
    assert tests["peak"].tolist() == [5, 0, 0, 0]
    said = bare(tests.loc[1, "sentence"])
    assert said.startswith("Buys most in May: 2.2 × a month without season")
    may = found.months.query("segment == 1 and month == 5").iloc[0]
    assert 2.0 < may["low"] < may["index"] < may["high"] < 2.4


def test_events_and_expectation_add_up(market):
    months = season(market.facts, market.assignments, AS_OF).months
    sums = months.groupby("segment")[["events", "expected"]].sum()
    assert sums["events"].tolist() == pytest.approx(sums["expected"].tolist())


@pytest.mark.parametrize(
    ("n", "test"), [(60, "Wald F"), (15, "quasi-Poisson F")], ids=["many", "few"]
)
def test_bursts_and_growth_are_no_season(n, test):
    alarms = 0
    for seed in range(60):
        facts, given = made(n, 0.6, trend=0.15, burst=True, seed=seed)
        row = season(facts, given, AS_OF).tests.iloc[0]
        assert row["test"] == test
        alarms += row["p"] < 0.05
    assert alarms <= 8


@pytest.mark.parametrize("n", [60, 15])
def test_a_peak_is_seen_through_bursts(n):
    facts, given = made(n, 1.0, burst=True, peak=11, seed=1)
    assert season(facts, given, AS_OF).tests["peak"].item() == 11


def test_a_month_that_peaked_in_one_year_only_is_no_season():
    facts, given = made(60, 1.0, seed=2)
    orders = facts["orders"]
    once = orders[orders["month"] == "2025-05-01"]
    facts = {"orders": pd.concat([orders, *[once] * 5])}
    row = season(facts, given, AS_OF).tests.iloc[0]
    assert row["p_holm"] < 0.05
    assert row["peak"] == 0
    assert "but none stands out every year" in row["sentence"]


def test_an_unknown_end_leaves_the_last_month_out():
    facts, given = made(40, 1.0, years=3)
    found = season(facts, given, pd.NaT).tests.iloc[0]
    assert found["years"] == 2


def test_only_whole_years_up_to_the_last_full_month_count():
    facts, given = made(40, 1.0, years=2)
    whole = season(facts, given, AS_OF).tests.iloc[0]
    assert whole["years"] == 2
    cut = season(facts, given, pd.Timestamp("2026-09-29")).tests.iloc[0]
    assert cut["years"] == 1
    assert cut["events"] < whole["events"]


def test_a_single_year_shows_no_season():
    facts, given = made(40, 2.0, years=1, peak=3)
    row = season(facts, given, AS_OF).tests.iloc[0]
    assert row["peak"] == 0
    assert row["p"] < 0.05
    assert row["sentence"].endswith("cannot tell a season from a trend or a campaign.")


def test_few_events_are_not_tested():
    facts, given = made(5, 0.2)
    row = season(facts, given, AS_OF).tests.iloc[0]
    assert np.isnan(row["p"])
    assert row["sentence"].startswith("Too few events to look for a season")


def test_without_orders_the_won_deals_count(market):
    rows = market.facts["opportunities"].assign(
        closed_date=lambda f: f["created_date"] + pd.Timedelta(days=40)
    )
    found = season({"opportunities": rows}, market.assignments, AS_OF)
    assert found.source == "opportunities"
    won = rows["outcome"] == "won"
    assert 0 < found.tests["events"].sum() < won.sum()


@pytest.mark.parametrize("as_of", ["2024-03-31", "2023-01-01"])
def test_less_than_a_year_is_no_season(market, as_of):
    found = season({"orders": market.facts["orders"]}, market.assignments, pd.Timestamp(as_of))
    assert found.tests.empty
    assert found.source == ""
    assert season({}, market.assignments, AS_OF).months.empty
