"""Models that ask questions: a decision tree over preprocessed columns, and ordered rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from seglib.clustering.model_base import MOST_SEGMENTS, DataModel
from seglib.clustering.preprocessing import Preprocessing, finite, is_finite
from seglib.clustering.steps import Text
from seglib.errors import DataError, unknown

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

_DEEPEST = 50  # questions from the root of a tree to a leaf; SQL nests as deep


class TreeNode(DataModel):
    """A question (``output <= threshold`` goes left) or, without one, a segment."""

    output: int | None = None
    threshold: float = 0.0
    left: int = 0
    right: int = 0
    segment: int = Field(0, ge=0, le=MOST_SEGMENTS)


class Tree(DataModel):
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

    def renumbered(self, renumber: Mapping[int, int]) -> Self:
        """The same with other numbers for its segments."""
        nodes = tuple(
            n.model_copy(update={"segment": renumber.get(n.segment, 0)}) for n in self.nodes
        )
        return self.model_copy(update={"nodes": nodes})

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


class Condition(DataModel):
    """One condition on a raw variable: ``low <= x < high``, or x among ``levels``; a missing x
    fulfils no condition."""

    variable: Text
    low: float | None = None
    high: float | None = None
    levels: tuple[Text, ...] | None = None

    def holds(self, values: NDArray[Any]) -> NDArray[np.bool_]:
        """Say of each value of the variable whether the condition holds."""
        if self.levels is not None:
            return pd.Series(values).isin(self.levels).to_numpy(dtype=bool)
        inside = ~np.isnan(values)
        if self.low is not None:
            inside &= values >= self.low
        if self.high is not None:
            inside &= values < self.high
        return inside

    def expression(self, table: ir.Table) -> Any:
        """The condition in an engine."""
        x = table[self.variable]
        if self.levels is not None:
            return x.cast("string").isin(self.levels).fill_null(False)
        x = x.cast("float64")
        tests = [is_finite(x).fill_null(False)]
        if self.low is not None:
            tests.append((x >= self.low).fill_null(False))
        if self.high is not None:
            tests.append((x < self.high).fill_null(False))
        return reduce(lambda a, b: a & b, tests)


class RuleSegment(DataModel):
    """All conditions must hold; several rules may lead to one segment."""

    segment: int = Field(ge=0, le=MOST_SEGMENTS)
    name: str = ""
    conditions: tuple[Condition, ...] = ()


class Rules(DataModel):
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

    def renumbered(self, renumber: Mapping[int, int]) -> Self:
        """The same with other numbers for its segments; those without one are dropped."""
        rules = tuple(
            r.model_copy(update={"segment": renumber[r.segment]})
            for r in self.rules
            if renumber.get(r.segment)
        )
        names = {renumber[s]: n for s, n in self.names.items() if renumber.get(s)}
        otherwise = renumber.get(self.otherwise, 0)
        return self.model_copy(update={"rules": rules, "names": names, "otherwise": otherwise})

    def labels(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """Segment of each row."""
        absent = [
            unknown("variable", v, list(frame.columns)) for v in self.variables if v not in frame
        ]
        if absent:
            raise DataError(absent, where="the table to be scored")
        everyone = np.ones(len(frame), dtype=bool)
        conditions = dict.fromkeys(c for rule in self.rules for c in rule.conditions)
        numbers = {c.variable: finite(frame[c.variable]) for c in conditions if c.levels is None}
        held = {
            c: c.holds((frame if c.levels is not None else numbers)[c.variable].to_numpy())
            for c in conditions
        }
        tests = [
            reduce(np.logical_and, (held[c] for c in rule.conditions), everyone)
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
        if not branches:
            return ibis.literal(self.otherwise, type="int64")
        return ibis.cases(*branches, else_=self.otherwise).cast("int64")
