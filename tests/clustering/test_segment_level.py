"""SLSW and SLSA beside a literal re-implementation of their definitions."""

import math
from itertools import permutations

import numpy as np
import pandas as pd
import pytest

from seglib.clustering.bootstrap import bootstrap_weights
from seglib.clustering.lloyd import assign, fit_many
from seglib.clustering.segment_level import segment_stability, slsa, slsw
from seglib.errors import DataError, StudyError


def partition(rng, rows, k):
    labels = rng.integers(0, k, rows)
    labels[:k] = np.arange(k)
    return labels


def jaccard(own, fitted, segment, other):
    a, b = set(np.flatnonzero(own == segment)), set(np.flatnonzero(fitted == other))
    return len(a & b) / len(a | b)


@pytest.mark.parametrize("k", [2, 3, 5])
def test_slsw_is_the_mean_of_the_best_overlaps_of_a_pair(k):
    rng = np.random.default_rng(k)
    own, fitted = partition(rng, 60, k), np.array([partition(rng, 60, k) for _ in range(6)])
    found = segment_stability(own, fitted, list(range(k)), rows=60)
    for pair in range(3):
        for h in range(k):
            best = [
                max(jaccard(own, fitted[i], h, other) for other in range(k))
                for i in (2 * pair, 2 * pair + 1)
            ]
            assert found.jaccard.loc[pair, h] == pytest.approx(sum(best) / 2, abs=1e-12)


def test_one_to_one_partners_have_the_largest_sum():
    rng = np.random.default_rng(1)
    own, fitted = partition(rng, 40, 4), np.array([partition(rng, 40, 4) for _ in range(2)])
    found = segment_stability(own, fitted, list(range(4)), rows=40).matched
    sums = [
        max(sum(jaccard(own, f, h, p[h]) for h in range(4)) for p in permutations(range(4)))
        for f in fitted
    ]
    assert found.loc[0].sum() == pytest.approx(sum(sums) / 2, abs=1e-12)


def test_slsa_is_one_minus_the_entropy_of_where_a_segment_came_from():
    rng = np.random.default_rng(2)
    solutions = {k: partition(rng, 80, k) for k in (2, 3, 4, 6)}
    found = slsa(solutions).set_index(["k", "segment"])
    assert found.loc[2, "stability"].isna().all()
    for before, k in ((2, 3), (3, 4), (4, 6)):
        for segment in range(k):
            inside = solutions[before][solutions[k] == segment]
            entropy = 0.0
            for j in range(before):
                p = float(np.mean(inside == j))
                entropy -= p * np.log(p) / np.log(before) if p else 0.0
            row = found.loc[(k, segment)]
            assert row["entropy"] == pytest.approx(entropy, abs=1e-12)
            assert row["stability"] == pytest.approx(1 - entropy, abs=1e-12)
            assert row["size"] == len(inside)


def test_bad_input_is_said():
    with pytest.raises(DataError, match="3 labels for 4 rows"):
        slsw(np.eye(4), [0, 1, 1])
    with pytest.raises(StudyError, match="n_pairs"):
        slsw(np.eye(4), [0, 1, 1, 0], n_pairs=0)
    with pytest.raises(DataError, match="different numbers of rows"):
        slsa({2: [0, 1], 3: [0, 1, 2]})


def test_rows_without_a_segment_make_none():
    own, fitted = np.array([0, 0, 1, 1, -1]), np.array([[1, 1, 0, 0, 0], [0, 0, -1, -1, 1]])
    found = segment_stability(own, fitted, ["a", "b"], rows=5)
    assert found.jaccard.loc[0, "a"] == 1.0
    assert found.jaccard.loc[0, "b"] == pytest.approx((2 / 3 + 0) / 2)
    assert found.jaccard.columns.tolist() == ["a", "b"]


def literal_slsw(X, own, weights, centers):
    """SLSW row by row: bootstrap fits assign all rows, best overlap of sets, mean of the pair."""
    values = []
    for one in centers:
        distances = [np.sqrt(((X - c) ** 2).sum(axis=1)) for c in one]
        fitted = np.argmin(distances, axis=0)
        values.append([max(jaccard(own, fitted, h, g) for g in set(fitted)) for h in set(own)])
    assert (weights.sum(axis=1) == len(X)).all()
    return [np.mean(pair, axis=0) for pair in zip(values[::2], values[1::2], strict=True)]


def literal_slsa(before, own):
    """1 − E of each new segment, E = −Σ p ln p / ln(k before)."""
    stability = []
    for segment in sorted(set(own)):
        sources = before[own == segment].tolist()
        shares = [sources.count(j) / len(sources) for j in set(before)]
        entropy = -sum(p * math.log(p) for p in shares if p > 0) / math.log(len(set(before)))
        stability.append(1 - entropy)
    return stability


@pytest.mark.real
def test_the_survey_agrees_with_a_literal_re_implementation(real_data):
    X = pd.read_csv(real_data / "vacmot" / "vacmot.csv").to_numpy(dtype=float)
    best = {k: fit_many(X, k, n_starts=5, n_swaps=5, random_state=0).best() for k in range(2, 9)}
    solutions = {k: assign(X, centers)[0] for k, centers in best.items()}
    across = slsa(solutions).set_index("k")["stability"]
    for k, own in solutions.items():
        found = slsw(X, own, n_pairs=1, random_state=k)
        rng = np.random.default_rng(k)
        weights = bootstrap_weights(len(X), 2, rng)
        fits = fit_many(X, k, weights=weights, n_starts=3, n_swaps=5, random_state=rng)
        expected = literal_slsw(X, own, weights, fits.best())
        assert np.allclose(found.jaccard.to_numpy(), expected, atol=1e-12, rtol=0)
        if k > 2:
            literal = literal_slsa(solutions[k - 1], own)
            assert np.allclose(across[k], literal, atol=1e-12, rtol=0)
