import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from seglib.clustering import null_twin
from seglib.clustering.null_band import band
from seglib.errors import DataError, StudyError

from .planted import one_cloud


def ratings(rows=2000):
    return np.clip(np.round(3 + 1.1 * one_cloud(7, rows)[:, :4]), 1, 5)


@given(st.sampled_from(["permute", "copula"]), st.integers(0, 1000), st.integers(2, 40))
@settings(max_examples=30, deadline=None)
def test_every_twin_keeps_the_values_of_every_column(how, seed, rows):
    X = np.random.default_rng(seed).integers(0, 5, (rows, 3)).astype(float)
    twin = null_twin(X, how, random_state=seed)
    assert np.array_equal(np.sort(X, axis=0), np.sort(twin, axis=0))


def test_a_permuted_twin_loses_correlation_and_keeps_blocks_together():
    X = ratings()
    twin = null_twin(X, "permute", blocks=[[0, 1]], random_state=0)
    pairs = sorted(map(tuple, X[:, :2].tolist()))
    assert pairs == sorted(map(tuple, twin[:, :2].tolist()))
    assert abs(spearmanr(twin[:, 0], twin[:, 2])[0]) < 0.08


def test_a_copula_twin_keeps_ties_and_rank_correlations():
    X = ratings()
    twin = null_twin(X, "copula", random_state=0)
    assert np.array_equal(np.unique(X), np.unique(twin))
    assert np.abs(spearmanr(X)[0] - spearmanr(twin)[0]).max() < 0.05


def test_a_copula_twin_keeps_the_levels_of_a_category_apart_and_their_order():
    cloud = one_cloud(3, 1000)[:, :3]
    level = np.searchsorted((-0.7, 0.0, 0.7), cloud[:, 2])
    X = np.column_stack([cloud[:, :2], np.eye(4)[level]])
    twin = null_twin(X, "copula", blocks=[[2, 3, 4, 5]], random_state=0)
    assert np.array_equal(twin[:, 2:].sum(axis=0), X[:, 2:].sum(axis=0))
    assert set(twin[:, 2:].sum(axis=1)) == {1.0}
    orders = [spearmanr(data[:, 0], data[:, 2:] @ np.arange(4))[0] for data in (X, twin)]
    assert orders[0] == pytest.approx(orders[1], abs=0.1)
    alone = np.eye(3)[[0, 1, 2, 2]]
    assert set(map(tuple, null_twin(alone, "copula", [[0, 1, 2]], 0))) == set(map(tuple, alone))


def test_a_copula_twin_loses_groups():
    X = np.repeat([[0.0, 0.0], [9.0, 9.0], [0.0, 9.0]], 100, axis=0)
    X += np.random.default_rng(0).normal(size=X.shape)
    gap = np.abs(null_twin(X, "copula", random_state=0) - [9.0, 0.0]).max(axis=1).min()
    assert gap < 4 < np.abs(X - [9.0, 0.0]).max(axis=1).min()


def test_a_frame_stays_a_frame():
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5]}, index=["x", "y", "z"])
    twin = null_twin(frame, random_state=0)
    assert twin.index.equals(frame.index)
    assert twin.dtypes.equals(frame.dtypes)


def test_what_is_not_known_is_said():
    with pytest.raises(StudyError, match="null twin"):
        null_twin(np.eye(3), "copulas")
    with pytest.raises(StudyError, match="in two blocks"):
        null_twin(np.eye(3), blocks=[[0, 1], [1, 2]])
    with pytest.raises(DataError, match="Missing or infinite values in: 1"):
        null_twin(np.array([[0.0, np.inf]]))


def test_one_more_twin_lies_in_the_band_as_often_as_it_says():
    rng = np.random.default_rng(0)
    inside = []
    for _ in range(300):
        twins = pd.DataFrame(rng.normal(0.5, 0.05, (7, 6)))
        low, high = band(twins.iloc[:6])
        inside.append((twins.iloc[6] > low) & (twins.iloc[6] < high))
    assert np.mean(inside) == pytest.approx(0.95, abs=0.03)
