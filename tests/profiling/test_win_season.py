"""The win rate by month: a planted month is found, and hardly any where there is none."""

import numpy as np
import pandas as pd
from scipy import stats

from seglib.profiling import win_season
from seglib.profiling.win_season import fiscal_months


def deals(seed, n=600, peak=0, segment=1):
    rng = np.random.default_rng(seed)
    closed = pd.Timestamp("2023-10-01") + pd.to_timedelta(rng.integers(0, 1095, n), unit="D")
    chance = np.where(closed.month == peak, 0.85, 0.4)
    return pd.DataFrame({
        "account_id": f"a{segment}", "closed_date": closed,
        "outcome": np.where(rng.random(n) < chance, "won", "lost"),
    })  # fmt: skip


GIVEN = pd.DataFrame({"account_id": ["a1", "a2"], "segment": [1, 2]})


def test_the_planted_month_is_named_and_no_other():
    rows = pd.concat([deals(1, peak=4), deals(2, segment=2)])
    found = win_season({"opportunities": rows}, GIVEN)
    tests = found.tests.set_index("segment")
    assert tests["peaks"].tolist() == [1, 0]
    assert "in April" in tests.loc[1, "sentence"]
    assert tests.loc[2, "sentence"].startswith("No season in the win rate is shown")


def test_the_test_is_that_of_scipy_and_the_months_add_up():
    rows = deals(3, n=2000)
    found = win_season({"opportunities": rows}, GIVEN)
    table = pd.crosstab(rows["outcome"], rows["closed_date"].dt.month)
    assert found.tests["p"].iloc[0] == stats.chi2_contingency(table, correction=False).pvalue
    assert found.months["closed"].sum() == 2000
    assert found.months["won"].sum() == (rows["outcome"] == "won").sum()


def test_false_alarms_are_rare():
    alarms = [
        win_season({"opportunities": deals(seed, n=300)}, GIVEN).tests["peaks"].iloc[0] > 0
        for seed in range(100)
    ]
    assert np.mean(alarms) <= 0.05


def test_few_deals_are_not_tested_and_open_ones_not_counted():
    rows = deals(1, n=59)
    rows = pd.concat([rows, rows.assign(outcome=None), rows.assign(closed_date=pd.NaT)])
    row = win_season({"opportunities": rows}, GIVEN).tests.iloc[0]
    assert row["closed"] == 59
    assert row["sentence"].startswith("Too few deals")
    assert win_season({}, GIVEN).tests.empty


def test_the_fiscal_year_begins_where_the_study_says():
    assert fiscal_months(1) == list(range(1, 13))
    assert fiscal_months(4) == [4, 5, 6, 7, 8, 9, 10, 11, 12, 1, 2, 3]
