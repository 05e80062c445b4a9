"""Models with a centre for each segment: nearest centroid, and the Gaussian mixture."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from seglib.clustering.model_base import MOST_SEGMENTS, Row, ScoreModel, linear
from seglib.full_information import log_densities

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Centroids(ScoreModel):
    """Nearest centroid, in the preprocessed space."""

    kind: Literal["centroids"] = "centroids"
    centers: tuple[Row, ...] = Field(min_length=1, max_length=MOST_SEGMENTS)

    @model_validator(mode="after")
    def _shape(self) -> Self:
        width = len(self.preprocessing.outputs)
        if any(len(center) != width for center in self.centers):
            raise ValueError(f"each centroid must have {width} values")
        return self

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.centers)

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × segments: the larger, the nearer (minus half the squared distance, plus a
        constant of the row)."""
        x, c = self.preprocessing.transform(frame), np.asarray(self.centers)
        return x @ c.T - 0.5 * (c**2).sum(axis=1)

    def taking(self, kept: Sequence[int]) -> Self:
        """The same with these segments (from 1), in this order."""
        return self.model_copy(update={"centers": tuple(self.centers[s - 1] for s in kept)})

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per segment."""
        return [linear(x, c, -0.5 * sum(v * v for v in c)) for c in self.centers]


class Mixture(ScoreModel):
    """Most probable component of a Gaussian mixture, in the preprocessed space.

    Where only what is ``observed`` counts, a missing value adds nothing to any score.
    """

    kind: Literal["mixture"] = "mixture"
    weights: Row = Field(min_length=1, max_length=MOST_SEGMENTS)
    means: tuple[Row, ...]
    precisions_cholesky: tuple[tuple[Row, ...], ...]
    covariance: str = "full"
    observed: bool = False

    @model_validator(mode="after")
    def _shape(self) -> Self:
        k, p = len(self.weights), len(self.preprocessing.outputs)
        roots = self.precisions_cholesky
        fits = len(self.means) == k and len(roots) == k
        fits = fits and all(len(mean) == p for mean in self.means)
        fits = fits and all(len(root) == p and all(len(r) == p for r in root) for root in roots)
        if not fits:
            raise ValueError(f"means and precisions must be {k} × {p} and {k} × {p} × {p}")
        if any(root[i][i] <= 0 for root in roots for i in range(p)):
            raise ValueError("the diagonal of each precision root must be positive")
        if any(weight <= 0 for weight in self.weights):
            raise ValueError("each weight must be positive")
        if self.observed and any(np.count_nonzero(root) > p for root in roots):
            raise ValueError("only diagonal precisions can do without the missing values")
        return self

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len(self.weights)

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × segments: log probability, up to a constant of the row."""
        x = self.preprocessing.transform(frame)
        if self.observed:
            roots = np.diagonal(np.asarray(self.precisions_cholesky), axis1=1, axis2=2)
            return log_densities(x, np.asarray(self.weights), np.asarray(self.means), roots**-2.0)
        columns = []
        for constant, mean, root in self._parts():
            z = (x - mean) @ root
            columns.append(constant - 0.5 * (z**2).sum(axis=1))
        return np.stack(columns, axis=1)

    def taking(self, kept: Sequence[int]) -> Self:
        """The same with these segments (from 1), in this order."""
        parts = ("weights", "means", "precisions_cholesky")
        return self.model_copy(
            update={part: tuple(getattr(self, part)[s - 1] for s in kept) for part in parts}
        )

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per segment."""
        scores = []
        if self.observed:
            return [self._observed(x, segment) for segment in range(self.n_segments)]
        if all(root == self.precisions_cholesky[0] for root in self.precisions_cholesky):
            return self._tied(x)
        for constant, mean, root in self._parts():
            z = [_sparse(x, column, -float(mean @ column)) for column in root.T]
            scores.append(reduce(add, (v**2 for v in z)) * -0.5 + constant)
        return scores

    def _tied(self, x: list[Any]) -> list[Any]:
        """Scores under one covariance: without the squares of the row, which are common to all.

        Means are taken from their own mean first, so that what cancels is small.
        """
        means, root = np.asarray(self.means), np.asarray(self.precisions_cholesky[0])
        middle = means.mean(axis=0)
        away = (means - middle) @ root
        constants = np.log(self.weights) - 0.5 * np.square(away).sum(axis=1)
        slopes = away @ root.T
        return [
            linear(x, slope, float(constant - slope @ middle))
            for slope, constant in zip(slopes, constants, strict=True)
        ]

    def _observed(self, x: list[Any], segment: int) -> Any:
        """Log of share times density over the columns that are not missing."""
        mean, root = self.means[segment], np.diag(np.asarray(self.precisions_cholesky[segment]))
        constants = np.log(root) - 0.5 * np.log(2 * np.pi)
        terms = (
            ((value - m) * float(r)) ** 2 * -0.5 + float(c)
            for value, m, r, c in zip(x, mean, root, constants, strict=True)
        )
        return reduce(add, (t.fill_null(0.0) for t in terms)) + float(np.log(self.weights[segment]))

    def _parts(self) -> list[tuple[float, NDArray[np.float64], NDArray[np.float64]]]:
        parts = []
        for weight, mean, root in zip(
            self.weights, self.means, self.precisions_cholesky, strict=True
        ):
            matrix = np.asarray(root)
            constant = float(np.log(weight) + np.log(np.diag(matrix)).sum())
            parts.append((constant, np.asarray(mean), matrix))
        return parts


def _sparse(x: list[Any], coefficients: NDArray[np.float64], constant: float) -> Any:
    """The same as :func:`linear` without the columns that count nothing."""
    used = np.flatnonzero(coefficients)
    return linear([x[i] for i in used], coefficients[used], constant)
