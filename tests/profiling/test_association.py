import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seglib.profiling.association import (
    RankTable,
    association,
    cramers_v,
    effect_interval,
    grouped_levels,
    table_of,
)

RNG = np.random.default_rng(5)
SEGMENT = np.repeat([1, 2, 3], 60)
LEVELS = pd.Series(RNG.choice(["a", "b", "c"], 180, p=[0.5, 0.3, 0.2]))


def rng():
    return np.random.default_rng(1)


def test_chi_square_agrees_with_scipy():
    expected = stats.chi2_contingency(table_of(LEVELS, SEGMENT), correction=False)
    result = association(LEVELS, SEGMENT, "category", rng())
    assert (result.test, result.df, result.n) == ("χ²", 4, 180)
    assert (result.statistic, result.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_bias_corrected_v_follows_bergsma():
    table = np.array([[30.0, 10.0, 5.0], [10.0, 30.0, 15.0]])
    n, r, c = table.sum(), 2, 3
    phi2 = stats.chi2_contingency(table, correction=False).statistic / n
    corrected = phi2 - (r - 1) * (c - 1) / (n - 1)
    rows, columns = r - (r - 1) ** 2 / (n - 1), c - (c - 1) ** 2 / (n - 1)
    expected = np.sqrt(corrected / (min(rows, columns) - 1))
    assert cramers_v(table) == pytest.approx(expected)


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), min_size=12, max_size=60))
def test_kruskal_wallis_agrees_with_scipy_with_ties(values):
    x = np.array(values, dtype=float)
    segment = np.arange(len(x)) % 3 + 1
    result = association(pd.Series(x), segment, "number", rng())
    if len(set(values)) == 1:
        assert result.reason == "it is the same for every account"
        return
    expected = stats.kruskal(*(x[segment == s] for s in (1, 2, 3)))
    assert (result.statistic, result.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_a_weight_counts_a_value_several_times():
    x = RNG.normal(size=40).round(1)
    segment = np.arange(40) % 2 + 1
    weights = RNG.integers(0, 4, 40)
    repeated = np.repeat(x, weights), np.repeat(segment, weights)
    expected = stats.kruskal(*(repeated[0][repeated[1] == s] for s in (1, 2))).statistic
    plain = stats.kruskal(*(x[segment == s] for s in (1, 2))).statistic
    both = np.stack([weights, np.ones(len(x))])
    found = RankTable.of(x, segment).h(both)
    assert found.tolist() == pytest.approx([expected, plain])


def test_a_thin_table_is_tested_by_monte_carlo():
    values = pd.Series(["x"] * 4 + ["y"] * 176)
    result = association(values, SEGMENT, "category", rng())
    assert result.test == "χ² (Monte Carlo)"
    exact = stats.fisher_exact([[4, 56], [0, 120]]).pvalue
    assert result.p == pytest.approx(exact, abs=0.03)


def test_accounts_without_segment_and_without_value_are_left_out():
    values = pd.Series([1.0, 2.0, np.nan, 4.0, np.inf, 6.0])
    result = association(values, np.array([1, 1, 1, 2, 2, 0]), "number", rng())
    assert result.n == 3


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (pd.Series([None] * 180, dtype="str"), "no account has a value"),
        (pd.Series(["x"] * 180), "it is the same for every account"),
        (pd.Series(["x", "y"] * 30 + [None] * 120), "there is only one segment with values"),
    ],
)
def test_what_cannot_be_tested_says_why(values, reason):
    result = association(values, SEGMENT, "category", rng())
    assert (result.test, result.reason) == ("", reason)
    assert np.isnan(effect_interval(values, SEGMENT, "category", rng())).all()


def test_two_hundred_levels_are_grouped():
    values = pd.Series([f"level {i % 200}" for i in range(400)])
    grouped = grouped_levels(values)
    assert grouped.nunique() == 16
    assert (grouped == "other levels").sum() == 400 - 15 * 2
    result = association(values, np.arange(400) % 2 + 1, "category", rng())
    assert result.df == 15


def test_the_interval_reaches_zero_without_an_effect_and_not_with_one():
    none = RNG.normal(size=180)
    strong = none + SEGMENT
    assert effect_interval(pd.Series(none), SEGMENT, "number", rng())[0] == 0
    low, high = effect_interval(pd.Series(strong), SEGMENT, "number", rng())
    effect = association(pd.Series(strong), SEGMENT, "number", rng()).effect
    assert 0.2 < low < effect < high
    assert effect_interval(LEVELS, SEGMENT, "category", rng())[0] == 0


def test_the_interval_covers_the_effect():
    def draw(size, seed):
        generator = np.random.default_rng(seed)
        segment = np.repeat([1, 2], size // 2)
        return pd.Series(generator.normal(size=size) + 0.8 * segment), segment

    truth = association(*draw(200_000, 1), "number", rng()).effect
    bounds = [effect_interval(*draw(120, seed), "number", rng()) for seed in range(2, 82)]
    assert np.mean([low <= truth <= high for low, high in bounds]) >= 0.88
