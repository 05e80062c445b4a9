import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seglib.collection.account_table import AccountTable
from seglib.errors import StudyError
from seglib.profiling import profile, profiled_variables
from seglib.schema import ColumnInfo


@pytest.fixture(scope="module")
def profiles(market):
    return profile(market.accounts, market.assignments, seed=1)


def test_means_and_medians_are_those_of_the_segments(market, profiles):
    joined = market.accounts.frame.merge(market.assignments, on="account_id")
    rows = profiles[profiles["variable"] == "employees"].set_index("segment")
    own = joined.groupby("segment")["employees"]
    assert rows["mean"].tolist() == pytest.approx(own.mean().loc[1:].tolist())
    assert rows["median"].tolist() == pytest.approx(own.median().loc[1:].tolist())
    assert rows["overall"].unique() == pytest.approx(joined["employees"].mean())
    assert (rows["low"] < rows["mean"]).all()


def test_p_is_that_of_the_rank_sum_test_against_the_rest(market, profiles):
    joined = market.accounts.frame.merge(market.assignments, on="account_id")
    inside = joined["segment"] == 3
    test = stats.mannwhitneyu(
        joined.loc[inside, "need_price"], joined.loc[~inside, "need_price"],
        use_continuity=False, method="asymptotic",
    )  # fmt: skip
    row = profiles[(profiles["variable"] == "need_price") & (profiles["segment"] == 3)].iloc[0]
    assert row["p"] == pytest.approx(test.pvalue)
    expected = 2 * test.statistic / (inside.sum() * (~inside).sum()) - 1
    assert row["strength"] == pytest.approx(expected)


def test_a_category_has_a_row_for_each_level(profiles):
    rows = profiles[(profiles["variable"] == "industry") & (profiles["segment"] == 1)]
    assert rows["level"].tolist() == ["Energy", "Food", "Health care", "Retail"]
    assert rows["mean"].sum() == pytest.approx(1)
    health = rows[rows["level"] == "Health care"].iloc[0]
    assert health["marker"]
    assert health["distinct"]


def test_only_planted_differences_are_distinct(profiles):
    planted = {"employees", "industry", "orders_per_year", "need_price", "revenue"}
    assert set(profiles.loc[profiles["distinct"], "variable"]) == planted


def test_markers_follow_their_rules(profiles):
    metric = profiles[profiles["scale"] != "share"]
    outside = (metric["overall_median"] < metric["q25"]) | (
        metric["overall_median"] > metric["q75"]
    )
    assert (metric["marker"] == outside).all()
    shares = profiles[profiles["scale"] == "share"]
    gap = (shares["mean"] - shares["overall"]).abs()
    assert (shares["marker"] == ((gap >= 0.25) | (gap / shares["overall"] >= 0.5))).all()


def test_noise_is_hardly_ever_distinct():
    info = {
        f"v{i}": ColumnInfo(name=f"v{i}", role="base", kind="number", label=f"V{i}", definition="v")
        for i in range(10)
    }
    found = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        frame = pd.DataFrame(rng.lognormal(size=(120, 10)), columns=list(info))
        frame.insert(0, "account_id", [str(i) for i in range(120)])
        given = pd.DataFrame(
            {"account_id": frame["account_id"], "segment": rng.integers(1, 5, 120)}
        )
        found += profile(AccountTable(frame, info), given, seed=1)["distinct"].any()
    assert found <= 3


def test_unknown_names_are_refused(market):
    with pytest.raises(StudyError, match="Did you mean 'employees'"):
        profile(market.accounts, market.assignments, ["emplyees"], seed=1)


def test_ids_dates_and_status_are_not_profiled(market):
    assert "account_id" not in profiled_variables(market.accounts)
    assert "status" not in profiled_variables(market.accounts)


def test_a_variable_without_values_gives_no_rows(market):
    frame = market.accounts.frame.assign(employees=np.nan)
    found = profile(AccountTable(frame, market.accounts.columns), market.assignments,
                    ["employees", "need_price"], seed=1)  # fmt: skip
    assert set(found["variable"]) == {"need_price"}
