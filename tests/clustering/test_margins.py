import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.clustering import margins
from seglib.clustering.descent import Batch, Matrix
from seglib.clustering.margins import exchange_by_margins


def problem(seed, rows=400, k=5):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(rows, 3)) * [1, 2, 3] + rng.integers(0, 3, (rows, 1))
    weights = rng.integers(0, 4, (3, rows)).astype(float)
    starts = X[rng.integers(0, rows, (3, k))]
    return X, weights, starts


def run(X, weights, starts, *, by_margins):
    matrix = Matrix.of(X)
    batch = Batch(matrix.double, weights, starts.shape[1])
    inward = matrix.inward(starts)
    if by_margins:
        centers, within = exchange_by_margins(batch, inward, 300)
    else:
        centers, within = batch.exchange(inward, 300)
    return matrix.outward(centers), within * matrix.unit**2


def worst_gain(X, weights, centers):
    """How much of the sum of squares the best move of a single row would save."""
    squares = np.square(X[:, None] - centers).sum(axis=2)
    own = squares.argmin(axis=1)
    held = np.bincount(own, weights, len(centers))
    worst = 0.0
    for i in np.flatnonzero(weights):
        w, a = weights[i], own[i]
        if held[a] <= w:
            continue
        leaves = squares[i, a] * held[a] * w / (held[a] - w)
        joins = squares[i] * held * w / (held + w)
        worst = max(worst, leaves - np.delete(joins, a).min())
    return worst


@given(st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_at_the_end_no_row_can_move_with_gain(seed):
    X, weights, starts = problem(seed)
    centers, within = run(X, weights, starts, by_margins=True)
    for w, c, total in zip(weights, centers, within, strict=True):
        labels = np.square(X[:, None] - c).sum(axis=2).argmin(axis=1)
        held = np.bincount(labels, w, len(c))
        full = held > 0
        sums = np.array([w[labels == j] @ X[labels == j] for j in range(len(c))])
        assert np.allclose(sums[full] / held[full, None], c[full])
        assert np.square(X - c[labels]).sum(axis=1) @ w == pytest.approx(total)
        assert worst_gain(X, w, c) <= 1e-9 * total


@given(st.integers(0, 10_000))
@settings(max_examples=20, deadline=None)
def test_the_end_is_that_of_looking_at_every_row_in_every_pass(seed):
    X, weights, starts = problem(seed)
    (one, low), (other, high) = (run(X, weights, starts, by_margins=b) for b in (True, False))
    assert np.allclose(low, high, rtol=1e-12)
    assert np.allclose(one, other)


def test_few_rows_are_looked_at_again(monkeypatch):
    X, weights, starts = problem(0, 20_000)
    looked = []
    seen = margins._Partitions._look

    def look(self, r, rows, *rest):
        looked.append(len(rows))
        return seen(self, r, rows, *rest)

    monkeypatch.setattr(margins._Partitions, "_look", look)
    run(X, weights, starts, by_margins=True)
    assert len(looked) > 30
    assert np.median(looked) < 0.2 * len(X)


def test_an_empty_segment_and_a_row_alone_are_no_trouble():
    X = np.array([[0.0], [0.0], [0.0], [9.0]])
    starts = np.array([[[0.0], [9.0], [500.0]]])
    centers, within = run(X, np.ones((1, 4)), starts, by_margins=True)
    assert within == pytest.approx(0, abs=1e-12)
    assert {0.0, 9.0} <= set(np.round(centers[0, :, 0], 9))
