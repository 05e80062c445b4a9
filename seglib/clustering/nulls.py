"""Null twins: data like the given, without its clusters.

Sources: column permutation as in Tibshirani, Walther & Hastie (2001) and in parallel analysis
(Horn 1965); the normal copula with the data's own marginals as in Iman & Conover (1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import norm, rankdata

from seglib.clustering.checks import matrix_of
from seglib.errors import StudyError, unknown

FloatArray = npt.NDArray[np.floating[Any]]
Block = Sequence[str | int]
How = Literal["permute", "copula"]
Data = TypeVar("Data", pd.DataFrame, np.ndarray)

HERMITE_DEGREE = 24
BISECTIONS = 30
KINDS: tuple[How, ...] = ("permute", "copula")


def null_twin(
    X: Data,
    how: How = "permute",
    blocks: Sequence[Block] | None = None,
    random_state: int | np.random.Generator | None = None,
) -> Data:
    """Draw data with the marginals of `X` and without its clusters.

    Parameters
    ----------
    X
        Rows × variables, numeric, nothing missing.
    how
        `"permute"`: each column is permuted by itself, so that nothing but the marginals is left.
        `"copula"`: rows of a normal distribution with the correlations of the columns' normal
        scores (corrected for ties); then each column's own values, sorted, are handed out by
        rank. Marginals and ties are kept exactly, correlations nearly, and groups go.
    blocks
        Columns (names, or places in an array) whose values stay together, such as the levels of
        one category: a row of the twin has a row's values in all of them. Levels lie apart
        without any groups, and apart they must lie in the twin. To the copula a block is one
        variable: its values in the order in which the other columns change most.
    random_state
        Seed or generator.

    Returns
    -------
    pandas.DataFrame or numpy.ndarray
        Like `X`: a frame keeps its index, columns and types.

    Raises
    ------
    StudyError
        Where `how` or a block is not known.

    Examples
    --------
    >>> null_twin(np.array([[1, 5], [2, 6], [3, 7]]), random_state=0)
    array([[3, 7],
           [1, 6],
           [2, 5]])
    """
    if how not in KINDS:
        raise StudyError(unknown("null twin", how, KINDS))
    rng = np.random.default_rng(random_state)
    matrix = matrix_of(X, least_rows=1)
    columns = list(X.columns) if isinstance(X, pd.DataFrame) else list(range(matrix.shape[1]))
    groups = _groups(columns, blocks or [])
    order = (_permuted if how == "permute" else _by_rank)(matrix, groups, rng)
    if isinstance(X, pd.DataFrame):
        twin = {c: X[c].array.take(order[:, j]) for j, c in enumerate(columns)}
        return pd.DataFrame(twin, index=X.index, columns=X.columns)
    return np.take_along_axis(np.asarray(X), order, axis=0)


def normal_scores(matrix: FloatArray) -> FloatArray:
    """Normal quantiles of the ranks of each column, ties together, mean 0 and variance 1.

    Examples
    --------
    >>> normal_scores(np.array([[1.0], [1.0], [9.0]])).ravel().round(3)
    array([-0.707, -0.707,  1.414])
    """
    scores = norm.ppf(rankdata(matrix, axis=0) / (len(matrix) + 1.0))
    scores -= scores.mean(axis=0)
    spread = scores.std(axis=0)
    return scores / np.where(spread > 0, spread, 1.0)


def tie_variance(matrix: FloatArray) -> FloatArray:
    """Share of the variance of the normal variable behind each column that its ties hide.

    Examples
    --------
    >>> tie_variance(np.repeat([[0.0], [1.0]], 500, axis=0)).round(2)  # yes/no: 1 − 2/π
    array([0.36])
    """
    untied = norm.ppf((np.arange(len(matrix)) + 0.5) / len(matrix))
    kept = untied @ np.sort(normal_scores(matrix), axis=0) / (len(matrix) * untied.std())
    return 1.0 - np.square(kept)


def _groups(columns: list[Any], blocks: Sequence[Block]) -> list[list[int]]:
    """Places of the columns that go together, single ones included."""
    place = {c: j for j, c in enumerate(columns)}
    named = [c for block in blocks for c in block]
    known = [str(c) for c in columns]
    problems = [unknown("column in a block", str(c), known) for c in named if c not in place]
    problems += [f"Column '{c}' is in two blocks." for c in set(named) if named.count(c) > 1]
    if problems:
        raise StudyError(problems)
    return [[place[c] for c in block] for block in blocks] + [
        [place[c]] for c in columns if c not in named
    ]


def _permuted(
    matrix: FloatArray, groups: list[list[int]], rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    order = np.empty(matrix.shape, dtype=np.intp)
    for group in groups:
        order[:, group] = rng.permutation(len(matrix))[:, None]
    return order


def _by_rank(
    matrix: FloatArray, groups: list[list[int]], rng: np.random.Generator
) -> npt.NDArray[np.intp]:
    """For each place of a twin of the normal copula the row whose value belongs there."""
    groups = sorted(groups)
    units = np.column_stack([_as_one(matrix, group) for group in groups])
    drawn = rng.standard_normal(units.shape) @ _root(_latent_correlation(units)).T
    place = np.argsort(np.argsort(drawn, axis=0, kind="stable"), axis=0, kind="stable")
    rows = np.take_along_axis(np.argsort(units, axis=0, kind="stable"), place, axis=0)
    order = np.empty(matrix.shape, dtype=np.intp)
    for unit, group in enumerate(groups):
        order[:, group] = rows[:, [unit]]
    return order


def _as_one(matrix: FloatArray, group: list[int]) -> FloatArray:
    """One variable for a block: its values in the order in which the other columns change most."""
    if len(group) == 1:
        return matrix[:, group[0]]
    block = matrix[:, group] - matrix[:, group].mean(axis=0)
    others = normal_scores(np.delete(matrix, group, axis=1))
    means = block @ np.linalg.lstsq(block, others, rcond=None)[0] if others.size else block
    axis = np.linalg.svd(means, full_matrices=False)[2][0]
    return np.round(means @ axis, 9)  # rows with the same level tie


def _latent_correlation(matrix: FloatArray) -> FloatArray:
    """Correlations of the normal variables whose tied versions have the data's normal scores.

    Ties weaken a correlation. With the coefficients c_im of column i's scores in Hermite
    polynomials of the normal variable behind it, scores correlate by Σ_m c_im c_jm ρ^m (Mehler's
    formula) when the normal variables correlate by ρ; solved for ρ by bisection.
    """
    rows, scores = len(matrix), normal_scores(matrix)
    wanted = scores.T @ scores / rows
    coefficients = _hermite(rows) @ np.sort(scores, axis=0) / rows
    low, high = np.full(wanted.shape, -0.999), np.full(wanted.shape, 0.999)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        reached = np.zeros_like(middle)
        for c in coefficients[::-1]:  # Horner's scheme
            reached = (reached + np.outer(c, c)) * middle
        low, high = (
            np.where(reached < wanted, middle, low),
            np.where(reached < wanted, high, middle),
        )
    varies = scores.any(axis=0)
    latent = np.where(np.outer(varies, varies), (low + high) / 2, 0.0)
    np.fill_diagonal(latent, 1.0)
    return latent


def _hermite(rows: int) -> FloatArray:
    """Orthonormal Hermite polynomials 1, 2, … at the normal quantiles of the ranks."""
    z = norm.ppf((np.arange(rows) + 0.5) / rows)
    degree = [np.ones(rows), z]
    for m in range(1, HERMITE_DEGREE):
        degree.append((z * degree[m] - np.sqrt(m) * degree[m - 1]) / np.sqrt(m + 1))
    return np.array(degree[1:])


def _root(correlation: FloatArray) -> FloatArray:
    """Root with rows of length 1 of the nearest matrix that can be a correlation matrix."""
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return root / np.linalg.norm(root, axis=1, keepdims=True)
