import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist
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
