"""The shape of a candidate, the plane it is drawn on, and what marks its segments."""

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import pdist, squareform

from seglib.clustering import make_candidates, plain_columns, prepare, shape_of
from seglib.clustering.flows import slsa_flows, slsa_order
from seglib.clustering.markers import segment_profile, variable_order
from seglib.clustering.shape import plane_of, shape_from_means
from seglib.errors import DataError


@pytest.fixture
def bench(planted, brief, study):
    return prepare(planted[0], brief, study)


def test_centroids_are_the_models_and_others_means(bench):
    kmeans = next(c for c in make_candidates(bench, ["kmeans"]) if c.method == "kmeans")
    ward = next(c for c in make_candidates(bench, ["mixture"]) if c.k == 3)
    own, means = shape_of(bench, kmeans), shape_of(bench, ward)
    assert np.array_equal(own.centers, np.asarray(kmeans.model.centers))
    assert own.nearest_own == 1.0
    assert "centroids." in own.basis
    for place, segment in enumerate(means.segments):
        inside = bench.X[ward.labels == segment]
        assert np.allclose(means.centers[place], inside.mean(axis=0), atol=1e-12)
        away = np.linalg.norm(inside - means.centers[place], axis=1)
        assert np.allclose(means.own(place), away, atol=1e-12)
    assert "no centroids" in means.basis


def test_rows_without_a_segment_move_no_centre():
    shape = shape_from_means([[0.0], [2.0], [99.0], [8.0]], [1, 1, 0, 2])
    assert shape.centers.ravel().tolist() == [1.0, 8.0]
    assert (shape.unplaced, shape.sizes.tolist()) == (1, [2, 1])


def test_the_plane_is_that_of_the_two_leading_components():
    X = np.random.default_rng(0).normal(size=(50, 4)) * [5, 3, 1, 0.5]
    mean, axes, share = plane_of(X)
    values, vectors = np.linalg.eigh(np.cov(X.T))
    assert np.allclose(mean, X.mean(axis=0))
    assert np.allclose(np.abs(axes), np.abs(vectors[:, [3, 2]].T), atol=1e-9)
    assert share == pytest.approx(values[2:].sum() / values.sum(), abs=1e-12)
    assert plane_of(np.ones((5, 1)))[2] == 1.0


def test_a_binary_marker_differs_by_a_quarter_or_by_half_of_the_whole():
    share = {"far": (1.0, 0.4), "near": (0.5, 0.4), "rare": (0.16, 0.04), "never": (0.0, 0.0)}
    X = pd.DataFrame(
        {
            name: np.repeat([1.0, 0.0, 1.0, 0.0], [int(a * 50), 50 - int(a * 50),
                                                  int(b * 50), 50 - int(b * 50)])
            for name, (a, b) in share.items()
        }
    )  # fmt: skip
    found = segment_profile(X, np.repeat([1, 2], 50)).set_index(["segment", "variable"])
    for (segment, name), row in found.iterrows():
        away, mean = abs(share[name][segment - 1] - sum(share[name]) / 2), sum(share[name]) / 2
        assert row["binary"]
        assert row["center"] == pytest.approx(share[name][segment - 1])
        assert row["marker"] == (away >= 0.25 or (mean > 0 and away / mean >= 0.5))
    assert found["marker"].groupby("variable").any().to_dict() == {
        "far": True, "near": False, "rare": True, "never": False
    }  # fmt: skip


def test_a_metric_marker_has_the_samples_median_outside_its_quartile_box():
    rng = np.random.default_rng(1)
    labels = np.repeat([1, 2, 3], 40)
    X = rng.normal(size=(120, 3)) + np.outer(labels, [1.5, 0.3, 0.0])
    found = segment_profile(X, labels).set_index(["segment", "variable"])
    for j in range(3):
        for s in (1, 2, 3):
            low, high = np.percentile(X[labels == s, j], [25, 75])
            outside = not low <= np.median(X[:, j]) <= high
            assert found.loc[(s, f"variable {j + 1}"), "marker"] == outside
    assert found["marker"].any()
    with pytest.raises(DataError, match="2 labels for 120 rows"):
        segment_profile(X, [1, 2])


def test_like_variables_stand_together():
    rng = np.random.default_rng(2)
    base = rng.normal(size=(200, 2))
    X = np.column_stack([base[:, 0], base[:, 1], base[:, 0], base[:, 1]])
    order = variable_order(X + rng.normal(0, 0.1, X.shape))
    places = np.argsort(order)
    assert abs(places[0] - places[2]) == abs(places[1] - places[3]) == 1
    length = squareform(pdist(X.T))[order[:-1], order[1:]]
    assert length.sum() < squareform(pdist(X.T))[[0, 1, 2], [1, 2, 3]].sum()
    assert variable_order(np.ones((5, 3))) == sorted(variable_order(np.ones((5, 3))))


def test_plain_columns_have_no_weights(bench):
    columns = plain_columns(bench)
    assert columns.columns.tolist() == ["spend", "visits"]
    assert np.allclose(columns.mean(), 0, atol=1e-9)
    assert np.allclose(columns.std(ddof=0), 1, atol=0.01)


def test_flows_and_their_order():
    X = np.array([[9.0]] * 4 + [[5.0]] * 2 + [[0.0]] * 4)
    solutions = {2: [1] * 6 + [2] * 4, 3: [1] * 4 + [3] * 2 + [2] * 4}
    flows = slsa_flows(solutions).set_index(["source", "segment"])["share"]
    assert flows.to_dict() == {(1, 1): 0.4, (1, 3): 0.2, (2, 2): 0.4}
    assert slsa_order(X, solutions) == {2: [2, 1], 3: [2, 1, 3]}
    assert slsa_flows({2: solutions[2]}).empty
