import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering.gain import structure_gain
from seglib.errors import DataError, StudyError

from .planted import noise, segments


@pytest.mark.parametrize("seed", range(3))
def test_planted_groups_are_found_and_counted(seed):
    found = structure_gain(segments(seed)[0], n_twins=12, n_splits=2, random_state=seed)
    assert (found.found, found.groups, found.components) == ("yes", 4, 4)
    assert found.repeated
    assert found.gain > max(found.twin_gains)
    assert found.z_low < found.z < found.z_high


@pytest.mark.parametrize("kind", ["independent", "one cloud", "ratings", "heavy-tailed"])
def test_noise_holds_no_groups(kind):
    found = structure_gain(noise(kind, 3), n_twins=6, n_splits=2, random_state=3)
    assert found.found == "no"
    assert "Nothing speaks for more than one cloud" in found.sentence()


def test_levels_of_a_category_are_no_groups_and_do_not_hide_any():
    rng = np.random.default_rng(0)
    groups, truth, _ = segments(0, rows=600)
    for data, expected in ((noise("independent", 0, 500), ("no", 1)), (groups, ("yes", 4))):
        own = rng.integers(0, 4, len(data))
        if len(data) == len(truth):
            own = np.where(rng.random(len(truth)) < 0.7, truth, own)
        X = np.column_stack([data, np.eye(4)[own]])
        blocks = [list(range(data.shape[1], X.shape[1]))]
        found = structure_gain(X, n_twins=6, n_splits=2, blocks=blocks, random_state=0)
        assert (found.found, found.groups) == expected


def test_a_bent_cloud_takes_several_components_and_is_no_group():
    rng = np.random.default_rng(0)
    t = rng.normal(size=600)
    X = np.column_stack([t, *np.exp(0.7 * t) * rng.normal(size=(4, 600))])
    found = structure_gain(X, n_twins=6, n_splits=2, random_state=0)
    assert found.components > 1
    assert (found.groups, found.found) == (1, "no")


def test_half_a_circle_is_seldom_groups_that_two_halves_repeat():
    assert sum(_half_a_circle_is_groups(seed) for seed in range(3)) <= 1


def _half_a_circle_is_groups(seed):
    rng = np.random.default_rng(seed)
    angle = rng.uniform(0.0, np.pi, 600)
    arc = 5.0 * np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(size=(600, 2)) / 2
    X = np.column_stack([arc, rng.normal(size=(600, 4))])
    found = structure_gain(X, n_twins=6, n_splits=2, random_state=seed)
    assert found.components > 2
    return found.groups > 1 and found.repeated


@pytest.mark.parametrize("seed", range(2))
def test_groups_in_a_row_along_one_column_are_found(seed):
    rng = np.random.default_rng(seed)
    truth = np.repeat(range(4), (500, 250, 150, 100))
    X = rng.normal(size=(1000, 6))
    X[:, 0] += 4.0 * truth
    found = structure_gain(X, n_twins=6, n_splits=2, random_state=seed)
    assert (found.found, found.groups, found.repeated) == ("yes", 4, True)


def test_lumps_of_a_column_with_ties_are_no_groups():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(600, 4))
    X[:, 0] = np.where(rng.random(600) < 0.4, 0.0, 6.0 + X[:, 0])  # many spend nothing
    found = structure_gain(X, n_twins=6, n_splits=2, random_state=0)
    assert found.found != "yes"
    assert not found.alike


def test_rows_with_gaps_are_placed_by_what_is_known_of_them():
    X, truth, _ = segments(1, apart=5.0)
    missing = np.random.default_rng(0).random(X.shape) < 0.1
    filled = np.where(missing, np.median(X, axis=0), X)
    settings = {"n_twins": 6, "n_splits": 2, "random_state": 1}
    told = structure_gain(filled, missing=missing, **settings)
    untold = structure_gain(filled, **settings)
    agreement = [adjusted_rand_score(truth, s.group_of) for s in (told, untold)]
    assert told.groups == 4
    assert agreement[0] > agreement[1] + 0.01
    assert agreement[0] > 0.97


def test_filled_values_are_no_group():
    rng, truth = np.random.default_rng(0), np.repeat([0, 1], [400, 200])
    X = rng.normal(size=(600, 4)) + truth[:, None] * [10.0, 4.0, 0.0, 0.0]
    missing = np.zeros(X.shape, dtype=bool)
    missing[:, 0] = rng.random(600) < 0.2
    filled = np.where(missing, np.median(X, axis=0), X)
    settings = {"n_twins": 6, "n_splits": 2, "random_state": 1}
    assert structure_gain(filled, **settings).groups == 3
    found = structure_gain(filled, missing=missing, **settings)
    assert (found.groups, len(np.unique(found.group_of))) == (2, 2)
    assert adjusted_rand_score(truth, found.group_of) > 0.95


def test_two_answers_to_one_question_are_no_groups():
    rng = np.random.default_rng(0)
    truth = np.repeat([0, 1], [600, 300])
    answers = rng.normal(size=(900, 6)) + 4.0 * truth[:, None] * [1, 1, 0, 0, 0, 0]
    answers = np.digitize(answers / 1.5, [-1.5, -0.5, 0.5, 1.5, 2.5, 3.5]).astype(float)
    answers[:, 5] = rng.integers(4, 6, 900)  # all say 4 or 5, as they happen to
    found = structure_gain(answers, n_twins=6, n_splits=2, random_state=0)
    assert (found.found, found.groups, found.repeated) == ("yes", 2, True)
    assert adjusted_rand_score(truth, found.group_of) > 0.9


def test_the_result_does_not_depend_on_threads():
    X = noise("independent", 0, 100)
    one, two = (structure_gain(X, n_twins=3, random_state=5, n_jobs=n) for n in (1, 2))
    assert one == two


def test_bad_input_is_refused_with_a_sentence():
    with pytest.raises(DataError, match="20 rows are needed"):
        structure_gain(np.zeros((5, 2)))
    with pytest.raises(DataError, match="Missing or infinite"):
        structure_gain(np.full((30, 2), np.nan))
    with pytest.raises(DataError, match="as many rows and columns"):
        structure_gain(np.zeros((30, 2)), missing=np.zeros((30, 3), dtype=bool))
    with pytest.raises(StudyError, match="n_splits"):
        structure_gain(np.random.default_rng(0).normal(size=(30, 2)), n_splits=0)
