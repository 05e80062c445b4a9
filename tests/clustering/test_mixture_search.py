import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering import mixture_search
from seglib.clustering.gaussian import gaussian_mixtures
from seglib.clustering.mixture_search import certified_mixture

from .planted import noise, segments

FLOOR = np.full(8, 0.01)


def test_planted_segments_are_certified_and_found_from_any_start():
    X, truth, best = segments(0, rows=400)
    known = gaussian_mixtures(X, [4], seed=0)[4]
    poor = known.__class__(**vars(known) | {"labels": np.arange(len(X)) % 4})
    for start in (known, poor):
        fit, certificate = certified_mixture(X, start, FLOOR, seed=1, max_restarts=64)
        assert certificate.certified
        assert certificate.hits >= 5
        ceiling = adjusted_rand_score(truth, best)
        assert adjusted_rand_score(truth, fit.labels) >= ceiling - 0.05


def test_noise_is_not_certified_and_what_was_at_hand_is_kept():
    X = noise("independent", 0, 300)
    known = gaussian_mixtures(X, [6], seed=0)[6]
    fit, certificate = certified_mixture(X, known, FLOOR[:6], seed=0, max_restarts=48)
    assert not certificate.certified
    assert certificate.restarts == 48
    assert certificate.distinct_optima > 20
    assert fit is known


def test_the_best_objective_is_minus_the_log_likelihood_of_the_fit():
    X = segments(1, rows=400)[0]
    known = gaussian_mixtures(X, [4], seed=0)[4]
    fit, certificate = certified_mixture(X, known, FLOOR, seed=0, max_restarts=64)
    free = {"tied diag": 3 + 4 * 8 + 8, "diag": 3 + 4 * 16}[fit.covariance]
    likelihood = (free * np.log(len(X)) - fit.bic) / 2  # columns have variance 1
    assert certificate.best_objective == pytest.approx(-likelihood, rel=1e-6)


def test_many_rows_are_certified_on_a_sample(monkeypatch):
    monkeypatch.setattr(mixture_search, "MOST_ROWS", 300)
    X = segments(0, rows=1000)[0]
    known = gaussian_mixtures(X, [4], seed=0)[4]
    fit, certificate = certified_mixture(X, known, FLOOR, seed=0, max_restarts=64)
    assert fit is known
    assert certificate.certified
