"""Neighbours and what tells them apart, against scipy, statsmodels and counting."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep

from seglib.collection.account_table import AccountTable
from seglib.profiling import neighbour_pairs, pair_differences, profile, telling_differences
from seglib.schema import ColumnInfo

NOTHING = pd.DataFrame({"segment": [], "variable": [], "level": [], "standardised": []})


def made(**columns):
    n = len(next(iter(columns.values())))
    frame = pd.DataFrame({"account_id": [str(i) for i in range(n)], **columns})
    kinds = {"city": "category", "flag": "flag"}
    info = {
        name: ColumnInfo(name=name, role="descriptor", kind=kinds.get(name, "number"),
                         label=name.capitalize(), definition=name)
        for name in columns
    }  # fmt: skip
    return AccountTable(frame, info)


def given(segments, second=None):
    frame = pd.DataFrame({"account_id": [str(i) for i in range(len(segments))],
                          "segment": segments})  # fmt: skip
    return frame if second is None else frame.assign(second_segment=second)


def test_neighbours_are_those_between_which_accounts_stand():
    split = given([1, 1, 1, 2, 2, 3, 3, 0], [2, 2, 0, 1, 3, 2, 0, 1])
    found = neighbour_pairs(split, NOTHING)
    assert found[["first", "second", "accounts"]].to_numpy().tolist() == [[1, 2, 3], [2, 3, 2]]
    assert found["share"].tolist() == [3 / 5, 2 / 4]


def test_where_nobody_stands_between_the_nearest_profile_counts():
    values = np.concatenate([np.zeros(20), np.ones(20), 9 * np.ones(20)])
    accounts = made(size=values + np.random.default_rng(1).normal(0, 0.1, 60))
    split = given([1] * 20 + [2] * 20 + [3] * 20)
    found = neighbour_pairs(split, profile(accounts, split, seed=1))
    assert found[["first", "second"]].to_numpy().tolist() == [[1, 2], [2, 3]]


@pytest.mark.parametrize("segments", [[1, 1], [0, 0]])
def test_one_segment_has_no_neighbour(segments):
    pairs = neighbour_pairs(given(segments), NOTHING)
    assert pairs.empty
    differences = pair_differences(made(size=[1.0, 2.0]), given(segments), pairs)
    assert differences.empty
    assert telling_differences(differences, made(size=[1.0, 2.0])).empty


def test_numbers_are_compared_as_scipy_does_and_the_effect_is_a_count():
    rng = np.random.default_rng(1)
    one, two = rng.integers(0, 8, 40).astype(float), rng.integers(2, 10, 30).astype(float)
    accounts = made(size=np.concatenate([one, two]))
    pairs = pd.DataFrame({"first": [1], "second": [2]})
    row = pair_differences(accounts, given([1] * 40 + [2] * 30), pairs).iloc[0]
    above, below = (two[:, None] > one).mean(), (two[:, None] < one).mean()
    assert row["effect"] == pytest.approx(above - below)
    assert row["p"] == pytest.approx(stats.mannwhitneyu(one, two, method="asymptotic").pvalue)
    assert row["low"] < row["effect"] < row["high"]


def test_shares_are_compared_with_newcombes_interval_and_fishers_test():
    flag = np.array([1.0] * 12 + [0.0] * 28 + [1.0] * 25 + [0.0] * 5)
    pairs = pd.DataFrame({"first": [1], "second": [2]})
    row = pair_differences(made(flag=flag), given([1] * 40 + [2] * 30), pairs).iloc[0]
    low, high = confint_proportions_2indep(25, 30, 12, 40, method="newcomb")
    assert (row["low"], row["high"]) == pytest.approx((low, high))
    assert row["p"] == pytest.approx(stats.fisher_exact([[12, 28], [25, 5]]).pvalue)


def test_the_interval_of_the_effect_covers_it():
    rng = np.random.default_rng(5)
    true = 2 * stats.norm.cdf(1 / 2**0.5) - 1
    pairs = pd.DataFrame({"first": [1], "second": [2]})
    hits = []
    for _ in range(150):
        values = np.concatenate([rng.normal(0, 1, 40), rng.normal(1, 1, 25)])
        row = pair_differences(made(size=values), given([1] * 40 + [2] * 25), pairs).iloc[0]
        hits.append(row["low"] <= true <= row["high"])
    assert 0.9 <= np.mean(hits) <= 0.99


def test_segments_wholly_apart_have_an_interval_too():
    values = np.concatenate([np.zeros(10), np.ones(10)])
    pairs = pd.DataFrame({"first": [1], "second": [2]})
    row = pair_differences(made(size=values), given([1] * 10 + [2] * 10), pairs).iloc[0]
    assert row["effect"] == row["high"] == 1.0
    assert 0.3 < row["low"] < 0.6


def test_p_values_are_corrected_over_all_pairs_and_variables():
    rng = np.random.default_rng(2)
    n = 90
    accounts = made(size=rng.normal(size=n), age=rng.normal(size=n),
                    city=rng.choice(["A", "B"], n))  # fmt: skip
    split = given(np.repeat([1, 2, 3], 30))
    pairs = pd.DataFrame({"first": [1, 2], "second": [2, 3]})
    found = pair_differences(accounts, split, pairs)
    assert len(found) == 2 * 4
    assert found["p_holm"].tolist() == pytest.approx(multipletests(found["p"], method="holm")[1])
    assert telling_differences(found, accounts).empty


def test_few_telling_variables_none_twice():
    rng = np.random.default_rng(3)
    size = np.concatenate([rng.normal(0, 1, 60), rng.normal(3, 1, 60)])
    accounts = made(size=size, twin=size * 2 + rng.normal(0, 0.01, 120), noise=rng.normal(size=120),
                    flag=np.r_[np.zeros(60), np.ones(40), np.zeros(20)])  # fmt: skip
    found = pair_differences(accounts, given([1] * 60 + [2] * 60),
                             pd.DataFrame({"first": [1], "second": [2]}))  # fmt: skip
    telling = telling_differences(found, accounts)
    assert sorted(telling["variable"]) in (["flag", "size"], ["flag", "twin"])


def test_a_tiny_segment_is_not_compared():
    found = pair_differences(made(size=np.arange(12.0)), given([1] * 10 + [2] * 2),
                             pd.DataFrame({"first": [1], "second": [2]}))  # fmt: skip
    assert found.empty
