import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib.clustering.agreement import adjusted_rand
from seglib.clustering.stability import global_stability
from seglib.errors import DataError, StudyError

from .planted import noise, segments

EQUAL = (0.4, 0.3, 0.3)


def test_agreement_is_the_adjusted_rand_index_of_scikit_learn():
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 4, (20, 50)), rng.integers(0, 3, (20, 50))
    expected = [adjusted_rand_score(a, b) for a, b in zip(first, second, strict=True)]
    assert np.allclose(adjusted_rand(first, second), expected, atol=1e-12)


def test_the_figures_are_those_of_the_labels():
    found = global_stability(noise("independent", 0, 80), [2, 3], 4, 0, optimiser_pairs=2)
    for k in (2, 3):
        pairs = found.labels[k]
        expected = [adjusted_rand_score(pairs[2 * i], pairs[2 * i + 1]) for i in range(4)]
        assert np.allclose(found.ari[k], expected, atol=1e-12)


def test_the_planted_number_is_stable_and_certified():
    X = segments(0, apart=8.0, rows=300, shares=EQUAL)[0]
    found = global_stability(X, [3, 6], 10, 0, optimiser_pairs=3)
    assert found.ari[3].median() > 0.95 > found.ari[6].median()
    assert found.certified(3)
    assert found.summary()["certified"].tolist() == [found.certified(3), found.certified(6)]


def test_figures_without_a_certificate_are_withheld():
    X = noise("independent", 0)
    found = global_stability(X, [8], 3, 0, optimiser_pairs=0, min_hits=200, max_restarts=16)
    assert found.summary()["median"].isna().all()
    assert found.summary(withhold=False)["median"].notna().all()
    assert "withheld for k = 8" in found.sentence()


def test_a_k_does_not_depend_on_its_company_nor_on_threads():
    X = noise("independent", 2, 100)
    alone = global_stability(X, [3], 3, 1, optimiser_pairs=2, n_jobs=1)
    both = global_stability(X, [2, 3], 3, 1, optimiser_pairs=2, n_jobs=2)
    assert both.ari[3].equals(alone.ari[3])


def test_a_subsample_is_said():
    found = global_stability(noise("independent", 0), [2], 2, 0, optimiser_pairs=0, max_rows=100)
    assert (found.rows, found.rows_used) == (300, 100)
    assert "a random subsample of the 300" in found.sentence()


def test_bad_input_is_said():
    with pytest.raises(StudyError, match=r"as many different rows; there are 1"):
        global_stability(np.zeros((10, 2)), [2])
    with pytest.raises(DataError, match="2 rows are needed"):
        global_stability(np.zeros((1, 2)), [2])
    with pytest.raises(StudyError, match="No number of segments"):
        global_stability(np.eye(3), [])
    with pytest.raises(DataError, match="Missing or infinite values in: 1"):
        global_stability(np.array([[0.0, np.nan], [1.0, 2.0]]), [2])
