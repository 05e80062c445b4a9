import numpy as np
import pytest
from scipy import stats

from seglib.profiling.intervals import generator, mean_interval


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
