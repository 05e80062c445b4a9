"""Groups that many columns show together, with few rows a column."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering.gain import structure_gain
from seglib.clustering.views import ALL, LEADING, views


def items(seed: int, columns: int = 24, rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Yes/no items that three segments answer differently."""
    rng = np.random.default_rng(seed)
    truth = np.repeat([0, 1, 2], [rows // 2, rows // 4, rows // 4])
    often = np.where(rng.random((3, columns)) < 0.5, 0.15, 0.85)
    return (rng.random((rows, columns)) < often[truth]).astype(float), truth


def test_independent_columns_have_no_leading_components_beyond_chance() -> None:
    counts = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        found = views(rng.normal(size=(400, 6)), None, rng)
        counts.append(found[LEADING].shape[1] if LEADING in found else 0)
        assert found[ALL].tolist() == np.eye(6).tolist()
    assert np.mean(counts) <= 3  # half of the noise's axes lie above their mean; no more


def test_groups_lead_and_too_many_columns_are_not_looked_at_together() -> None:
    X, truth = items(0)
    found = views(X, None, np.random.default_rng(0))
    assert list(found) == [LEADING]
    scores = X @ found[LEADING]
    between = sum((scores[truth == s].mean(axis=0) - scores.mean(axis=0)) ** 2 for s in range(3))
    assert (between[:2] > 0.2 * scores.var(axis=0)[:2]).all()


def test_columns_that_only_repeat_others_are_dropped() -> None:
    rng = np.random.default_rng(1)
    X = rng.normal(size=(500, 4))
    axes = views(np.column_stack([X, X[:, 0] + X[:, 1]]), None, rng)[ALL]
    assert axes.shape == (5, 4)


def test_an_axis_has_no_sign_of_chance() -> None:
    X, _ = items(2)
    axes = views(X, None, np.random.default_rng(0))[LEADING]
    assert (
        axes[np.abs(axes * X.std(axis=0)[:, None]).argmax(axis=0), range(axes.shape[1])] > 0
    ).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_segments_by_yes_no_items_are_found(seed: int) -> None:
    X, truth = items(seed)
    found = structure_gain(X, n_twins=12, n_splits=3, random_state=seed)
    assert (found.found, found.repeated, found.groups) == ("yes", True, 3)
    assert found.view == LEADING
    assert adjusted_rand_score(truth, found.group_of) > 0.9
    assert "leading principal components" in found.sentence()


def test_items_without_segments_are_left_alone() -> None:
    rng = np.random.default_rng(3)
    X = (rng.random((400, 24)) < rng.random(24)).astype(float)
    assert structure_gain(X, n_twins=12, n_splits=3, random_state=3).found == "no"
