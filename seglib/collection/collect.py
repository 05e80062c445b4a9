"""Read a study's tables: map, type, clean, in the order in which they refer to one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from seglib.collection.conform import conform
from seglib.collection.findings import Finding, stop_on
from seglib.collection.gate import Context, clean
from seglib.collection.hierarchy import roll_up
from seglib.collection.joins import join_findings
from seglib.errors import DataError
from seglib.mapping import count_left_out, map_tables
from seglib.schema import contract
from seglib.source import Source, connect
from seglib.study import Study

if TYPE_CHECKING:
    import ibis.expr.types as ir

_ORDER = ("accounts", "contacts", "campaigns")


@dataclass(frozen=True)
class Tables:
    """The cleaned contract tables of a study, as Ibis expressions.

    Attributes
    ----------
    tables
        Contract table to expression.
    findings
        What the quality gate found on the way.
    as_of
        The day as of which everything is told.
    source
        Where they live.
    """

    tables: Mapping[str, ir.Table]
    findings: tuple[Finding, ...]
    as_of: pd.Timestamp
    source: Source

    def has(self, table: str, *columns: str) -> bool:
        """Say whether a table is there with all these columns."""
        return table in self.tables and set(columns) <= set(self.tables[table].columns)


@contextmanager
def collected(study: Study, *, only: Sequence[str] | None = None) -> Iterator[Tables]:
    """Open a study's tables, pass them through the gate, and close the source at the end.

    Parameters
    ----------
    study
        The study.
    only
        As for :func:`read_tables`.

    Raises
    ------
    StudyError
        When the mapping does not fit the source.
    DataError
        When the data do not pass the gate; all reasons at once.
    """
    source = connect(study)
    try:
        with source.explained():
            yield read_tables(study, source, only=only)
    finally:
        source.close()


def read_tables(
    study: Study, source: Source, *, stop: bool = True, only: Sequence[str] | None = None
) -> Tables:
    """Map, type and clean every table of a study.

    Parameters
    ----------
    study, source
        The study and its opened source.
    stop
        Raise when a finding says stop; otherwise only report it.
    only
        Read the rows of these accounts and no others, for what bears a sample.
    """
    findings: list[Finding] = []
    typed: dict[str, ir.Table] = {}
    for name, table in map_tables(study, source).items():
        some = table if only is None else _of_accounts(name, table, only, source)
        typed[name], found = conform(name, some, study, source)
        findings += found
    findings += [
        Finding("pass", "left-out", name, "", rows, f"{rows:,} rows left out: {rule.why}.")
        for name, rule, rows in count_left_out(study, source)
    ]
    findings += join_findings(study, source)
    if stop:
        stop_on(findings)
    as_of, found = _as_of(study, typed)
    findings += found
    context = Context(as_of, study.currency)
    for name in sorted(typed, key=lambda n: (*_ORDER, n).index(n)):
        kept, found = clean(name, typed[name], context)
        mapping = study.tables.get(name)
        origin = name if mapping is None else mapping.from_
        cheap = source.reread(origin) and not contract()[name].key
        context.tables[name] = kept if cheap else source.keep(name, kept)
        findings += found
    findings += _negative(context.tables)
    if stop:
        stop_on(findings)
    if "accounts" not in context.tables:
        context.tables["accounts"] = _accounts_of(context.tables["orders"])
        words = "no account table is mapped; accounts are those that ordered."
        count = int(context.tables["accounts"].count().to_pandas())
        findings.append(Finding("warn", "accounts-from-orders", "accounts", "", count, words))
    tables = context.tables
    if study.grain == "parent":
        tables, found = roll_up(tables, source)
        findings += found
    return Tables(tables, tuple(findings), as_of, source)


def _of_accounts(name: str, table: ir.Table, only: Sequence[str], source: Source) -> ir.Table:
    """Keep the rows of some accounts; a table without accounts is kept whole."""
    if "account_id" not in table.columns:
        return table
    ids = ibis.memtable({"only_": list(only)})
    kept = table.semi_join(ids, table.account_id.cast("string").strip() == ids.only_)
    return source.keep(f"some_{name}", kept)


def _negative(tables: Mapping[str, ir.Table]) -> list[Finding]:
    """Say how many order lines take revenue away."""
    if "orders" not in tables:
        return []
    orders = tables["orders"]
    least = orders.amount.min().to_pandas()  # often known without a scan
    if pd.isna(least) or least >= 0:
        return []
    count = int((orders.amount < 0).fill_null(False).sum().fill_null(0).to_pandas())
    words = f"{count:,} order lines have a negative amount (returns, credits); they lower revenue."
    return [Finding("warn", "negative-amount", "orders", "amount", count, words)]


def _accounts_of(orders: ir.Table) -> ir.Table:
    return orders.select("account_id").distinct()


def _as_of(study: Study, tables: Mapping[str, ir.Table]) -> tuple[pd.Timestamp, list[Finding]]:
    """Take the study's date; without one, the last day on which anything happened."""
    if study.as_of is not None:
        return pd.Timestamp(study.as_of), []
    latest: list[Any] = []
    for name, table in tables.items():
        time = contract()[name].event_time
        if time in table.columns:
            latest.append(table[time].max().to_pandas())
    known = [pd.Timestamp(day) for day in latest if not pd.isna(day)]
    if not known:
        if any(contract()[name].event_time for name in tables):
            raise DataError("no table has a date; name 'as_of' in the study.")
        return pd.Timestamp("1970-01-01"), [
            Finding("pass", "as-of", "", "", 0, "the data have no dates: nothing depends on a day.")
        ]
    as_of = max(known)
    if as_of > pd.Timestamp.now():
        raise DataError(
            f"the last day in the data, {as_of.date()}, lies in the future; name 'as_of' in the "
            "study."
        )
    words = f"the study names no as-of date; the last day in the data, {as_of.date()}, is used."
    return as_of, [Finding("warn", "as-of", "", "", 0, words)]
