"""Concentration against its definitions, written out."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from seglib.collection.account_table import AccountTable
from seglib.profiling.inequality import abc_classes, concentration_by_segment, gini, lorenz_curve


def accounts(values):
    frame = pd.DataFrame({"account_id": [str(i) for i in range(len(values))], "revenue": values})
    return AccountTable(frame, {})


def given(segments):
    return pd.DataFrame({"account_id": [str(i) for i in range(len(segments))], "segment": segments})


@drawn(st.lists(st.floats(0, 1e6), min_size=2, max_size=30).filter(lambda v: sum(v) > 1e-3))
def test_gini_is_the_mean_difference_over_twice_the_mean(values):
    v = np.array(values)
    n = len(v)
    expected = np.abs(v[:, None] - v).sum() / (n * (n - 1)) / (2 * v.mean())
    assert gini(v) == pytest.approx(expected, abs=1e-9)


def test_gini_is_twice_the_area_under_the_diagonal_but_for_small_numbers():
    v = np.random.default_rng(1).lognormal(size=500)
    share, heaped = lorenz_curve(v)
    area = np.trapezoid(share - heaped, share)
    assert gini(v) == pytest.approx(2 * area * 500 / 499)


def test_of_nothing_there_is_no_curve():
    for values in ([], [0.0, 0.0]):
        assert len(lorenz_curve(np.array(values))[0]) == 0
        assert np.isnan(gini(np.array(values)))


@drawn(st.lists(st.integers(0, 1000), min_size=1, max_size=40).filter(any))
def test_classes_end_at_their_marks(values):
    v = np.array(values, dtype=float)
    found = abc_classes(v)
    a, b = v[found == "A"], v[found != "C"]
    assert a.sum() >= 0.8 * v.sum() - 1e-9
    assert a.sum() - a.min() < 0.8 * v.sum()  # without its last account it would not be enough
    assert b.sum() >= 0.95 * v.sum() - 1e-9
    assert a.min() >= v[found != "A"].max(initial=0)
    assert set(found[v == 0]) <= {"C"}


def test_segments_are_classed_among_all_accounts_and_the_interval_holds_the_figure():
    rng = np.random.default_rng(1)
    values = np.concatenate([rng.lognormal(4, 1, 50), rng.lognormal(1, 0.2, 50)])
    found = concentration_by_segment(accounts(values), given([1] * 50 + [2] * 50), seed=1)
    assert found["segment"].tolist() == [-1, 1, 2]
    assert found["A"].iloc[1] > 0.3
    assert found["A"].iloc[2] == 0
    assert (found["low"] < found["gini"]).all()
    assert (found["gini"] < found["high"]).all()
    assert found[["A", "B", "C"]].sum(axis=1).tolist() == pytest.approx([1, 1, 1])


def test_the_interval_of_the_gini_covers_it():
    rng = np.random.default_rng(3)
    true = 0.5204998778  # of a log-normal of deviation 1: erf(1 / 2)
    hits = []
    for seed in range(40):
        row = concentration_by_segment(
            accounts(rng.lognormal(0, 1, 400)), given([1] * 400), seed=seed
        ).iloc[0]
        hits.append(row["low"] <= true <= row["high"])
    assert np.mean(hits) >= 0.85


def test_negative_values_count_as_none_and_are_counted():
    found = concentration_by_segment(accounts([9.0, 1.0, -5.0, np.nan]), given([1] * 4), seed=1)
    assert found["accounts"].tolist() == [3, 3]
    assert found["below_zero"].tolist() == [1, 1]
    assert found["C"].tolist() == pytest.approx([1 / 3] * 2)


@pytest.mark.parametrize("values", [[0.0, 0.0], [np.nan, np.nan], [-1.0, -2.0]])
def test_without_any_value_there_is_nothing_to_concentrate(values):
    assert concentration_by_segment(accounts(values), given([1, 1]), seed=1).empty
