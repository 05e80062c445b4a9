"""Each segment against all others: the tests of statsmodels and scipy."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportions_ztest
from statsmodels.stats.rates import test_poisson_2indep as poisson_test

from seglib.measurement.against import costs_against, rates_against, score_test, values_against


def test_rates_are_tested_as_statsmodels_does():
    hits, trials = np.array([12, 13, 13, 40]), np.array([40, 36, 26, 90])
    for i, p in enumerate(rates_against(hits, trials)):
        rest = np.arange(4) != i
        pairs = [hits[i], hits[rest].sum()], [trials[i], trials[rest].sum()]
        assert p == pytest.approx(proportions_ztest(*pairs)[1])


def test_costs_are_tested_as_statsmodels_does():
    count, cost = np.array([13, 8, 5]), np.array([1870.0, 764.0, 776.0])
    for i, p in enumerate(costs_against(count, cost)):
        rest = np.arange(3) != i
        expected = poisson_test(
            count[i], cost[i], count[rest].sum(), cost[rest].sum(), method="exact-cond"
        )
        assert p == pytest.approx(expected.pvalue)


def test_values_by_hand():
    found = values_against([2.0, 1.0, np.nan, 1.5], [0.1, 0.2, 1.0, 0.4])
    weights = np.array([1 / 0.2, 1 / 0.4])
    z = (2.0 - (weights * [1.0, 1.5]).sum() / weights.sum()) / np.sqrt(0.1 + 1 / weights.sum())
    assert found[0] == pytest.approx(2 * stats.norm.sf(z))
    assert np.isnan(found[2])


def test_false_alarms_are_as_many_as_they_should_be():
    rng = np.random.default_rng(0)
    trials = np.array([40, 60, 120])
    found = [rates_against(rng.binomial(trials, 0.3), trials) for _ in range(800)]
    assert (np.array(found) < 0.05).mean() == pytest.approx(0.05, abs=0.015)


def test_edges():
    assert np.isnan(rates_against([3], [5])).all()
    assert score_test(0, 5, 0, 7) == 1.0
    assert np.isnan(score_test(0, 0, 1, 7))
    assert np.isnan(costs_against([0, 0], [5.0, 5.0])).all()
    assert np.isnan(costs_against([1, 0], [5.0, 0.0])).all()
    assert np.isnan(values_against([1.0], [0.1])).all()
