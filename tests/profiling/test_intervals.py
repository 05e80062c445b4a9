import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from seglib.profiling.intervals import generator, holm, mean_interval, wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 5), (3, 10), (10, 10), (640, 1000)])
def test_wilson_agrees_with_statsmodels(hits, n):
    assert wilson(hits, n) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


def test_wilson_of_nothing_is_missing():
    low, high = wilson([0, 1], [0, 2])
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert low[1] < 0.5 < high[1]


@pytest.mark.parametrize("n", [1, 2, 7, 40])
def test_holm_agrees_with_statsmodels(n):
    p = np.random.default_rng(n).beta(0.3, 2, n).round(2)
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1])


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=30))
def test_holm_never_lowers_and_keeps_the_order(p):
    values, adjusted = np.array(p), holm(p)
    known = ~np.isnan(values)
    assert (np.isnan(adjusted) == ~known).all()
    order = np.argsort(values[known], kind="stable")
    assert (np.diff(adjusted[known][order]) >= 0).all()
    assert (adjusted[known] >= values[known]).all()


def test_bca_agrees_with_scipy():
    values = np.random.default_rng(1).lognormal(0, 1, 80)
    expected = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method="BCa", rng=np.random.default_rng(2)
    ).confidence_interval
    result = mean_interval(values, np.random.default_rng(3))
    assert result == pytest.approx((expected.low, expected.high), rel=0.04)


def test_outside_of_10_to_1000_values_the_interval_is_students():
    values = np.random.default_rng(1).normal(10, 3, 2000)
    for part in (values[:6], values):
        expected = stats.t.interval(0.95, len(part) - 1, part.mean(), stats.sem(part))
        assert mean_interval(part, np.random.default_rng(3)) == pytest.approx(expected)


def test_one_value_has_no_interval_and_a_constant_no_width():
    rng = np.random.default_rng(1)
    assert np.isnan(mean_interval(np.array([3.0]), rng)).all()
    assert mean_interval(np.full(30, 3.0), rng) == (3.0, 3.0)


def test_the_interval_of_a_skewed_mean_covers_it():
    rng = np.random.default_rng(4)
    mean = np.exp(0.5)
    bounds = [mean_interval(rng.lognormal(0, 1, 60), rng) for _ in range(300)]
    covered = np.mean([low <= mean <= high for low, high in bounds])
    assert 0.88 <= covered <= 0.98


def test_each_piece_of_work_has_its_own_numbers():
    assert generator(1, "a", 2).random() == generator(1, "a", 2).random()
    assert generator(1, "a", 2).random() != generator(1, "a", 3).random()
    assert generator(1, "a", 2).random() != generator(2, "a", 2).random()
