"""Draft a study for one flat table: a row is an account or a respondent, and nothing numbers it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import yaml

from seglib.collection.parse import NUMBER
from seglib.schema import contract

if TYPE_CHECKING:
    import ibis.expr.types as ir

_FEWEST_ROWS = 20
_FEWEST_NUMBERS = 2
_MOST_CODES = 10  # whole numbers with no more values may be codes
_MOST_LEVELS = 30
_MOST_COLUMNS = 200


@dataclass(frozen=True)
class FlatColumn:
    """A column of a flat table as a variable of the study, or as the contract's own column.

    Attributes
    ----------
    name, origin
        Of the variable, and of the user's column.
    family, kind, role
        As in the study; ``role`` is empty for what only describes, ``family`` where the contract
        has the column.
    reason
        Why; begins with ``?`` where the user is asked.
    """

    name: str
    origin: str
    family: str
    kind: str
    role: str
    reason: str


@dataclass(frozen=True)
class FlatTable:
    """A table of which each row is taken as one account, and the tables that are left aside."""

    origin: str
    rows: int
    columns: tuple[FlatColumn, ...]
    others: tuple[str, ...]


def flat_table(tables: Mapping[str, ir.Table]) -> FlatTable | None:
    """Find the table with most columns that can form segments; None where none has two.

    Parameters
    ----------
    tables
        The user's tables, none of which could be told to be accounts or orders.
    """
    found = []
    for name, table in tables.items():
        if len(table.columns) > _MOST_COLUMNS:
            continue
        rows, columns = _described(table)
        forming = sum(c.role == "base" for c in columns)
        if rows >= _FEWEST_ROWS and forming >= _FEWEST_NUMBERS:
            others = tuple(other for other in tables if other != name)
            found.append((forming, FlatTable(name, rows, columns, others)))
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _described(table: ir.Table) -> tuple[int, tuple[FlatColumn, ...]]:
    wanted: dict[str, Any] = {"rows|": table.count()}
    for number, column in enumerate(table.columns):
        text = table[column].cast("string").strip().nullif("")
        fits = text.re_search(NUMBER).fill_null(False)
        wanted |= {
            f"filled|{number}": text.count(),
            f"distinct|{number}": text.nunique(),
            f"numbers|{number}": fits.sum(),
            f"whole|{number}": text.re_search(r"^-?\d+$").fill_null(False).sum(),
            f"yesno|{number}": text.isin(["0", "1"]).fill_null(False).sum(),
        }
    got = {key: 0 if pd.isna(v) else int(v) for key, v in _row(table, wanted).items()}
    made: dict[str, FlatColumn] = {}
    for number, column in enumerate(table.columns):
        seen = {
            k: got[f"{k}|{number}"] for k in ("filled", "distinct", "numbers", "whole", "yesno")
        }
        told = _column(column, seen, got["rows|"])
        if told is None:
            continue
        name = _plain(column)
        if told[1] == "category" and name in _own() and name not in made:
            told = "", "category", "", "same name"
        elif name in made or name in contract()["accounts"].columns:
            name = f"{name}_{number}"
        made[name] = FlatColumn(name, column, *told)
    return got["rows|"], tuple(made.values())


def _row(table: ir.Table, wanted: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = table.aggregate(**wanted).to_pandas().iloc[0].to_dict()
    return found


def _column(name: str, seen: Mapping[str, int], rows: int) -> tuple[str, str, str, str] | None:
    """Family, kind, role and reason of a column; None for what neither forms nor describes."""
    filled, distinct = seen["filled"], seen["distinct"]
    if distinct < 2:
        return None
    if seen["yesno"] == filled:
        return "needs", "flag", "base", "only 0 and 1: yes or no"
    if seen["numbers"] < filled:
        if distinct > min(_MOST_LEVELS, rows / 3):  # names of persons or companies
            return None
        return "firmographic", "category", "", f"{distinct} levels"
    if seen["whole"] == filled and distinct <= _MOST_CODES:
        why = (
            f"? {distinct} whole numbers: a code, or a scale? For a scale: kind: number, role: base"
        )
        return "firmographic", "category", "", why
    if seen["whole"] == filled == distinct == rows and re.search(r"(?i)(id|no|nr|key)$", name):
        return None
    return "behavioural", "number", "base", f"numbers, {distinct:,} different ones"


def _own() -> set[str]:
    """Categories that the contract has in its accounts."""
    columns = contract()["accounts"].columns
    return {
        name
        for name, c in columns.items()
        if c.type == "text" and not (c.personal or c.required or c.levels or c.link)
    }


def _plain(column: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "_", column.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"x_{plain}".rstrip("_")


def flat_text(name: str, source: str, flat: FlatTable) -> str:
    """Write the drafted study of a flat table, each guess with its reason.

    Parameters
    ----------
    name, source
        Of the study.
    flat
        The table.
    """
    bases = list(dict.fromkeys(c.family for c in flat.columns if c.role == "base"))
    lines = [
        "# Drafted by `seglib new`; every guess says why. What is marked '?' is a question to you.",
        f"# No column of '{flat.origin}' numbers the accounts: each of its {flat.rows:,} rows is",
        "# taken as one customer. If one does, map it: account_id: COLUMN.",
        *(f"# '{other}' is not used." for other in flat.others),
        f"name: {_scalar(name)}",
        "objective:  # ? in your words; or one of: retention, high_value_accounts, …",
        "  title: Understand who the customers are",
        "  question: Which kinds of customer are there?",
        "  decides: Whoever makes the offers decides what each kind is offered.",
        f"  bases: [{', '.join(bases)}]",
        f"source: {_scalar(source)}",
        "currency: EUR  # ? the currency of the amounts, if there are any",
        "seed: 7",
        "tables:",
        "  accounts:",
        f"    from: {_scalar(flat.origin)}",
        "    columns:",
        "      account_id: {row_number: true}  # no column numbers the accounts",
        "      status: {value: customer}  # ? who answered or bought",
        *(_mapped(c) for c in flat.columns),
        "variables:",
    ]
    for column in (c for c in flat.columns if c.family):
        role = f", role: {column.role}" if column.role else ""
        fields = f"label: {_scalar(column.origin)}, family: {column.family}, kind: {column.kind}"
        lines.append(f"  {column.name}: {{{fields}{role}}}  # {column.reason}")
    return "\n".join(lines) + "\n"


def _mapped(column: FlatColumn) -> str:
    why = "" if column.family else f"  # {column.reason}"
    return f"      {column.name}: {_scalar(column.origin)}{why}"


def _scalar(value: str) -> str:
    """Write a text for use inside a flow mapping."""
    plain = re.fullmatch(r"[A-Za-z_./][\w ./-]*", value) and yaml.safe_load(value) == value
    return value if plain else "'" + value.replace("'", "''") + "'"
