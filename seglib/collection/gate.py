"""The quality gate over one table: keys, ranges, levels, links, time, currency, status."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.collection.findings import Finding, Level
from seglib.collection.privacy import (
    count_levels,
    hide_free_text,
    hide_personal_values,
    leave_out_named,
    level_columns,
)
from seglib.schema import Column, contract

if TYPE_CHECKING:
    import ibis.expr.types as ir

UNKNOWN = "unknown"
UNKNOWN_WORDS = (
    "n/a", "#n/a", "n.a.", "none", "null", "nan", "unknown", "not known", "not available",
    "not specified", "unspecified", "undefined", "-", "--", "?", "tbd", "unbekannt", "k.a.",
    "keine angabe", "inconnu", "non renseigné", "desconocido", "sconosciuto",
)  # fmt: skip
"""Words for 'not known' that people write into a category, in small letters."""

_STALE_AFTER = 45  # days
_RARE_TABLES = (
    "accounts", "surveys", "campaigns", "touches", "subscriptions", "research", "feedback",
)  # fmt: skip
_MAY_BE_EMPTY = ("research",)  # an earlier as-of date may lie before the first interview
_STALE_DAYS = dict.fromkeys(_RARE_TABLES, 400)

Rule = Callable[[str, "ir.Table", "Context"], tuple["ir.Table", list[Finding]]]


class Context:
    """What a rule needs to know besides its table.

    Attributes
    ----------
    as_of
        Nothing later is read.
    currency
        Amounts in another one are left out.
    tables
        The tables that passed before this one, by name, for links.
    """

    def __init__(self, as_of: pd.Timestamp, currency: str) -> None:
        self.as_of = as_of
        self.currency = currency
        self.tables: dict[str, ir.Table] = {}


def clean(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Put one typed table through every rule, in order.

    Parameters
    ----------
    name
        Contract table.
    table
        As :func:`~seglib.collection.conform.conform` typed it.
    context
        As-of date, currency, and the tables that links point to.

    Returns
    -------
    tuple of ibis.Table and list of Finding
        What is left, and what was found, repaired or left out, with counts.
    """
    findings: list[Finding] = []
    for rule in _RULES:
        table, found = rule(name, table, context)
        findings += found
    return table, findings


def _required(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    needed = [c for c in contract()[name].required if c in table.columns]
    empty = _missing(table, needed)
    findings = [
        _left_out(name, c, n, "key-missing", "rows without a value") for c, n in empty.items() if n
    ]
    if findings:
        table = table.drop_null(needed)
    return table, findings


def _ranges(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Count impossible values and make them missing."""
    bad = {
        c: test
        for c, spec in _specs(name, table)
        if (test := _impossible(table[c], spec)) is not None
    }
    findings, repaired = [], {}
    for column, count in _counts(table, bad).items():
        if count:
            words = f"{count:,} impossible values ({_range(contract()[name].columns[column])}) "
            findings.append(
                Finding("warn", "impossible", name, column, count, words + "count as missing.")
            )
            repaired[column] = ibis.ifelse(bad[column], None, table[column])
    return (table.mutate(**repaired) if repaired else table), findings


def _impossible(column: Any, spec: Column) -> Any:
    tests = []
    if spec.minimum is not None:
        tests.append(column < spec.minimum)
    if spec.maximum is not None:
        tests.append(column > spec.maximum)
    if spec.levels:
        tests.append(~column.isin(spec.levels))
    if not tests:
        return None
    return tests[0] if len(tests) == 1 else tests[0] | tests[1]


def _range(spec: Column) -> str:
    if spec.levels:
        return f"allowed: {', '.join(spec.levels)}"
    low = "" if spec.minimum is None else f"at least {spec.minimum:g}"
    high = "" if spec.maximum is None else f"at most {spec.maximum:g}"
    return ", ".join(part for part in (low, high) if part)


def _duplicates(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Keep one row of each key: the one that comes first when all columns are sorted."""
    key = list(contract()[name].key)
    if not key:
        return table, []
    extra = int((table.count() - table[key[0]].nunique()).to_pandas())
    if not extra:
        return table, []
    order = [table[c] for c in table.columns if c not in key]
    rank = ibis.row_number().over(ibis.window(group_by=key, order_by=order))
    kept = table.mutate(rank_=rank).filter(ibis._.rank_ == 0).drop("rank_")
    return kept, [_left_out(name, key[0], extra, "key-duplicate", "rows that repeat a key")]


def _time(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Leave out what lies after the as-of date, and forget what was not known by then."""
    findings = []
    time = contract()[name].time
    day = ibis.literal(context.as_of.date())
    if time is not None and time in table.columns:
        late = _counts(table, {time: table[time] > day})[time]
        if late:
            what = f"rows dated after the as-of date {context.as_of.date()}"
            findings.append(_left_out(name, time, late, "after-as-of", what))
            table = table.filter((table[time] <= day) | table[time].isnull())
    hidden = {
        c: ibis.ifelse(table[spec.known_from] > day, spec.while_unknown, table[c])
        for c, spec in _specs(name, table)
        if spec.known_from in table.columns
    }
    return (table.mutate(**hidden) if hidden else table), findings


def _links(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    findings = []
    for column, spec in _specs(name, table):
        if spec.link is None or spec.link not in context.tables or spec.link == name:
            continue
        target = context.tables[spec.link]
        keys = target.select(target[contract()[spec.link].key[0]].name("link_key_")).distinct()
        lost = int(
            table.anti_join(keys, table[column] == keys.link_key_)[column].count().to_pandas()
        )
        if lost:
            findings.append(_lost(name, column, lost, spec, int(table.count().to_pandas())))
            if spec.required:
                table = table.semi_join(keys, table[column] == keys.link_key_)
    return table, findings


def _lost(name: str, column: str, lost: int, spec: Column, rows: int) -> Finding:
    if spec.required and lost == rows:
        words = f"no row finds its row in '{spec.link}': are the keys the same?"
        return Finding("stop", "key-orphan", name, column, lost, words)
    what = f"rows whose {column} is not in '{spec.link}'"
    if spec.required:
        return _left_out(name, column, lost, "key-orphan", what)
    return Finding("warn", "link-orphan", name, column, lost, f"{lost:,} {what}; the rows stay.")


def _currency(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    if "currency" not in table.columns or not context.currency:
        return table, []
    stray = table.currency.notnull() & (table.currency.upper() != context.currency.upper())
    count = _counts(table, {"currency": stray})["currency"]
    if not count:
        return table, []
    kept = table.filter(~stray.fill_null(False))
    if int(kept.count().to_pandas()) == 0:
        words = f"no amount is in the study's currency {context.currency}."
        return table, [Finding("stop", "currency", name, "currency", count, words)]
    what = f"rows in another currency than {context.currency} (no rate is applied)"
    return kept, [_left_out(name, "currency", count, "currency", what)]


def _status(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    if name != "orders" or "status" not in table.columns:
        return table, []
    cancelled = (table.status == "cancelled").fill_null(False)
    count = _counts(table, {"status": cancelled})["status"]
    if not count:
        return table, []
    return table.filter(~cancelled), [
        _left_out(name, "status", count, "cancelled", "cancelled order lines")
    ]


def _unknown_levels(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Write "n/a", "None" and the like as one level: told apart from what is missing."""
    findings, written = [], {}
    for column in level_columns(name, table):
        count = count_levels(table, column, _says_unknown)
        if count:
            words = f"{count:,} values say that it is not known ('n/a', 'None', …); they are "
            words += f"the level '{UNKNOWN}', apart from missing."
            findings.append(Finding("warn", "unknown-level", name, column, count, words))
            written[column] = ibis.ifelse(_says_unknown(table[column]), UNKNOWN, table[column])
    return (table.mutate(**written) if written else table), findings


def _says_unknown(column: Any) -> Any:
    return column.lower().isin(UNKNOWN_WORDS) & (column != UNKNOWN)


def _stale(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    """Say when a table ends long before the as-of date."""
    time, limit = contract()[name].time, _STALE_DAYS.get(name, _STALE_AFTER)
    if time is None or time not in table.columns:
        return table, []
    last = table[time].max().to_pandas()
    if pd.isna(last) or (days := (context.as_of - pd.Timestamp(last)).days) <= limit:
        return table, []
    words = f"the last row is {days:,} days older than the as-of date; is the extract stale?"
    return table, [Finding("warn", "stale", name, time, days, words)]


def _rows_out(name: str, table: ir.Table, context: Context) -> tuple[ir.Table, list[Finding]]:
    rows = int(table.count().to_pandas())
    level: Level = "pass" if rows else "warn" if name in _MAY_BE_EMPTY else "stop"
    words = f"{rows:,} rows kept." if rows else "no row is left."
    return table, [Finding(level, "rows-out", name, "", rows, words)]


_RULES: tuple[Rule, ...] = (
    _required, _ranges, _duplicates, _time, _currency, _status, _links,
    leave_out_named, hide_personal_values, hide_free_text, _unknown_levels, _stale, _rows_out,
)  # fmt: skip


def _specs(name: str, table: ir.Table) -> list[tuple[str, Column]]:
    columns = contract()[name].columns
    return [(c, columns[c]) for c in table.columns if c in columns]


def _counts(table: ir.Table, tests: dict[str, Any]) -> dict[str, int]:
    """Count, in one query, the rows on which each test holds."""
    if not tests:
        return {}
    row = table.aggregate(**{c: test.fill_null(False).sum() for c, test in tests.items()})
    values = row.to_pandas().iloc[0]
    return {c: 0 if pd.isna(values[c]) else int(values[c]) for c in tests}


def _missing(table: ir.Table, columns: list[str]) -> dict[str, int]:
    """Count missing values; a Parquet file's footer answers this without a scan."""
    if not columns:
        return {}
    known = {c: table[c].count() for c in columns}
    row = table.aggregate(rows_=table.count(), **known).to_pandas().iloc[0]
    return {c: int(row["rows_"] - row[c]) for c in columns}


def _left_out(table: str, column: str, count: int, code: str, what: str) -> Finding:
    return Finding("warn", code, table, column, count, f"{count:,} {what} were left out.")
