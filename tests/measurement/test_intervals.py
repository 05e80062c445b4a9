"""Intervals and shrinkage against statsmodels, scipy and their definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from seglib.measurement import newcombe, shrink_counts, shrink_means, shrink_rates
from seglib.measurement.intervals import poisson_bounds

counts = st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counts.filter(lambda p: p[1] > 0), counts.filter(lambda p: p[1] > 0))
def test_newcombe_is_that_of_statsmodels(one, zero):
    expected = confint_proportions_2indep(*one, *zero, method="newcomb", compare="diff")
    np.testing.assert_allclose(newcombe(*one, *zero), expected, atol=1e-9)


@given(st.integers(0, 500))
def test_poisson_bounds_are_the_exact_ones(count):
    low, high = poisson_bounds(count)
    expected_low = stats.chi2.ppf(0.025, 2 * count) / 2 if count else 0.0
    np.testing.assert_allclose(
        [low, high], [expected_low, stats.chi2.ppf(0.975, 2 * count + 2) / 2]
    )


def test_without_trials_there_is_no_interval():
    assert np.isnan(newcombe(0, 0, 3, 10)).all()


@given(st.lists(counts, min_size=1, max_size=6))
def test_shrunken_rates_lie_between_the_raw_rate_and_the_whole(pairs):
    hits, n = np.array(pairs, dtype=float).T
    found = shrink_rates(hits, n)
    if n.sum() == 0:
        assert np.isnan(found).all()
        return
    whole = hits.sum() / n.sum()
    raw = np.where(n > 0, hits / np.where(n > 0, n, 1), whole)
    assert (np.minimum(raw, whole) - 1e-9 <= found).all()
    assert (found <= np.maximum(raw, whole) + 1e-9).all()


def test_shrinkage_is_strong_where_segments_agree_and_weak_where_they_do_not():
    alike = shrink_rates([48, 50, 52], [100, 100, 100])
    apart = shrink_rates([10, 50, 90], [100, 100, 100])
    assert np.ptp(alike) < 0.01
    assert np.ptp(apart) > 0.75
    small = shrink_rates([1, 50, 90], [1, 100, 100])
    assert abs(small[0] - 0.7) < abs(1 - 0.7)


def test_shrinkage_beats_the_raw_rates_on_average():
    rng = np.random.default_rng(3)
    raw_error = shrunk_error = 0.0
    for _ in range(200):
        truth = rng.beta(8, 24, 6)
        n = rng.integers(4, 60, 6)
        hits = rng.binomial(n, truth)
        raw_error += ((hits / n - truth) ** 2).sum()
        shrunk_error += ((shrink_rates(hits, n) - truth) ** 2).sum()
    assert shrunk_error < 0.7 * raw_error


def test_shrunken_counts():
    assert shrink_counts([0, 0], [5, 5]).tolist() == [0, 0]
    assert np.isnan(shrink_counts([0, 0], [0, 0])).all()
    found = shrink_counts([0, 30], [0, 100])
    assert found[0] == pytest.approx(0.3)
    one = shrink_counts([7], [10])
    assert one[0] == pytest.approx(0.7)


def test_shrunken_means():
    assert shrink_means([5.0, 7.0], [1e9, 1e9]).round(3).tolist() == [6.0, 6.0]
    far = shrink_means([0.0, 100.0], [1.0, 1.0])
    np.testing.assert_allclose(far, [0.0, 100.0], atol=0.1)
    assert shrink_means([3.0, np.nan], [1.0, np.nan]).tolist() == [3.0, 3.0]
    assert np.isnan(shrink_means([np.nan], [np.nan])).all()
