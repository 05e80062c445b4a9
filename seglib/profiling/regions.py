"""Regions: the part of a descriptor's values that a rule allows, as test, words and SQL."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seglib.profiling.association import numeric
from seglib.profiling.wording import short, small


@dataclass(frozen=True)
class Region:
    """What a rule allows in one column.

    Attributes
    ----------
    column
        Column of the account table.
    above, up_to
        A number lies over the first and at most at the second.
    only
        Levels of a category that are allowed; None: all but ``never``.
    never
        Levels that are not allowed.
    missing
        Whether a missing value is allowed.
    boolean
        Whether the column is true or false, which SQL compares with numbers only after a cast.

    Examples
    --------
    >>> region = Region("employees", above=50.0, missing=False)
    >>> region.sql()
    '"employees" > 50'
    >>> region.holds(pd.DataFrame({"employees": [50.0, 51.0, float("nan")]})).tolist()
    [False, True, False]
    """

    column: str
    above: float = -np.inf
    up_to: float = np.inf
    only: tuple[str, ...] | None = None
    never: tuple[str, ...] = ()
    missing: bool = True
    boolean: bool = False

    def cut(self, threshold: float, *, left: bool, missing: bool) -> Region:
        """Keep the numbers up to a threshold (left) or above it, and say where missing goes."""
        allowed = self.missing and missing
        if left:
            return replace(self, up_to=min(self.up_to, threshold), missing=allowed)
        return replace(self, above=max(self.above, threshold), missing=allowed)

    def take(self, level: str) -> Region:
        """Keep one level."""
        return replace(self, only=(level,), missing=False)

    def drop(self, level: str) -> Region:
        """Leave one level out."""
        only = self.only if self.only is None else tuple(v for v in self.only if v != level)
        return replace(self, only=only, never=(*self.never, level))

    def known(self, *, present: bool) -> Region:
        """Keep only accounts with a value, or only those without."""
        return replace(self, missing=False) if present else replace(self, only=())

    @property
    def is_number(self) -> bool:
        """Whether the column is compared as a number."""
        return np.isfinite(self.above) or np.isfinite(self.up_to)

    @property
    def _only_missing(self) -> bool:
        return self.only == () or self.above == np.inf

    def holds(self, frame: pd.DataFrame) -> NDArray[np.bool_]:
        """Say for each account whether it lies in the region."""
        column = frame[self.column]
        absent = column.isna().to_numpy()
        if self._only_missing:
            return absent & self.missing
        if self.is_number:
            values = numeric(column).to_numpy()
            absent = np.isnan(values)
            inside = (values > self.above) & (values <= self.up_to)
        elif self.only is not None:
            inside = column.astype("str").isin(self.only).to_numpy()
        else:
            inside = ~column.astype("str").isin(self.never).to_numpy()
        return np.where(absent, self.missing, inside)

    def sql(self) -> str:
        """Write the region as a condition in standard SQL; empty where everything is allowed."""
        name = identifier(self.column)
        if self._only_missing:
            return f"{name} IS NULL"
        value = f"CAST({name} AS INTEGER)" if self.boolean else name
        tests = self._number_tests(value) if self.is_number else self._level_tests(name)
        if not tests:
            return "" if self.missing else f"{name} IS NOT NULL"
        inside = " AND ".join(tests)
        return f"({inside} OR {name} IS NULL)" if self.missing else inside

    def _number_tests(self, name: str) -> list[str]:
        over = [f"{name} > {number(self.above)}"] if np.isfinite(self.above) else []
        under = [f"{name} <= {number(self.up_to)}"] if np.isfinite(self.up_to) else []
        return over + under

    def _level_tests(self, name: str) -> list[str]:
        if self.only is not None:
            return [f"{name} = {literal(self.only[0])}"]
        if not self.never:
            return []
        levels = ", ".join(literal(level) for level in sorted(self.never))
        return [f"{name} NOT IN ({levels})"]

    def words(self, label: str, unit: str, *, flag: bool = False) -> str:
        """Say the region in words."""
        what, name = small(label), f" {unit}" if unit and not unit.startswith("share") else ""
        if self._only_missing:
            return f"{what} unknown"
        if flag and self.is_number:
            text = f"{what}: {'yes' if self.above >= 0 else 'no'}"
        elif np.isfinite(self.above) and np.isfinite(self.up_to):
            text = f"{what} over {_figure(self.above)} and up to {_figure(self.up_to)}{name}"
        elif self.is_number:
            bound = f"over {_figure(self.above)}" if self.up_to == np.inf else (
                f"at most {_figure(self.up_to)}"
            )  # fmt: skip
            text = f"{what} {bound}{name}"
        elif self.only:
            text = f"{what} is {short(self.only[0])}"
        elif self.never:
            text = f"{what} is not {' or '.join(short(v) for v in sorted(self.never))}"
        else:
            return "" if self.missing else f"{what} known"
        return f"{text} (or unknown)" if self.missing and self.is_number else text


def _figure(value: float) -> str:
    return f"{value:,.15g}"


def identifier(name: str) -> str:
    """Quote an SQL identifier.

    Examples
    --------
    >>> identifier('odd "name"')
    '"odd ""name\"""'
    """
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Quote an SQL string.

    Examples
    --------
    >>> literal("O'Neill")
    "'O''Neill'"
    """
    return "'" + text.replace("'", "''") + "'"


def number(value: float) -> str:
    """Write a number that reads back the same, whole ones without a point.

    Examples
    --------
    >>> number(250.0), number(0.1)
    ('250', '0.1')
    """
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))
