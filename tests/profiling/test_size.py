import numpy as np
import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.profiling import concentration, segment_sizes, value_variable


def table(**columns):
    n = len(next(iter(columns.values())))
    return AccountTable(pd.DataFrame({"account_id": [f"a{i}" for i in range(n)], **columns}), {})


def given(segments):
    return pd.DataFrame(
        {"account_id": [f"a{i}" for i in range(len(segments))], "segment": segments}
    )


def test_shares_add_up_and_the_planted_values_are_found(market):
    sizes = segment_sizes(market.accounts, market.assignments, seed=1)
    assert sizes["segment"].tolist() == [1, 2, 3, 4, 0]
    assert sizes["accounts"].tolist() == [120, 90, 60, 30, 10]
    assert sizes[["share", "revenue_share"]].sum().tolist() == pytest.approx([1.0, 1.0])
    first = sizes.iloc[0]
    assert first["value_index_low"] > 1 > sizes["value_index_high"].iloc[1]
    assert first["revenue_share_low"] < first["revenue_share"] < first["revenue_share_high"]
    assert first["share_low"] < 120 / 310 < first["share_high"]
    assert (sizes["revenue_low"] < sizes["revenue_per_account"]).all()
    assert sizes["margin"].isna().all()


def test_the_same_seed_gives_the_same_table(market):
    one, other = (segment_sizes(market.accounts, market.assignments, seed=1) for _ in range(2))
    pd.testing.assert_frame_equal(one, other)


def test_margin_is_a_share_of_the_revenue():
    accounts = table(revenue=[10.0, 30.0, 60.0], margin=[2.0, 6.0, np.nan])
    sizes = segment_sizes(accounts, given([1, 1, 2]), seed=1)
    assert sizes["margin_share"].tolist()[0] == pytest.approx(0.2)
    assert np.isnan(sizes["margin_share"].tolist()[1])


def test_without_revenue_the_counts_remain():
    accounts = table(milk=[1.0, 2.0])
    assert value_variable(accounts) is None
    sizes = segment_sizes(accounts, given([1, 2]), seed=1)
    assert sizes["accounts"].tolist() == [1, 1]
    assert sizes[["revenue", "revenue_share", "value_index_low"]].isna().all(axis=None)
    assert np.isnan(concentration(accounts, given([1, 2])))


def test_negative_revenue_gives_no_shares():
    sizes = segment_sizes(table(revenue=[-10.0, 5.0]), given([1, 2]), seed=1)
    assert sizes["revenue"].tolist() == [-10.0, 5.0]
    assert sizes["revenue_share"].isna().all()


def test_the_first_value_with_data_counts():
    accounts = table(revenue=[np.nan, np.nan], subscription_fee=[5.0, 6.0])
    assert value_variable(accounts) == "subscription_fee"


def test_concentration_counts_whole_accounts():
    accounts = table(revenue=[50.0, 20.0, 10.0, 10.0, 10.0, 0.0])
    assert concentration(accounts, given([1] * 6)) == pytest.approx(0.7)
