import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from seglib.clustering import CertifiedKMeans, assess, null_twin
from seglib.clustering.shape import gorge, shadow, similarity


def planted():
    rng = np.random.default_rng(1)
    centers = rng.normal(size=(4, 5))
    centers *= 4 / pdist(centers).min()  # the nearest two lie four deviations apart
    X = np.repeat(centers, [200, 100, 60, 40], axis=0) + rng.normal(size=(400, 5))
    return (X - X.mean(axis=0)) / X.std(axis=0)


def test_scikit_learns_conventions_hold():
    check_estimator(CertifiedKMeans(n_clusters=2, max_restarts=50), on_skip=None)


@pytest.mark.real
def test_the_best_known_solution_of_the_survey_is_certified(real_data):
    X = pd.read_csv(real_data / "vacmot" / "vacmot.csv").to_numpy(dtype=float)
    fit = CertifiedKMeans(6, random_state=0).fit(X)
    assert fit.inertia_ <= 2660.61
    assert fit.certificate_.certified


@pytest.mark.parametrize("how", ["permute", "copula"])
def test_twins_keep_every_column_and_lose_the_rows(how):
    X = planted()
    twin = null_twin(X, how, random_state=3)
    assert np.array_equal(np.sort(X, axis=0), np.sort(twin, axis=0))
    assert not np.array_equal(X, twin)


def test_planted_groups_are_natural_and_noise_is_not():
    X = planted()
    assert assess(X, [2, 3, 4, 5, 6], effort="quick", random_state=0).overall == "natural"
    noise = np.random.default_rng(5).normal(size=(300, 5))
    verdict = assess(noise, [2, 3, 4], effort="quick", random_state=0)
    assert verdict.overall != "natural"
    assert verdict.to_dict()["verdict"] == verdict.overall


def test_shapes_by_hand():
    X, centers = [[0.0], [4.0], [5.0], [10.0]], [[0.0], [10.0]]
    assert shadow(X, centers).tolist() == pytest.approx([0, 0.8, 1, 0])
    assert similarity(X, centers)[0].tolist() == pytest.approx([1, 0.6])
    assert gorge(X, centers).sum(axis=1).tolist() == pytest.approx([1] * 4)


@pytest.mark.parametrize(
    ("X", "k", "message"),
    [
        (np.repeat([[0.0], [1.0]], 5, axis=0), 3, "3 segments need as many different rows"),
        (np.ones((6, 2)), 2, "of which 1 differ"),
        (np.array([[0.0], [1.0]]), 3, "n_samples = 2"),
        (np.array([[0.0], [np.nan]]), 2, "NaN"),
        (np.array([[0.0], [np.inf]]), 2, "infinity"),
        (np.eye(3), 0, "'n_clusters' must be at least 1, got 0"),
    ],
)
def test_what_cannot_be_fitted_is_said(X, k, message):
    with pytest.raises(ValueError, match=message):
        CertifiedKMeans(k, random_state=0).fit(X)


def test_all_wrong_parameters_are_named_at_once():
    with pytest.raises(ValueError, match=r"(?s)'min_hits'.*'init'"):
        CertifiedKMeans(2, min_hits=0, init="best").fit(np.eye(3))


def test_two_accounts_on_one_variable_make_two_segments():
    fit = CertifiedKMeans(2, random_state=0).fit([[3.0], [1.0]])
    assert fit.labels_.tolist() == [1, 0]
    assert fit.inertia_ == 0
    assert fit.certificate_.certified


def test_one_segment_is_the_mean():
    X = planted()[:50]
    assert np.allclose(CertifiedKMeans(1).fit(X).cluster_centers_, X.mean(axis=0))


def test_a_hundred_thousand_duplicate_rows_are_fitted():
    X = np.repeat([[0.0, 0.0], [1.0, 0.0], [5.0, 5.0]], [60_000, 30_000, 10_000], axis=0)
    fit = CertifiedKMeans(3, random_state=0).fit(X)
    assert fit.inertia_ == pytest.approx(0, abs=1e-6)
    assert np.bincount(fit.labels_).tolist() == [60_000, 30_000, 10_000]
    with pytest.raises(ValueError, match="of which 3 differ"):
        CertifiedKMeans(4).fit(X)


def test_a_row_of_weight_zero_does_not_count_and_is_placed():
    X = np.array([[0.0], [1.0], [10.0], [11.0], [500.0]])
    fit = CertifiedKMeans(2, random_state=0).fit(X, sample_weight=[1, 1, 1, 1, 0])
    assert fit.cluster_centers_.ravel().tolist() == [0.5, 10.5]
    assert fit.labels_.tolist() == [0, 0, 1, 1, 1]
    with pytest.raises(ValueError, match="of which 2 differ and have weight"):
        CertifiedKMeans(3).fit(X, sample_weight=[1, 0, 0, 0, 1])
    with pytest.raises(ValueError, match="zero for every row"):
        CertifiedKMeans(2).fit(X, sample_weight=np.zeros(5))
    with pytest.raises(ValueError, match="none negative"):
        CertifiedKMeans(2).fit(X, sample_weight=[1, 1, 1, 1, -1])


def test_weights_are_repeated_rows():
    X, weights = planted()[:80], np.arange(80) % 3 + 1
    weighted = CertifiedKMeans(3, random_state=0).fit(X, sample_weight=weights)
    repeated = CertifiedKMeans(3, random_state=1).fit(np.repeat(X, weights, axis=0))
    assert weighted.inertia_ == pytest.approx(repeated.inertia_)
    assert np.allclose(weighted.cluster_centers_, repeated.cluster_centers_)


@pytest.mark.real
def test_two_segments_of_the_wholesale_customers_are_the_channels(real_data):
    frame = pd.read_csv(real_data / "wholesale" / "wholesale_customers.csv")
    logs = np.log1p(frame.iloc[:, -6:].to_numpy(dtype=float))
    X = (logs - logs.mean(axis=0)) / logs.std(axis=0)
    labels = CertifiedKMeans(2, random_state=0).fit(X).labels_
    assert adjusted_rand_score(frame["Channel"], labels) == pytest.approx(0.51, abs=0.02)
