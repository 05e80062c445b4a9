"""Kaplan-Meier and log-rank against literal references and statsmodels."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from seglib.measurement import kaplan_meier, log_rank, survival_at

# Freireich et al. (1963), remission of leukaemia under 6-MP, in weeks: the textbook example.
WEEKS = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
SEEN = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def drawn(seed, n=300):
    rng = np.random.default_rng(seed)
    time, stop = rng.exponential(10, n).round(), rng.uniform(1, 12, n).round()
    return np.minimum(time, stop), time <= stop, rng.integers(0, 4, n)


def test_the_textbook_example():
    curve = kaplan_meier(WEEKS, SEEN).set_index("time")
    expected = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448}
    assert curve["survival"].round(3).to_dict() == expected
    assert curve["at_risk"].tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.loc[23, "se"] == pytest.approx(0.1346, abs=1e-4)
    both = [*WEEKS, *PLACEBO]
    chi2, df, p = log_rank(both, [*SEEN, *[1] * 21], [0] * 21 + [1] * 21)
    assert chi2 == pytest.approx(16.79, abs=0.01)
    assert df == 1
    assert p == pytest.approx(4.2e-5, rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_is_that_of_statsmodels(seed):
    time, lost, _ = drawn(seed)
    curve = kaplan_meier(time, lost)
    other = SurvfuncRight(time, lost.astype(int))
    assert curve["time"].tolist() == other.surv_times.tolist()
    assert curve["survival"].to_numpy() == pytest.approx(other.surv_prob)
    known = curve["survival"] > 0
    assert curve.loc[known, "se"].to_numpy() == pytest.approx(other.surv_prob_se[known])


@pytest.mark.parametrize("seed", range(5))
def test_the_test_is_that_of_statsmodels(seed):
    time, lost, group = drawn(seed)
    chi2, df, p = log_rank(time, lost, group)
    expected = survdiff(time, lost.astype(int), group)
    assert (chi2, p) == pytest.approx(expected)
    assert df == 3


def test_the_interval_by_a_literal_computation():
    row = kaplan_meier(WEEKS, SEEN).iloc[2]
    variance = 3 / (21 * 18) + 1 / (17 * 16) + 1 / (15 * 14)
    s = row["survival"]
    theta = 1.959963984540054 * np.sqrt(variance) / np.log(s)
    assert (row["low"], row["high"]) == pytest.approx((s ** np.exp(-theta), s ** np.exp(theta)))
    assert 0 < row["low"] < s < row["high"] < 1


def test_the_intervals_cover_what_was_planted():
    covered = []
    for seed in range(400):
        rng = np.random.default_rng(seed)
        time, stop = rng.exponential(10, 120), rng.uniform(4, 14, 120)
        curve = kaplan_meier(np.minimum(time, stop), time <= stop)
        _, low, high = survival_at(curve, 5.0)
        covered.append(low <= np.exp(-0.5) <= high)
    assert 0.93 <= np.mean(covered) <= 0.97


def test_edges():
    nobody = kaplan_meier([3.0, 4.0], [False, False])
    assert nobody.empty
    assert survival_at(nobody, 9.0)[0] == 1.0
    everybody = kaplan_meier([1.0, 2.0], [True, True])
    assert everybody["survival"].tolist() == [0.5, 0.0]
    assert np.isnan(everybody["low"].iloc[-1])
    one = kaplan_meier([2.0], [True])
    assert one[["at_risk", "lost", "survival"]].values.tolist() == [[1, 1, 0]]
    assert np.isnan(log_rank([1.0, 2.0], [False, False], [1, 2])[2])
    assert np.isnan(log_rank([1.0, 2.0], [True, True], [1, 1])[2])
    assert isinstance(kaplan_meier([], []), pd.DataFrame)
