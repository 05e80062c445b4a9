"""AccountTable: one row per account, every column with a role and a unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from seglib.errors import StudyError, unknown
from seglib.run import Run
from seglib.schema import ColumnInfo, Family, Kind, Role


@dataclass(frozen=True)
class AccountTable:
    """One row per account.

    Attributes
    ----------
    frame
        The values; ``account_id`` is text and unique, ``status`` is ``customer``, ``prospect``
        or ``former``.
    columns
        What is known of each column, by name.

    Examples
    --------
    >>> info = ColumnInfo(name="employees", role="descriptor", kind="number", label="Employees",
    ...                   definition="Number of employees", unit="people", observable=True)
    >>> table = AccountTable(pd.DataFrame({"employees": [5.0, 80.0]}), {"employees": info})
    >>> table.names(role="descriptor")
    ['employees']
    """

    frame: pd.DataFrame
    columns: Mapping[str, ColumnInfo]

    def names(
        self,
        *,
        role: Role | None = None,
        family: Family | None = None,
        kind: Kind | tuple[Kind, ...] | None = None,
        observable: bool | None = None,
    ) -> list[str]:
        """Names of the columns that fit, in the order of the table."""
        kinds = (kind,) if isinstance(kind, str) else kind
        return [
            name
            for name, info in self.columns.items()
            if (role is None or info.role == role)
            and (family is None or info.family == family)
            and (kinds is None or info.kind in kinds)
            and (observable is None or info.observable == observable)
        ]

    def label(self, name: str) -> str:
        """What a person calls the column."""
        return self.columns[name].label if name in self.columns else name

    def unit(self, name: str) -> str:
        """Unit of the column; empty where it has none."""
        return self.columns[name].unit if name in self.columns else ""

    def require(self, names: list[str]) -> None:
        """Refuse names that the table does not have, all at once."""
        wrong = [unknown("variable", n, list(self.columns)) for n in names if n not in self.columns]
        if wrong:
            raise StudyError(wrong)

    def where(self, rows: pd.Series) -> AccountTable:
        """Return the table with only some of its rows."""
        return replace(self, frame=self.frame[rows].reset_index(drop=True))

    @property
    def customers(self) -> AccountTable:
        """The accounts that buy: those that segments are formed from."""
        return self.where(self.frame["status"] == "customer")

    def save(self, run: Run) -> None:
        """Leave the table in a run, its roles and units in the file's metadata."""
        described = {name: info.model_dump(mode="json") for name, info in self.columns.items()}
        run.write_table("accounts.parquet", self.frame, described)

    @classmethod
    def load(cls, run: Run) -> AccountTable:
        """Read the table that step 02 left in a run."""
        described = run.read_columns("accounts.parquet")
        columns = {name: ColumnInfo.model_validate(info) for name, info in described.items()}
        return cls(run.read_table("accounts.parquet"), columns)
