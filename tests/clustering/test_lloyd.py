import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from seglib.clustering.lloyd import LONG, assign, fit_many


def data(seed=0, rows=300):
    return np.random.default_rng(seed).normal(size=(rows, 4)) * [1, 2, 3, 4] + 50


def test_the_end_is_a_fixed_point_of_lloyds_algorithm():
    X = data()
    fits = fit_many(X, 5, n_starts=6, random_state=0)
    for centers, objective in zip(fits.centers[0], fits.objective[0], strict=True):
        labels = assign(X, centers[None])[0]
        means = np.stack([X[labels == j].mean(axis=0) for j in range(5)])
        assert np.allclose(means, centers, atol=1e-6)
        assert objective == pytest.approx(np.square(X - centers[labels]).sum())


def test_exchange_and_swaps_never_end_higher_than_lloyd():
    X = data(1)
    ends = [
        fit_many(X, 6, n_starts=20, n_swaps=n, random_state=1).objective.mean()
        for n in (None, 0, 5)
    ]
    assert ends[2] <= ends[1] <= ends[0]


def test_the_best_is_as_good_as_scikit_learns():
    X = data(2)
    ours = fit_many(X, 5, n_starts=10, n_swaps=5, random_state=0).objective.min()
    theirs = KMeans(5, n_init=30, random_state=0).fit(X).inertia_
    assert ours <= theirs * (1 + 1e-9)


@given(st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_a_weight_of_two_is_a_row_twice(seed):
    X = data(seed, 40)
    weights = np.random.default_rng(seed).integers(0, 3, 40)
    fits = fit_many(X, 3, weights=weights[None], n_starts=2, random_state=seed)
    centers = fits.best()[0]
    rows = np.repeat(X, weights, axis=0)
    labels = assign(rows, centers[None])[0]
    assert fits.objective.min() == pytest.approx(np.square(rows - centers[labels]).sum())


def test_more_segments_than_different_rows_with_weight_stay_empty():
    X = np.repeat([[0.0], [5.0]], 10, axis=0)
    fits = fit_many(X, 3, n_starts=2, random_state=0)
    assert np.allclose(fits.objective, 0)


@pytest.mark.parametrize(("rows", "starts"), [(300, 40), (LONG, 5)])
def test_no_bit_depends_on_the_threads(rows, starts):
    X = data(3, rows)
    one, two = (
        fit_many(X, 4, n_starts=starts, n_swaps=2, random_state=3, n_jobs=n) for n in (1, 2)
    )
    assert np.array_equal(one.centers, two.centers)
    assert np.array_equal(one.objective, two.objective)


def test_ties_go_to_the_first_centre():
    assert assign(np.array([[5.0]]), np.array([[[0.0], [10.0]]])).tolist() == [[0]]


def test_a_long_table_is_searched_as_well_as_all_its_rows_would_be(monkeypatch):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(LONG, 4)) + 4 * rng.normal(size=(6, 4))[rng.integers(0, 6, LONG)]
    by_coresets = fit_many(X, 6, n_starts=8, n_swaps=10, random_state=0).objective[0]
    monkeypatch.setattr("seglib.clustering.lloyd.LONG", len(X) + 1)
    by_all_rows = fit_many(X, 6, n_starts=8, n_swaps=10, random_state=0).objective[0]
    assert by_coresets.min() == pytest.approx(by_all_rows.min(), rel=1e-9)
    assert (by_coresets < by_coresets.min() * (1 + 1e-6)).sum() >= 5


def test_one_row_far_out_of_a_long_table_is_found_by_every_restart():
    X = np.random.default_rng(0).normal(size=(LONG, 2))
    X[77] = 5_000.0
    fits = fit_many(X, 2, n_starts=8, n_swaps=10, random_state=0)
    assert np.allclose(fits.centers[0].max(axis=1), 5_000.0)


def test_weights_count_in_a_long_table():
    X = np.random.default_rng(1).normal(size=(LONG, 3))
    weights = np.random.default_rng(2).integers(0, 3, LONG).astype(float)
    fits = fit_many(X, 3, weights=weights[None], n_starts=2, n_swaps=2, random_state=0)
    for centers, objective in zip(fits.centers[0], fits.objective[0], strict=True):
        labels = assign(X, centers[None])[0]
        means = [np.average(X[labels == j], axis=0, weights=weights[labels == j]) for j in range(3)]
        assert np.allclose(means, centers)
        assert objective == pytest.approx(np.square(X - centers[labels]).sum(axis=1) @ weights)
