"""Compute a table once and keep it where the engine can, without writing to the user's tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir


def keep_table(con: Any, name: str, table: ir.Table) -> ir.Table:
    """Keep a table for the session, under a name of ours; leave it lazy where that cannot be.

    Parameters
    ----------
    con
        The Ibis backend.
    name
        What to call it.
    table
        What to compute.
    """
    return _KEEPERS.get(con.name, _lazy)(con, name, table)


def _lazy(con: Any, name: str, table: ir.Table) -> ir.Table:
    return table


def _duckdb(con: Any, name: str, table: ir.Table) -> ir.Table:
    return con.create_table(name, table, temp=True, overwrite=True)


def _postgres(con: Any, name: str, table: ir.Table) -> ir.Table:
    """Fill a temporary table from within a read-only transaction.

    Only the empty table is made in a transaction that may write: Postgres lets a read-only one
    fill temporary tables and nothing else, so the study's own queries can never write.
    """
    import psycopg

    columns = ", ".join(f'"{c}"' for c in table.columns)
    types = table.schema().to_sqlglot_column_defs(con.dialect)
    shape = ", ".join(column.sql(con.dialect) for column in types)
    query = con.compile(table)  # it may read the table of this name that is to be replaced
    try:
        _may_write(con, f'CREATE TEMPORARY TABLE "{name}_new" ({shape})')
    except (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege):
        return table  # a hot standby, or a user who may not have temporary tables
    with con.con.cursor() as cursor:
        cursor.execute(f'INSERT INTO pg_temp."{name}_new" ({columns}) {query}')
        cursor.execute(f'ANALYZE pg_temp."{name}_new"')
    renamed = f'ALTER TABLE pg_temp."{name}_new" RENAME TO "{name}"'
    _may_write(con, f'DROP TABLE IF EXISTS pg_temp."{name}"', renamed)
    return con.table(name)


def _may_write(con: Any, *statements: str) -> None:
    with con.con.transaction(), con.con.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ WRITE")
        for statement in statements:
            cursor.execute(statement)


def _spark(con: Any, name: str, table: ir.Table) -> ir.Table:
    """Cache in the cluster's memory and disk under a view of this session."""
    frame = con.raw_sql(con.compile(table)).cache()
    frame.createOrReplaceTempView(name)
    con._cached_dataframes[name] = frame
    return con.table(name)


_KEEPERS: dict[str, Callable[[Any, str, Any], Any]] = {
    "duckdb": _duckdb,
    "postgres": _postgres,
    "pyspark": _spark,
}
