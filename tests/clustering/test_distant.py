"""A few rows that lie far from all others are set aside; a part of the market is not."""

import numpy as np
import pytest

from seglib.clustering.distant import distant_rows
from seglib.clustering.floors import variance_floor
from seglib.clustering.gain import structure_gain


@pytest.fixture
def clouds():
    """Three clouds nine deviations apart, and 2 % of the rows far out on all sides."""
    rng = np.random.default_rng(4)
    centers = np.array([[0.0, 0.0, 0.0], [9.0, 0.0, 0.0], [0.0, 9.0, 0.0]])
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]  # else the columns alone show the groups
    X = centers[np.repeat([0, 1, 2], [150, 90, 60])] @ turn + rng.standard_normal((300, 3))
    far = rng.standard_normal((6, 3))
    far *= 60 / np.linalg.norm(far, axis=1, keepdims=True)
    return np.vstack([X, far])


def test_rows_far_out_are_marked(clouds):
    assert np.flatnonzero(distant_rows(clouds)).tolist() == list(range(300, 306))


def test_a_cloud_has_hardly_any():
    X = np.random.default_rng(1).standard_normal((1000, 4))
    assert distant_rows(X).mean() < 0.005


@pytest.mark.parametrize(
    "X",
    [
        np.repeat([[0.0], [1.0]], 50, axis=0),
        np.arange(4.0)[:, None],
        np.vstack([np.zeros((90, 2)) + np.arange(90)[:, None] / 100, 1e3 * np.eye(2).repeat(10, 0)
                   * np.arange(1, 21)[:, None]]),
    ],
    ids=["ties", "few rows", "a tenth of the rows"],
)  # fmt: skip
def test_nobody_is_set_aside_where_distances_do_not_tell(X):
    assert not distant_rows(X).any()


def test_groups_are_found_beside_them_and_they_are_counted(clouds):
    found = structure_gain(clouds, n_twins=12, n_splits=3, max_components=5, random_state=0)
    assert (found.found, found.groups, found.distant) == ("yes", 3, 6)
    assert "Set aside before: 6 of 306 rows" in found.sentence()
    assert len(found.group_of) == 306


def test_no_component_sits_on_a_level():
    """Levels of a category lie apart without any groups."""
    levels = np.eye(3)[np.random.default_rng(0).integers(0, 3, 300)]
    X = np.column_stack([np.random.default_rng(1).standard_normal(300), levels])
    floor = variance_floor(X, [[1, 2, 3]])
    assert floor[0] == 0.01
    assert (floor[1:] > 1).all()
