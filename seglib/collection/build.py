"""Build the account table: every declared variable, computed in the engine, one row per account."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.collection.account_table import AccountTable
from seglib.collection.collect import Tables
from seglib.collection.exact import exact_sums
from seglib.collection.features import DERIVED, RECIPES
from seglib.collection.views import VIEWS
from seglib.discovered import Discovered, discover
from seglib.objectives.brief import Brief
from seglib.schema import ColumnInfo, Role
from seglib.study import Study
from seglib.variables import Variable, study_variables

if TYPE_CHECKING:
    import ibis.expr.types as ir


def build_accounts(tables: Tables, study: Study, brief: Brief) -> AccountTable:
    """Compute one row per account.

    Parameters
    ----------
    tables
        The cleaned tables.
    study, brief
        Names, units and roles: what the brief declares as a base forms segments, outcomes judge
        them, all else describes them.

    Returns
    -------
    AccountTable
        Sorted by ``account_id``; personal columns are not in it.
    """
    offered = study_variables(study)
    wanted = {name: v for name, v in offered.items() if _can_build(v, tables)}
    base = tables.tables["accounts"]
    result = _account_columns(base, wanted, study, tables.as_of)
    found = discover(tables.tables)
    for view in VIEWS:
        names = [n for n in wanted if n in RECIPES and RECIPES[n].view == view]
        own = [d for d in found if d.table == view]
        if names or own:
            result = _join(result, _aggregate(tables, view, names, own))
    for table in dict.fromkeys(d.table for d in found if d.table not in VIEWS):
        own = [d for d in found if d.table == table]
        rows = tables.tables[table]
        result = _join(result, _by_account(tables, rows, _discovered_values(rows, own)))
    frame = result.to_pandas().sort_values("account_id", ignore_index=True)
    named = {**wanted, **{d.variable.name: d.variable for d in found}}
    frame = _finish(frame, named, tables)
    return AccountTable(frame, _describe(frame, named, brief, study.currency))


def _can_build(variable: Variable, tables: Tables) -> bool:
    columns = {name: table.columns for name, table in tables.tables.items()}
    return variable.name not in DERIVED and variable.can_build(columns)


def _account_columns(
    base: ir.Table, wanted: Mapping[str, Variable], study: Study, as_of: pd.Timestamp
) -> ir.Table:
    columns: dict[str, Any] = {"account_id": base.account_id}
    if "status" in base.columns:
        columns["status"] = base.status
    for name in wanted:
        if name in study.variables:
            columns[name] = base[name]
        elif RECIPES[name].view == "accounts":
            columns[name] = RECIPES[name].value(base, as_of)
    return base.select(**columns)


def _aggregate(
    tables: Tables, view: str, names: Iterable[str], found: Sequence[Discovered]
) -> ir.Table:
    rows = VIEWS[view][1](tables)
    values = {name: RECIPES[name].value(rows, tables.as_of) for name in names}
    return _by_account(tables, rows, {**values, **_discovered_values(rows, found)})


def _join(left: ir.Table, right: ir.Table) -> ir.Table:
    """Join one row to one row; what the right side lacks is missing."""
    joined = left.left_join(right, "account_id")
    return joined.select(*left.columns, *(c for c in right.columns if c != "account_id"))


def _discovered_values(rows: ir.Table, found: Sequence[Discovered]) -> dict[str, Any]:
    """Mean answer to each survey item, or share of the rows that have each level of a mix."""
    values = {}
    for variable, table, column, level in found:
        fits = rows[column] == level
        if table == "links":
            part = ibis.ifelse(fits, rows.share, 0.0).sum()
            values[variable.name] = part / rows.share.sum().nullif(0)
        elif table == "surveys":
            values[variable.name] = ibis.ifelse(fits, rows.score, ibis.null("float64")).mean()
        else:
            values[variable.name] = fits.cast("float64").mean()
    return values


def _by_account(tables: Tables, rows: ir.Table, values: Mapping[str, Any]) -> ir.Table:
    exact = exact_sums(rows, values, tables.source.con.name)
    return rows.group_by("account_id").aggregate(**exact)


def _finish(frame: pd.DataFrame, named: Mapping[str, Variable], tables: Tables) -> pd.DataFrame:
    """Fill what absence means, give every column a plain type, and say who buys."""
    columns: dict[str, pd.Series] = {"account_id": frame["account_id"].astype("str")}
    columns["status"] = _status(frame, tables)
    for name, variable in named.items():
        values = frame[name]
        if variable.kind in ("category", "id"):
            columns[name] = values.astype("str").where(values.notna(), None)
            continue
        absent = RECIPES[name].absent if name in RECIPES else None
        numbers = pd.to_numeric(values).astype("float64")
        columns[name] = numbers.fillna(absent) if absent is not None else numbers
    return pd.DataFrame(columns)


def _status(frame: pd.DataFrame, tables: Tables) -> pd.Series:
    """Take the recorded status; without one, whoever ordered is a customer."""
    if "status" in frame:
        return frame["status"].astype("str").fillna("prospect")
    if "orders" not in tables.tables:
        return pd.Series("customer", index=frame.index, dtype="str")
    buyers = tables.tables["orders"].select("account_id").distinct().to_pandas()["account_id"]
    bought = frame["account_id"].isin(buyers)
    return bought.map({True: "customer", False: "prospect"}).astype("str")


def _describe(
    frame: pd.DataFrame, named: Mapping[str, Variable], brief: Brief, currency: str
) -> dict[str, ColumnInfo]:
    described = {
        "account_id": _fixed("account_id", "id", "id", "Account", "Identifier of the account"),
        "status": _fixed(
            "status", "descriptor", "category", "Status", "Customer, prospect, former"
        ),
    }
    for name, variable in named.items():
        described[name] = variable.info(_role(variable, brief), currency)
    return {name: described[name] for name in frame.columns}


def _fixed(name: str, role: Role, kind: Any, label: str, definition: str) -> ColumnInfo:
    return ColumnInfo(
        name=name, role=role, kind=kind, label=label, definition=definition, source="accounts"
    )


def _role(variable: Variable, brief: Brief) -> Role:
    if variable.name in brief.variables:
        return "base"
    if variable.role == "outcome" or variable.name == brief.outcome:
        return "outcome"
    return "descriptor"
