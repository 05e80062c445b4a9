"""Segmentation: the chosen model as plain data, scored in memory or where the data are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from seglib.clustering.models import Model, Rules, Tree, predict
from seglib.errors import DataError, StudyError
from seglib.knowledge import check
from seglib.run import Run

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from numpy.typing import NDArray

_DIALECTS = ("duckdb", "postgres", "bigquery", "snowflake", "databricks", "mysql", "sqlite",
             "trino", "mssql", "clickhouse")  # fmt: skip
_FLATTENING = ("postgres",)  # merges subqueries, and computes their columns at each mention
_EVERY_ROW = 2**63 - 1


def _engine(table: ir.Table) -> str | None:
    """Name of the engine that a table is in; None where it is in none yet."""
    from ibis.common.exceptions import IbisError

    try:
        return str(table.get_backend().name)
    except IbisError:
        return None


def _stage(table: ir.Table, apart: bool) -> ir.Table:
    """Hold the columns of a subquery apart: one with a limit is not merged into the next."""
    return table.limit(_EVERY_ROW) if apart else table


def _free(stem: str, count: int, table: ir.Table) -> list[str]:
    """Names for so many columns that the table has not; engines may not tell the case apart."""
    taken = {column.lower() for column in table.columns}
    while taken & {f"{stem}{i}_" for i in range(1, count + 1)}:
        stem += "_"
    return [f"{stem}{i}_" for i in range(1, count + 1)]


class Segmentation(BaseModel):
    """A segmentation that anyone can score: ``segmentation.json``.

    Attributes
    ----------
    method
        How it was found (``kmeans``, ``mixture``, ``ward``, ``tree``, ``rfm``, ``rules``).
    model
        The model's own numbers, with its preprocessing.
    assignment
        The rule by which accounts are assigned, in words.
    agreement
        Share of the accounts on which the rule gives the label the method gave.
    names
        Names of the segments, where they have any.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    version: int = Field(1, ge=1, le=1)
    method: str
    model: Model
    assignment: str
    agreement: float = Field(1.0, ge=0, le=1)
    names: dict[int, str] = Field(default_factory=dict)

    @property
    def n_segments(self) -> int:
        """Number of segments."""
        return self.model.n_segments

    @property
    def variables(self) -> list[str]:
        """Raw variables that scoring reads."""
        return self.model.variables

    def predict(self, frame: pd.DataFrame) -> NDArray[np.int64]:
        """Return the segment of each row of a frame, from 1 (0: none fits)."""
        return predict(self.model, frame)

    def assign(self, table: ir.Table, *, name: str = "segment") -> ir.Table:
        """Add the segment to an Ibis table, computed where the table is.

        Parameters
        ----------
        table
            Holds at least :attr:`variables`.
        name
            Name of the new column.

        Raises
        ------
        DataError
            When a variable is not in the table.
        """
        return self._assigned(table, name, apart=_engine(table) in _FLATTENING)

    def _assigned(self, table: ir.Table, name: str, *, apart: bool) -> ir.Table:
        import ibis

        model = self.model
        if isinstance(model, Rules):
            return table.mutate(**{name: model.label_expression(table)})
        made = model.preprocessing.expressions(table)
        inputs = dict(zip(_free("x", len(made), table), made, strict=True))
        staged = _stage(table.mutate(**inputs), apart)
        columns = [staged[x] for x in inputs]
        if isinstance(model, Tree):
            return staged.mutate(**{name: model.label_expression(columns)}).drop(*inputs)
        if model.n_segments == 1 and model.least is None:
            return table.mutate(**{name: ibis.literal(1, type="int64")})
        forms = model.expressions(columns)
        scores = dict(zip(_free("score", len(forms), table), forms, strict=True))
        scored = _stage(staged.mutate(**scores), apart)
        (top,) = _free("best", 1, table)
        best = scored.mutate(**{top: ibis.greatest(*(scored[s] for s in scores))})
        fits = True if model.least is None else best[top] >= model.least
        branches = [
            ((best[s] == best[top]) & fits, segment)
            for s, segment in zip(scores, model.segments, strict=True)
        ]
        label = ibis.cases(*branches, else_=0).cast("int64")
        return best.mutate(**{name: label}).drop(*inputs, *scores, top)

    def sql(self, dialect: str = "duckdb", *, table: str = "accounts", key: str = "account_id",
            categories: tuple[str, ...] = ()) -> str:  # fmt: skip
        """Print the assignment as SQL.

        Parameters
        ----------
        dialect
            Such as ``duckdb``, ``postgres``, ``bigquery`` or ``snowflake``.
        table
            Table to be scored; it holds ``key`` and :attr:`variables`.
        key
            Identifier, carried along.
        categories
            Variables that are text; known from the model where it is not given.
        """
        import ibis

        if dialect not in _DIALECTS:
            from seglib.errors import unknown

            raise StudyError(unknown("dialect", dialect, _DIALECTS))
        texts = set(categories) | self._texts()
        schema = {key: "string"} | {
            v: "string" if v in texts else "float64" for v in self.variables
        }
        rows = ibis.table(schema, name=table)
        scored = self._assigned(rows, "segment", apart=dialect in _FLATTENING)
        return str(ibis.to_sql(scored.select(key, "segment"), dialect=dialect)) + ";\n"

    def _texts(self) -> set[str]:
        if isinstance(self.model, Rules):
            return {c.variable for rule in self.model.rules for c in rule.conditions
                    if c.levels is not None}  # fmt: skip
        return {s.variable for s in self.model.preprocessing.steps if s.kind != "number"}

    def save(self, run: Run) -> None:
        """Leave the segmentation in a run."""
        run.write_json("segmentation.json", self)

    @classmethod
    def load(cls, run: Run | str | Path) -> Segmentation:
        """Read and check a segmentation; a file that was edited by hand is validated, not run.

        Raises
        ------
        StudyError
            With everything that is wrong with it.
        """
        run = run if isinstance(run, Run) else Run.open(run)
        try:
            content: Any = run.read_json("segmentation.json")
        except RecursionError:
            raise StudyError("it is nested too deeply.", where="segmentation.json") from None
        except DataError as error:
            raise StudyError(error.problems, where="segmentation.json") from None
        if not isinstance(content, dict):
            raise StudyError("the file must hold an object.", where="segmentation.json")
        return check(cls, content, where="segmentation.json")
