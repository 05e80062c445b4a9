"""Where a figure of the report stands: an artifact, a field, its rows, and how they are counted.

A reference is written as ``artifact:field[column=value,…]|how``, for example
``segments.json:share[segment=3]`` or ``assignments.parquet:confidence|share>=0.8``. A dot leads
into a record (``per_k.stability``), a minus subtracts a second field, and without ``how`` the
rows must agree on one value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.run import Run

_FORM = re.compile(
    r"(?P<artifact>[^:]+):(?P<field>[^\[|]*)(?:\[(?P<where>.*)\])?(?:\|(?P<how>.+))?", re.DOTALL
)
_NEXT = re.compile(r",(?=\w+=)")  # a comma of the data is none between conditions


@dataclass(frozen=True)
class Reference:
    """The parts of a reference.

    Attributes
    ----------
    artifact, field
        File in the run and column in it; no field where rows are counted.
    where
        Column to value, as text, of the rows that count.
    how
        ``sum``, ``count`` or ``share>=`` with a number; else the one value.
    """

    artifact: str
    field: str
    where: Mapping[str, str]
    how: str = ""

    def value(self, run: Run) -> float:
        """Read the figure from a run.

        Raises
        ------
        ValueError
            When the run has no such figure, or several.
        """
        rows, column = self._rows(run)
        if self.how == "count":
            return float(len(rows))
        first, _, minus = column.partition("-")
        values = rows[first] - rows[minus] if minus else rows[first]
        if self.how == "sum":
            return float(values.sum())
        if self.how.startswith("share>="):
            return float((values >= float(self.how.removeprefix("share>="))).mean())
        found = values.unique()
        if len(found) != 1:
            raise ValueError(f"{self} names {len(found)} figures, not one.")
        return float(found[0])

    def _rows(self, run: Run) -> tuple[pd.DataFrame, str]:
        *inside, column = self.field.split(".")
        if self.artifact.endswith(".parquet"):
            table = run.read_table(self.artifact)
        else:
            content = run.read_json(self.artifact)
            for name in inside:
                content = content[name]
            table = pd.DataFrame(content if isinstance(content, list) else [content])
        for name, value in self.where.items():
            table = table[table[name].astype(str) == value]
        return table, column

    def __str__(self) -> str:
        rows = ",".join(f"{name}={value}" for name, value in self.where.items())
        return (
            f"{self.artifact}:{self.field}"
            + (f"[{rows}]" if rows else "")
            + (f"|{self.how}" if self.how else "")
        )


def read_reference(text: str) -> Reference:
    """Read a reference as it is written.

    Raises
    ------
    ValueError
        When it is none.

    Examples
    --------
    >>> read_reference("kpis.parquet:value[period=2026 Q3,segment=1]").where["period"]
    '2026 Q3'
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"'{text}' names no figure.")
    pairs = (pair.partition("=") for pair in _NEXT.split(found["where"] or "") if pair)
    return Reference(
        found["artifact"], found["field"], {n: v for n, _, v in pairs}, found["how"] or ""
    )


def words_of(run: Run, text: str) -> list[str]:
    """Return the texts that a reference's field holds, of a JSON artifact or a table.

    Parameters
    ----------
    run
        Holds the artifact.
    text
        ``artifact:field``; every text below the field counts, of the whole where none is named.
    """
    artifact, _, field = text.partition(":")
    if artifact.endswith(".parquet"):
        return [str(value) for value in run.read_table(artifact)[field]]
    return list(_texts(run.read_json(artifact), field, inside=not field))


def _texts(content: Any, field: str, *, inside: bool) -> Sequence[str]:
    if isinstance(content, str):
        return [content] if inside else []
    if isinstance(content, Mapping):
        pairs = content.items()
        return [w for k, v in pairs for w in _texts(v, field, inside=inside or k == field)]
    if isinstance(content, list):
        return [w for v in content for w in _texts(v, field, inside=inside)]
    return []
