"""The B2B data contract: tables, columns, units, keys, and the roles a column can play.

The contract itself is knowledge and stands in ``schema.yaml`` beside this file.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from seglib.knowledge import load_knowledge

Type = Literal["text", "number", "integer", "date", "boolean"]
"""Type of a contract column."""

Role = Literal["id", "base", "descriptor", "outcome", "personal"]
"""What a column is for: identify, form segments, describe and reach them, judge them, or nothing
past the collection step."""

Kind = Literal["number", "count", "share", "flag", "category", "date", "id"]
"""Scale of an account variable."""

Family = Literal[
    "firmographic",
    "geographic",
    "technographic",
    "needs",
    "psychographic",
    "behavioural",
    "journey",
    "buying_group",
    "value",
    "market_chain",
]
"""Family of segmentation variables."""

FAMILIES: tuple[Family, ...] = Family.__args__  # type: ignore[attr-defined]


class Column(BaseModel):
    """One column of a contract table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: Type
    meaning: str
    required: bool = False
    unit: str = ""
    levels: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    personal: bool = False
    free_text: bool = False
    quoted: bool = False
    link: str | None = None
    known_from: str | None = None
    while_unknown: str | None = None


class Table(BaseModel):
    """One table of the contract."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str
    columns: dict[str, Column]
    key: tuple[str, ...] = ()
    time: str | None = None

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns without which the table cannot be used."""
        return tuple(name for name, column in self.columns.items() if column.required)

    @property
    def event_time(self) -> str | None:
        """The time column where every row must have one: a table of events, not of accounts."""
        return self.time if self.time and self.columns[self.time].required else None

    @property
    def personal(self) -> tuple[str, ...]:
        """Names of the columns that never leave the collection step."""
        return tuple(name for name, column in self.columns.items() if column.personal)


class ColumnInfo(BaseModel):
    """What is known of one column of the account table; travels in the artifact's metadata."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    role: Role
    kind: Kind
    label: str
    definition: str
    family: Family | None = None
    unit: str = ""
    source: str = ""
    observable: bool = False
    margin: float | None = None


class _Contract(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    tables: dict[str, Table]


@cache
def contract() -> dict[str, Table]:
    """Return the contract, table by table.

    Returns
    -------
    dict of str to Table
        In the order in which the tables are read.

    Examples
    --------
    >>> contract()["orders"].required
    ('order_id', 'account_id', 'order_date', 'amount')
    """
    path = Path(__file__).with_name("schema.yaml")
    return load_knowledge(path, _Contract, under="tables").tables
