import numpy as np
import pytest

from seglib.clustering.shape import gorge, shadow, similarity

CENTERS = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 8.0]])
X = np.random.default_rng(0).normal(2, 3, (50, 2))


def test_shadow_by_its_definition():
    for row, value in zip(X, shadow(X, CENTERS), strict=True):
        first, second = sorted(np.linalg.norm(CENTERS - row, axis=1))[:2]
        assert value == pytest.approx(2 * first / (first + second), abs=1e-12)


def test_similarity_by_its_definition():
    order = np.argsort(np.linalg.norm(X[:, None] - CENTERS, axis=2), axis=1)
    values, found = shadow(X, CENTERS), similarity(X, CENTERS)
    for i in range(3):
        inside = order[:, 0] == i
        for j in range(3):
            between = inside & (order[:, 1] == j)
            expected = 1.0 if i == j else values[between].sum() / inside.sum()
            assert found[i, j] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_gorge_by_its_definition(gamma):
    weight = np.exp(-(np.linalg.norm(X[:, None] - CENTERS, axis=2) ** gamma))
    share = weight / weight.sum(axis=1, keepdims=True)
    assert np.allclose(gorge(X, CENTERS, gamma), share, atol=1e-12)
    assert np.allclose(gorge(X, CENTERS, gamma, sqrt=True), np.sqrt(share), atol=1e-12)


def test_far_rows_do_not_overflow():
    assert gorge([[1e6, 0.0]], CENTERS).sum() == pytest.approx(1)
    assert shadow([[0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]).tolist() == [1.0]
