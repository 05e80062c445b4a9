"""Models of a segmentation as plain data: each scores a frame in memory and a table in an engine.

Segments count from 1; 0 means that no segment fits.
"""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from seglib.clustering.preprocessing import Preprocessing, finite, is_finite
from seglib.errors import DataError, unknown
from seglib.full_information import log_densities

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

Row = tuple[float, ...]
MOST_SEGMENTS = 1000
_DEEPEST = 50  # questions from the root of a tree to a leaf; SQL nests as deep


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Centroids(_Model):
    """Nearest centroid, in the preprocessed space."""

    kind: Literal["centroids"] = "centroids"
    preprocessing: Preprocessing
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

    @property
    def variables(self) -> list[str]:
        """Raw variables that it reads."""
        return self.preprocessing.variables

    def scores(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Rows × segments: the larger, the nearer (minus half the squared distance, plus a
        constant of the row)."""
        x, c = self.preprocessing.transform(frame), np.asarray(self.centers)
        return x @ c.T - 0.5 * (c**2).sum(axis=1)

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per segment."""
        return [_linear(x, c, -0.5 * sum(v * v for v in c)) for c in self.centers]


class Mixture(_Model):
    """Most probable component of a Gaussian mixture, in the preprocessed space.

    Where only what is ``observed`` counts, a missing value adds nothing to any score.
    """

    kind: Literal["mixture"] = "mixture"
    preprocessing: Preprocessing
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

    @property
    def variables(self) -> list[str]:
        """Raw variables that it reads."""
        return self.preprocessing.variables

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

    def expressions(self, x: list[Any]) -> list[Any]:
        """The same scores from preprocessed Ibis columns, one expression per segment."""
        scores = []
        if self.observed:
            return [self._observed(x, segment) for segment in range(self.n_segments)]
        for constant, mean, root in self._parts():
            z = [_linear(x, column, -float(mean @ column)) for column in root.T]
            scores.append(reduce(add, (v**2 for v in z)) * -0.5 + constant)
        return scores

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


class TreeNode(_Model):
    """A question (``output <= threshold`` goes left) or, without one, a segment."""

    output: int | None = None
    threshold: float = 0.0
    left: int = 0
    right: int = 0
    segment: int = Field(0, ge=0, le=MOST_SEGMENTS)


class Tree(_Model):
    """A decision tree over the preprocessed columns; its leaves are segments."""

    kind: Literal["tree"] = "tree"
    preprocessing: Preprocessing
    nodes: tuple[TreeNode, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _downwards(self) -> Self:
        depth = [0] * len(self.nodes)
        for number, node in enumerate(self.nodes):
            if node.output is None:
                continue
            if not 0 <= node.output < len(self.preprocessing.outputs):
                raise ValueError(f"node {number} asks for a column that is not there")
            if (
                not number
                < min(node.left, node.right)
                <= max(node.left, node.right)
                < len(self.nodes)
            ):
                raise ValueError(f"node {number} must point to later nodes")
            depth[node.left] = max(depth[node.left], depth[number] + 1)
            depth[node.right] = max(depth[node.right], depth[number] + 1)
        if max(depth) > _DEEPEST:
            raise ValueError(f"a tree asks at most {_DEEPEST} questions in a row")
        return self

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len({node.segment for node in self.nodes if node.output is None} - {0})

    @property
    def variables(self) -> list[str]:
        """Raw variables that it reads."""
        return self.preprocessing.variables

    def labels(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """Segment of each row."""
        x = self.preprocessing.transform(frame)
        place = np.zeros(len(x), dtype=np.int64)
        for number, node in enumerate(self.nodes):
            if node.output is not None:
                here = place == number
                goes_left = x[:, node.output] <= node.threshold
                place[here] = np.where(goes_left[here], node.left, node.right)
        return np.array([node.segment for node in self.nodes], dtype=np.int64)[place]

    def label_expression(self, x: list[Any]) -> Any:
        """Segment of each row from preprocessed Ibis columns."""
        import ibis

        def below(number: int) -> Any:
            node = self.nodes[number]
            if node.output is None:
                return ibis.literal(node.segment, type="int64")
            return ibis.ifelse(
                x[node.output] <= node.threshold, below(node.left), below(node.right)
            )

        return below(0)


class Condition(_Model):
    """One condition on a raw variable: ``low <= x < high``, or x among ``levels``; a missing x
    fulfils no condition."""

    variable: str
    low: float | None = None
    high: float | None = None
    levels: tuple[str, ...] | None = None

    def holds(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Say of each row whether the condition holds."""
        x = frame[self.variable]
        if self.levels is not None:
            return x.isin(self.levels).to_numpy(dtype=bool)
        x = finite(x)
        inside = x.notna()
        if self.low is not None:
            inside &= x >= self.low
        if self.high is not None:
            inside &= x < self.high
        return inside.to_numpy(dtype=bool)

    def expression(self, table: ir.Table) -> Any:
        """The condition in an engine."""
        x = table[self.variable]
        if self.levels is not None:
            return x.cast("string").isin(self.levels).fill_null(False)
        tests = [is_finite(x).fill_null(False)]
        if self.low is not None:
            tests.append((x >= self.low).fill_null(False))
        if self.high is not None:
            tests.append((x < self.high).fill_null(False))
        return reduce(lambda a, b: a & b, tests)


class RuleSegment(_Model):
    """All conditions must hold; several rules may lead to one segment."""

    segment: int = Field(ge=0, le=MOST_SEGMENTS)
    name: str = ""
    conditions: tuple[Condition, ...] = ()


class Rules(_Model):
    """Ordered rules over raw variables: the first that holds decides, else ``otherwise``."""

    kind: Literal["rules"] = "rules"
    rules: tuple[RuleSegment, ...]
    otherwise: int = Field(0, ge=0, le=MOST_SEGMENTS)
    names: dict[int, str] = Field(default_factory=dict)

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return len({*(rule.segment for rule in self.rules), self.otherwise} - {0})

    @property
    def variables(self) -> list[str]:
        """Raw variables that it reads."""
        return list(dict.fromkeys(c.variable for rule in self.rules for c in rule.conditions))

    def labels(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """Segment of each row."""
        absent = [
            unknown("variable", v, list(frame.columns)) for v in self.variables if v not in frame
        ]
        if absent:
            raise DataError(absent, where="the table to be scored")
        everyone = np.ones(len(frame), dtype=bool)
        tests = [
            reduce(np.logical_and, (c.holds(frame) for c in rule.conditions), everyone)
            for rule in self.rules
        ]
        if not tests:
            return np.full(len(frame), self.otherwise, dtype=np.int64)
        return np.select(tests, [rule.segment for rule in self.rules], self.otherwise)

    def label_expression(self, table: ir.Table) -> Any:
        """Segment of each row, as an Ibis expression."""
        import ibis

        absent = [
            unknown("variable", v, list(table.columns))
            for v in self.variables
            if v not in table.columns
        ]
        if absent:
            raise DataError(absent, where="the table to be scored")
        branches = [
            (reduce(lambda a, b: a & b, (c.expression(table) for c in rule.conditions),
                    ibis.literal(True)), rule.segment)
            for rule in self.rules
        ]  # fmt: skip
        return ibis.cases(*branches, else_=self.otherwise).cast("int64")


Model = Annotated[Centroids | Mixture | Tree | Rules, Field(discriminator="kind")]


def predict(model: Centroids | Mixture | Tree | Rules, frame: pd.DataFrame) -> NDArray[np.int64]:
    """Return the segment of each row, from 1; ties go to the segment that stands first."""
    if isinstance(model, Tree | Rules):
        return model.labels(frame)
    return model.scores(frame).argmax(axis=1).astype(np.int64) + 1


def _linear(columns: list[Any], coefficients: Any, constant: float) -> Any:
    terms = (x * float(c) for x, c in zip(columns, coefficients, strict=True))
    return reduce(add, terms) + constant
