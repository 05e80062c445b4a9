"""The axis along which one elongated cloud stretches, named by its variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from seglib.clustering.checks import Table, matrix_of, names_of
from seglib.clustering.nulls import Block, null_twin

FloatArray = npt.NDArray[np.floating[Any]]

LOADS = 0.5  # correlation with the axis from which a variable counts towards its name
MOST_NAMED = 6
ELONGATED = 1.5  # times the variance of the second axis
PERMUTED_TWINS = 19  # the largest of so many is passed by chance in 5 % of cases


@dataclass(frozen=True)
class Continuum:
    """First principal axis of the standardised variables.

    Attributes
    ----------
    share
        Share of the variance along the axis.
    by_chance
        The largest share among permuted twins (Horn 1965).
    loadings
        Variable → correlation with the axis, the largest first, at least .5 in size.
    elongated
        Whether the share is more than chance gives and the axis at least half as long again, in
        variance, as the second.
    """

    share: float
    by_chance: float
    loadings: dict[str, float]
    elongated: bool

    def name(self) -> str:
        """Name the axis by its variables, those that run against it marked by a minus sign.

        Examples
        --------
        >>> Continuum(0.6, 0.2, {"orders": 0.9, "churn": -0.7}, True).name()
        'orders, −churn'
        """
        return ", ".join(f"{'' if r > 0 else '−'}{v}" for v, r in self.loadings.items())


def leading_continuum(
    X: Table,
    *,
    blocks: Sequence[Block] | None = None,
    random_state: int | np.random.Generator | None = None,
) -> Continuum:
    """Find the first principal axis and the variables that load on it.

    Examples
    --------
    >>> x = np.arange(50.0)
    >>> X = np.column_stack([x, x + np.sin(x), np.cos(x)])
    >>> leading_continuum(X, random_state=0).name()
    'variable 1, variable 2'
    """
    matrix = matrix_of(X)
    names = names_of(X, matrix.shape[1])
    rng = np.random.default_rng(random_state)
    scores, variances = _axes(matrix)
    share = variances / max(variances.sum(), 1e-300)
    twins = [null_twin(X, blocks=blocks, random_state=rng) for _ in range(PERMUTED_TWINS)]
    by_chance = max(_first_share(np.asarray(twin, dtype=float)) for twin in twins)
    loadings = _correlations(matrix, scores)
    if loadings.sum() < 0:
        loadings = -loadings
    order = np.argsort(-np.abs(loadings), kind="stable")[:MOST_NAMED]
    second = share[1] if len(share) > 1 else 0.0
    return Continuum(
        share=float(share[0]),
        by_chance=float(by_chance),
        loadings={names[j]: float(loadings[j]) for j in order if abs(loadings[j]) >= LOADS},
        elongated=bool(share[0] > by_chance and share[0] >= ELONGATED * second),
    )


def _axes(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Scores on the first principal axis of the standardised variables; all axes' variances."""
    spread = matrix.std(axis=0)
    data = (matrix - matrix.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    values, vectors = np.linalg.eigh(data.T @ data / len(data))
    return data @ vectors[:, -1], np.maximum(values[::-1], 0.0)


def _first_share(matrix: FloatArray) -> float:
    variances = _axes(matrix)[1]
    return float(variances[0] / max(variances.sum(), 1e-300))


def _correlations(matrix: FloatArray, scores: FloatArray) -> FloatArray:
    spread = matrix.std(axis=0) * scores.std()
    covariance = (matrix - matrix.mean(axis=0)).T @ (scores - scores.mean()) / len(matrix)
    return np.divide(covariance, spread, out=np.zeros_like(spread), where=spread > 0)
