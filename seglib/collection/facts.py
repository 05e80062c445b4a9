"""Facts: what the later steps need besides the account table, aggregated and without persons."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.collection.collect import Tables
from seglib.collection.exact import exact_sums
from seglib.collection.views import contacts as contacts_with_roles
from seglib.schema import contract

if TYPE_CHECKING:
    import ibis.expr.types as ir


def build_facts(tables: Tables) -> dict[str, pd.DataFrame]:
    """Aggregate the tables that are there, in the engine.

    Returns
    -------
    dict of str to pandas.DataFrame
        Contract table to its facts, sorted; no personal column is in them.
    """
    made = {name: build(tables) for name, build in _FACTS.items() if name in tables.tables}
    return {name: _plain(table.to_pandas()) for name, table in made.items()}


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Give dates one type and rows one order, so that the bytes are the same on every engine."""
    for column in frame.columns:
        known = frame[column].dropna()
        dated = hasattr(known.iloc[0], "year") if len(known) else column.endswith("_date")
        if frame[column].dtype == object and dated:
            frame[column] = pd.to_datetime(frame[column])
        if pd.api.types.is_datetime64_any_dtype(frame[column]):
            frame[column] = frame[column].astype("datetime64[us]")
    return frame.sort_values(list(frame.columns), ignore_index=True)


def _month(day: Any) -> Any:
    return day.truncate("M").cast("date")


def _has(rows: ir.Table, column: str, otherwise: Any) -> Any:
    return rows[column] if column in rows.columns else otherwise


def _total(rows: ir.Table, column: str) -> Any:
    return rows[column].sum() if column in rows.columns else ibis.null("float64")


def _rows(name: str) -> Callable[[Tables], ir.Table]:
    """Take a small table row by row, without its personal columns."""

    def build(tables: Tables) -> ir.Table:
        rows = tables.tables[name]
        return rows.select(*(c for c in rows.columns if c not in contract()[name].personal))

    return build


def _orders(tables: Tables) -> ir.Table:
    rows = tables.tables["orders"]
    values = {
        "orders": rows.order_id.nunique(),
        "lines": rows.count(),
        "amount": rows.amount.sum(),
        "cost": _total(rows, "cost"),
    }
    exact = exact_sums(rows, values, tables.source.con.name)
    return rows.group_by(rows.account_id, month=_month(rows.order_date)).aggregate(**exact)


def _contacts(tables: Tables) -> ir.Table:
    rows = contacts_with_roles(tables)
    seniority = _has(rows, "seniority", ibis.null("string"))
    return rows.group_by(rows.account_id, rows.role, seniority=seniority).aggregate(
        contacts=rows.count()
    )


def _engagements(tables: Tables) -> ir.Table:
    rows = tables.tables["engagements"]
    nothing = ibis.null("string")
    role: Any = nothing
    if "contacts" in tables.tables and "contact_id" in rows.columns:
        people = contacts_with_roles(tables).select(person_="contact_id", role="role")
        rows = rows.left_join(people, rows.contact_id == people.person_)
        role = rows.role
    return rows.group_by(
        rows.account_id,
        role=role,
        kind=_has(rows, "kind", nothing),
        topic=_has(rows, "topic", nothing),
        hour=_has(rows, "hour", ibis.null("float64")),
    ).aggregate(events=rows.count())


def _tickets(tables: Tables) -> ir.Table:
    rows = tables.tables["tickets"]
    values = {"tickets": rows.count(), "hours": _total(rows, "hours_to_resolve")}
    return rows.group_by(
        rows.account_id,
        month=_month(rows.opened_date),
        severity=_has(rows, "severity", ibis.null("string")),
    ).aggregate(**exact_sums(rows, values, tables.source.con.name))


def _surveys(tables: Tables) -> ir.Table:
    rows = tables.tables["surveys"]
    values = {"score": rows.score.mean(), "answers": rows.count()}
    exact = exact_sums(rows, values, tables.source.con.name)
    return rows.group_by("account_id", "item").aggregate(**exact)


def _touches(tables: Tables) -> ir.Table:
    rows = tables.tables["touches"]
    held_out = _has(rows, "held_out", ibis.literal(False)).fill_null(False)
    converted = _has(rows, "converted_date", ibis.null("date")).notnull()
    return rows.select(
        "campaign_id",
        "account_id",
        "touch_date",
        held_out=held_out,
        converted=converted,
        cost=_has(rows, "cost", ibis.null("float64")),
        revenue=_has(rows, "revenue", ibis.null("float64")).fill_null(0.0),
    )


def _feedback(tables: Tables) -> ir.Table:
    """Opinions without their comments: of these only whether there is one."""
    rows = tables.tables["feedback"]
    nothing = ibis.null("string")
    return rows.select(
        "account_id",
        segment=_has(rows, "segment", nothing),
        by_role=_has(rows, "by_role", nothing),
        given_date=_has(rows, "given_date", ibis.null("date")),
        commented=_has(rows, "comment", nothing).notnull(),
    )


_FACTS: dict[str, Callable[[Tables], Any]] = {
    "orders": _orders,
    "contacts": _contacts,
    "opportunities": _rows("opportunities"),
    "subscriptions": _rows("subscriptions"),
    "usage": _rows("usage"),
    "engagements": _engagements,
    "technologies": _rows("technologies"),
    "tickets": _tickets,
    "surveys": _surveys,
    "links": _rows("links"),
    "campaigns": _rows("campaigns"),
    "touches": _touches,
    "research": _rows("research"),
    "feedback": _feedback,
}
