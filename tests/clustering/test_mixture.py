import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture

from seglib.clustering.covariances import COVARIANCES
from seglib.clustering.gaps import trough
from seglib.clustering.gaussian import gaussian_mixtures
from seglib.clustering.held_out import held_out_gain

from .planted import segments


@pytest.mark.parametrize("seed", range(6))
def test_planted_segments_are_recovered_at_the_ceiling(seed):
    X, truth, best = segments(seed)
    fits = gaussian_mixtures(X, range(1, 8), seed=0)
    assert min(fits, key=lambda k: fits[k].bic) == 4
    ceiling = adjusted_rand_score(truth, best)
    assert adjusted_rand_score(truth, fits[4].labels) >= ceiling - 0.05


def test_components_are_those_of_scikit_learn():
    X, truth, _ = segments(0, rows=400, apart=8.0)
    wide = np.random.default_rng(1).normal(size=X.shape) * (truth == 0)[:, None]
    X = (X + wide) * 3 + 1  # one segment wider than the others: no structure that all share
    fit = gaussian_mixtures(X, [4], seed=0)[4]
    peer = GaussianMixture(4, covariance_type=fit.covariance, means_init=fit.means, tol=1e-8,
                           reg_covar=0.01 * 9, max_iter=500).fit(X)  # fmt: skip
    assert np.abs(peer.means_ - fit.means).max() < 0.05
    assert fit.bic == pytest.approx(peer.bic(X), rel=1e-3)


def test_one_diagonal_for_all_has_the_likelihood_and_the_parameters_that_bic_counts():
    X = segments(0, rows=400)[0]
    fit = gaussian_mixtures(X, [4], seed=0)[4]
    assert fit.covariance == "tied diag"
    assert len({matrix.tobytes() for matrix in fit.covariances}) == 1
    assert np.count_nonzero(fit.covariances[0]) == X.shape[1]
    density = sum(
        weight * multivariate_normal(mean, matrix).pdf(X)
        for weight, mean, matrix in zip(fit.weights, fit.means, fit.covariances, strict=True)
    )
    free = 3 + 4 * X.shape[1] + X.shape[1]  # shares, centres, one variance a variable
    assert fit.bic == pytest.approx(free * np.log(len(X)) - 2 * np.log(density).sum(), rel=1e-3)


def test_density_of_a_component_is_that_of_its_parameters():
    X = segments(0, rows=400)[0]
    fit = gaussian_mixtures(X, [3], seed=0)[3]
    for mean, matrix, root in zip(fit.means, fit.covariances, fit.precisions_cholesky, strict=True):
        z = (X[0] - mean) @ root
        log = -0.5 * (z @ z + len(z) * np.log(2 * np.pi)) + np.log(np.diag(root)).sum()
        assert log == pytest.approx(multivariate_normal(mean, matrix).logpdf(X[0]))


@pytest.mark.parametrize("kind", COVARIANCES)
def test_every_structure_agrees_between_halves_on_planted_segments(kind):
    X = segments(0, rows=400, shares=(0.6, 0.4), apart=6.0)[0]
    first = np.random.default_rng(1).permutation(len(X)) < len(X) // 2
    halves, rng = np.array([first, ~first]), np.random.default_rng(0)
    result = held_out_gain(X, halves, model=(kind, 2), max_components=4, rng=rng)
    assert result.several
    assert result.agreement[0] > 0.9


def test_a_trough_is_where_the_density_is_lowest():
    means, one = np.array([[0.0], [5.0]]), np.ones((2, 1, 1))
    x = np.linspace(0, 5, 4001)
    density = np.exp(-(x**2) / 2) * 0.8 + np.exp(-((x - 5) ** 2) / 2) * 0.2
    expected = density.min() / density[-1000:].max()
    assert trough(means, one, np.array([0.8, 0.2])) == pytest.approx(expected, rel=0.02)
