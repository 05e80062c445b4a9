"""How a study says where a contract table comes from: the models of ``tables:``."""

from __future__ import annotations

import codecs
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, field_validator, model_validator


class Part(BaseModel):
    """A part of a study: no unknown keys, and nothing changes once it is read."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnMapping(Part):
    """Where one contract column comes from, when a plain column name does not say enough."""

    column: str | None = None
    value: str | float | bool | None = None
    row_number: StrictBool = False
    map: dict[str, list[str]] = Field(default_factory=dict)
    otherwise: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        given = (self.column is not None) + (self.value is not None) + self.row_number
        if given != 1:
            raise ValueError("give exactly one of 'column', 'value' or 'row_number: true'")
        if self.map and self.column is None:
            raise ValueError("'map' needs 'column'")
        if self.otherwise is not None and not self.map:
            raise ValueError("'otherwise' needs 'map'")
        return self


class LeaveOut(Part):
    """A rule for rows that are none of the table's: why, and how one column tells them."""

    why: str = Field(min_length=1)
    column: str
    missing: StrictBool = False
    levels: tuple[str, ...] = Field((), alias="in")
    starts_with: str | None = None
    at_most: float | None = None
    at_least: float | None = None

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        numbers = (self.at_most is not None) + (self.at_least is not None)
        if self.missing + bool(self.levels) + (self.starts_with is not None) + numbers != 1:
            raise ValueError(
                "give exactly one of 'missing: true', 'in', 'starts_with', 'at_most' or 'at_least'"
            )
        return self


DateFormat = Literal[
    "YYYY-MM-DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "YYYY/MM/DD", "YYYYMMDD",
    "DD MMM YYYY", "MMM DD YYYY",
]  # fmt: skip
"""How dates are written; a slash stands for a hyphen too, MMM for a month's name, and years may
have two digits."""

_DECIMAL_SIGNS = {",": "comma", ".": "point"}


class ReadOptions(Part):
    """How a table's files are written, where what is detected must be overridden.

    ``missing`` are the words that mean that there is no value, such as ``["-", "n/a"]``;
    ``unpacked_gb`` are the gigabytes that a packed file may hold, instead of
    :data:`seglib.source.limits.UNPACKED_GB`.
    """

    delimiter: str | None = Field(None, min_length=1, max_length=1)
    encoding: str | None = None
    sheet: str | None = None
    decimal: Literal["point", "comma"] | None = None
    dates: DateFormat | None = None
    missing: tuple[str, ...] = ()
    unpacked_gb: float | None = Field(None, gt=0)

    @field_validator("decimal", mode="before")
    @classmethod
    def _named_sign(cls, value: Any) -> Any:
        return _DECIMAL_SIGNS.get(value, value) if isinstance(value, str) else value

    @field_validator("delimiter", mode="before")
    @classmethod
    def _named_tab(cls, value: Any) -> Any:
        return "\t" if value == "tab" else value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            return value if value is None else codecs.lookup(value).name
        except LookupError:
            raise ValueError(f"'{value}' is no encoding; try utf-8, cp1252 or utf-16") from None


class TableMapping(Part):
    """Where one contract table comes from and how its columns map."""

    from_: str | None = Field(None, alias="from")
    sql: str | None = None
    read: ReadOptions = ReadOptions()
    leave_out: tuple[LeaveOut, ...] = ()
    columns: dict[str, str | ColumnMapping] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.from_ is None) == (self.sql is None):
            raise ValueError("give exactly one of 'from' (a table) or 'sql' (a query)")
        return self
