import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from seglib.clustering import ward

from .planted import noise, segments


def test_cuts_are_those_of_scikit_learn():
    X = noise("independent", 0, 200)
    for k, (labels, centers) in ward.ward_cuts(X, range(2, 7), seed=0).items():
        peer = AgglomerativeClustering(k, linkage="ward").fit_predict(X)
        assert adjusted_rand_score(peer, labels) == 1.0
        means = [X[labels == s].mean(axis=0) for s in range(k)]
        np.testing.assert_allclose(centers, means)


def test_many_rows_are_placed_by_a_tree_of_a_sample(monkeypatch):
    monkeypatch.setattr(ward, "MOST_ROWS", 300)
    X, truth, _ = segments(0, rows=1000, apart=6.0)
    labels, centers = ward.ward_cuts(X, [4], seed=0)[4]
    assert len(labels) == len(X)
    assert centers.shape == (4, X.shape[1])
    assert adjusted_rand_score(truth, labels) > 0.95
    again = ward.ward_cuts(X, [4], seed=0)[4][0]
    np.testing.assert_array_equal(labels, again)
