"""Wilson intervals and Holm's correction, against statsmodels and their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from seglib.intervals import holm, wilson

counts = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts)
def test_wilson_is_that_of_statsmodels_and_holds_the_share(pair):
    low, high = wilson(*pair)
    np.testing.assert_allclose((low, high), proportion_confint(*pair, method="wilson"), atol=1e-12)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


def test_without_trials_there_is_no_interval():
    low, high = wilson([0, 1, 2], [0, 2, 2])
    assert np.isnan([low[0], high[0]]).all()
    assert low[1] < 0.5 < high[1]
    assert high[2] == 1


def test_one_number_of_trials_serves_many_counts():
    low, _ = wilson([0, 3], 10)
    assert low.round(3).tolist() == [0.0, 0.108]


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_holm_is_that_of_statsmodels(n):
    p = np.random.default_rng(n).beta(0.3, 2, n).round(2)
    np.testing.assert_allclose(holm(p), multipletests(p, method="holm")[1])


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30))
def test_holm_never_lowers_and_keeps_the_order(p):
    values, adjusted = np.array(p), holm(p)
    known = ~np.isnan(values)
    assert (np.isnan(adjusted) == ~known).all()
    order = np.argsort(values[known], kind="stable")
    assert (np.diff(adjusted[known][order]) >= 0).all()
    assert (adjusted[known] >= values[known]).all()
