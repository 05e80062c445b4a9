import numpy as np
import pytest

from seglib.clustering.prediction import _half_strength, prediction_strength
from seglib.errors import StudyError

from .planted import noise, segments


def literal(own, foretold):
    """Tibshirani & Walther: worst segment's share of pairs that the other half keeps together."""
    shares = []
    for j in np.unique(own):
        rows = np.flatnonzero(own == j)
        if len(rows) <= 1:
            shares.append(1.0)
            continue
        together = sum(foretold[a] == foretold[b] for a in rows for b in rows if a != b)
        shares.append(together / (len(rows) * (len(rows) - 1)))
    return min(shares)


@pytest.mark.parametrize("seed", range(5))
def test_strength_of_a_half_is_that_of_the_definition(seed):
    rng = np.random.default_rng(seed)
    own, foretold = rng.integers(0, 4, 30), rng.integers(0, 3, 30)
    own[:4] = np.arange(4)
    assert _half_strength(own, foretold) == pytest.approx(literal(own, foretold), abs=1e-12)


def test_a_segment_of_one_row_scores_one():
    assert _half_strength(np.array([0, 0, 1]), np.array([0, 0, 1])) == 1.0


def test_separated_segments_are_foretold_and_noise_is_not():
    X = segments(0, apart=8.0, rows=400, shares=(0.4, 0.3, 0.3))[0]
    found = prediction_strength(X, [3], n_splits=5, random_state=0)
    assert found["mean"].item() > 0.9
    loose = prediction_strength(noise("independent", 0), [4], n_splits=5, random_state=0)
    assert loose["mean"].item() < 0.6


def test_a_k_does_not_depend_on_its_company():
    X = noise("independent", 1)
    alone = prediction_strength(X, [3], n_splits=3, random_state=2)
    both = prediction_strength(X, [2, 3], n_splits=3, random_state=2)
    assert both.iloc[1].equals(alone.iloc[0])


def test_bad_k_is_said():
    with pytest.raises(StudyError, match="at least 2 segments, got k = 1"):
        prediction_strength(np.eye(6), [1])
