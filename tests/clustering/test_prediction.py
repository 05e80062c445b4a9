import numpy as np
import pytest

from seglib.clustering.lloyd import fit_many
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


def test_strength_is_the_mean_over_halvings_of_both_halves():
    X, k, splits = segments(3, apart=2.0, rows=80, shares=(0.5, 0.3, 0.2))[0], 3, 4
    rng = np.random.default_rng(5)
    first = np.argsort(rng.random((splits, len(X))), axis=1) < len(X) // 2
    halves = np.stack([first, ~first], axis=1).reshape(2 * splits, -1)
    own = np.random.default_rng([int(rng.integers(2**62)), k])
    fits = fit_many(X, k, weights=halves.astype(float), n_starts=2, n_swaps=5, random_state=own)
    strengths = []
    for split in range(splits):
        ends = []
        for here, there in ((2 * split, 2 * split + 1), (2 * split + 1, 2 * split)):
            rows = X[halves[here]]
            labels = [
                np.argmin([((rows - c) ** 2).sum(axis=1) for c in fits.best()[side]], axis=0)
                for side in (here, there)
            ]
            ends.append(literal(*labels))
        strengths.append(sum(ends) / 2)
    found = prediction_strength(X, [k], splits, 5)
    assert found["mean"].item() == pytest.approx(np.mean(strengths), abs=1e-12)
    assert found["sd"].item() == pytest.approx(np.std(strengths, ddof=1), abs=1e-12)


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
