"""The win rate by month: a planted month is found, and hardly any where there is none."""

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.multitest import multipletests

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


def test_a_season_must_pass_the_test_of_all_segments_and_the_whole():
    """Beside others without a season, a p-value under 0.05 is what chance alone gives."""
    segments = range(1, 5)
    given = pd.DataFrame({"account_id": [f"a{s}" for s in segments], "segment": segments})
    parts = [deals(30 + s, n=200, segment=s) for s in segments]
    found = win_season({"opportunities": pd.concat(parts)}, given)
    every = pd.concat(parts, ignore_index=True)
    whole = stats.chi2_contingency(
        pd.crosstab(every["outcome"], every["closed_date"].dt.month), correction=False
    ).pvalue
    expected = multipletests([*found.tests["p"], whole], method="holm")[1][:-1]
    assert np.allclose(found.tests["p_holm"], expected)


def test_one_segment_is_adjusted_for_the_whole_too():
    row = win_season({"opportunities": deals(3, n=2000)}, GIVEN).tests.iloc[0]
    assert row["p_holm"] == min(1.0, 2 * row["p"])


def test_in_a_market_of_six_segments_without_seasons_hardly_any_is_named():
    segments = range(1, 7)
    given = pd.DataFrame({"account_id": [f"a{s}" for s in segments], "segment": segments})
    named = 0
    for seed in range(25):
        rows = pd.concat([deals(100 * seed + s, n=150, segment=s) for s in segments])
        tests = win_season({"opportunities": rows}, given).tests
        named += bool((tests["p_holm"] < 0.05).any())
    assert named <= 3  # 1 expected; without the adjustment 7 would be


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
