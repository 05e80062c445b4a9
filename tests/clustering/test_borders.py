"""Where the borders between groups lie."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering.borders import group_mixture
from seglib.clustering.gain import structure_gain
from seglib.clustering.views import LEADING

from .planted import one_cloud, segments

FLOOR = np.full(8, 0.01)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_groups_seen_along_some_columns_get_the_borders_of_all(seed: int) -> None:
    X, truth, best = segments(seed)
    middles = np.stack([X[truth == s, :3].mean(axis=0) for s in range(4)])
    seen = np.square(X[:, None, :3] - middles).sum(axis=2).argmin(axis=1)
    placed = group_mixture(X, seen, FLOOR)
    assert placed is not None
    before, after, ceiling = (
        adjusted_rand_score(truth, labels) for labels in (seen, placed.labels, best)
    )
    assert before < ceiling - 0.1
    assert after > ceiling - 0.02


def test_components_that_are_other_groups_place_no_border() -> None:
    X, truth, _ = segments(0)
    halved = np.where(truth == 0, 4 * (X[:, 0] > np.median(X[truth == 0, 0])), truth)
    assert group_mixture(X, halved, FLOOR) is None  # no gap between the halves
    assert group_mixture(X, np.arange(len(X)) % 4, FLOOR) is None  # EM leaves such groups at once
    cloud = one_cloud(0)
    assert group_mixture(cloud, (cloud[:, 0] > 0).astype(int), np.full(10, 0.01)) is None


@pytest.mark.parametrize("seed", [1, 4])
def test_groups_along_few_axes_are_placed_by_all_columns(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    X, truth, best = segments(seed)
    axes = np.linalg.svd(X, full_matrices=False)[2][:3].T
    monkeypatch.setattr("seglib.clustering.gain.views", lambda *_: {LEADING: axes})
    found = structure_gain(X, n_twins=4, n_splits=2, random_state=0)
    assert (found.groups, found.view, found.axes) == (4, LEADING, 3)
    ceiling = adjusted_rand_score(truth, best)
    assert adjusted_rand_score(truth, found.group_of) > ceiling - 0.02
    monkeypatch.setattr("seglib.clustering.gain.group_mixture", lambda *_, **__: None)
    along = structure_gain(X, n_twins=4, n_splits=2, random_state=0)
    assert adjusted_rand_score(truth, along.group_of) < ceiling - 0.02
