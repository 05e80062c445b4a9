"""What accounts are worth: means, shares and potential, with intervals that hold."""

import numpy as np
import pandas as pd
import pytest

from seglib.collection.account_table import AccountTable
from seglib.profiling import potential, segment_sizes, segment_worth, worth_table
from seglib.schema import ColumnInfo


def table(**columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"account_id": [str(i) for i in range(n)], **columns})
    info = {
        name: ColumnInfo(name=name, role="outcome", kind="number", label=name.capitalize(),
                         definition=name, unit="EUR")
        for name in columns
    }  # fmt: skip
    return AccountTable(frame, info)


def given(segments):
    return pd.DataFrame({"account_id": [str(i) for i in range(len(segments))], "segment": segments})


def test_every_measure_that_is_there_is_told_and_no_other():
    accounts = table(clv=[1.0, 3.0, 8.0, np.nan], margin=[1.0, 1.0, -4.0, 2.0], milk=[9.0] * 4)
    found = segment_worth(accounts, given([1, 1, 2, 2]), seed=1)
    assert found["measure"].tolist() == ["margin", "margin", "clv", "clv"]
    clv = found[found["measure"] == "clv"]
    assert clv["n"].tolist() == [2, 1]
    assert clv["per_account"].tolist() == [2.0, 8.0]
    assert clv["share"].tolist() == pytest.approx([1 / 3, 2 / 3])
    margin = found[found["measure"] == "margin"]
    assert margin["total"].tolist() == [2.0, -2.0]
    assert margin["share"].isna().all()  # of nothing there are no shares


def test_accounts_without_a_segment_have_no_part_in_the_total():
    found = segment_worth(table(clv=[1.0, 1.0, 100.0]), given([1, 2, 0]), seed=1)
    assert found["share"].tolist() == [0.5, 0.5]


def test_one_figure_has_one_interval_in_the_whole_step():
    rng = np.random.default_rng(1)
    accounts = table(revenue=rng.lognormal(3, 1, 60))
    split = given([1] * 40 + [2] * 20)
    sizes = segment_sizes(accounts, split, seed=3)
    worth = segment_worth(accounts, split, seed=3)
    for here, there in (("low", "revenue_low"), ("high", "revenue_high"),
                        ("share_low", "revenue_share_low")):  # fmt: skip
        assert worth[here].tolist() == sizes[there].tolist()


def test_the_intervals_of_the_mean_cover_it():
    rng = np.random.default_rng(4)
    true = np.exp(0.5)
    hits = []
    for seed in range(60):
        accounts = table(clv=rng.lognormal(0, 1, 120))
        row = segment_worth(accounts, given([1] * 120), seed=seed).iloc[0]
        hits.append(row["low"] <= true <= row["high"])
    assert np.mean(hits) >= 0.88  # 95 % intended; the skew costs a little


def test_potential_is_what_is_expected_to_be_right_times_the_mean():
    accounts = table(revenue_12m=[10.0, 30.0, 100.0, 0.0, 0.0])
    placements = pd.DataFrame(
        {"account_id": ["3", "4"], "segment": [1, 1], "confidence": [0.9, 0.7]}
    )
    found = potential(accounts, given([1, 1, 2]), placements, seed=1)
    assert found["prospects"].tolist() == [2, 0]
    assert found["potential"].tolist() == pytest.approx([1.6 * 20.0, 0.0])
    assert 0 <= found["potential_low"][0] < 32 < found["potential_high"][0]
    assert np.isnan(found["potential_low"][1])
    assert found["label"].tolist() == ["Revenue_12m"] * 2


def test_sure_placements_leave_only_the_doubt_of_the_mean():
    rng = np.random.default_rng(2)
    values = rng.normal(100, 10, 400)
    accounts = table(revenue_12m=[*values, *[0.0] * 50])
    placed = pd.DataFrame({"account_id": [str(i) for i in range(400, 450)], "segment": 1,
                           "confidence": 1.0})  # fmt: skip
    row = potential(accounts, given([1] * 400), placed, seed=1).iloc[0]
    half = 1.96 * values.std() / 400**0.5 * 50
    assert row["potential_high"] - row["potential_low"] == pytest.approx(2 * half, rel=0.12)


@pytest.mark.parametrize("placements", [None, pd.DataFrame(columns=["segment", "confidence"])])
def test_without_placements_or_value_there_is_no_potential(placements):
    assert potential(table(revenue=[1.0]), given([1]), placements, seed=1).empty
    milk = pd.DataFrame({"account_id": ["0"], "segment": [1], "confidence": [0.9]})
    assert potential(table(milk=[1.0]), given([1]), milk, seed=1).empty


def test_the_table_tells_mean_interval_and_share():
    found = worth_table(segment_worth(table(clv=[1.0, 3.0]), given([1, 1]), seed=1), {1: "One"})
    assert found["value"].tolist() == ["Clv (EUR)"]
    assert found["One"].item().startswith("2 (")
    assert found["One"].item().endswith("; 100 %")
    assert worth_table(segment_worth(table(milk=[1.0]), given([1]), seed=1), {1: "One"}).empty
