"""What an engine's SQL needs so that one Ibis expression means the same in each.

Each difference was met on real tables: Ibis 12 writes the vertical tab of its white space as
``\\v``, which Spark reads as the letter *v*; Postgres has no cast from boolean to a number but
``int``.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import ibis.backends.sql.compilers as sc
import ibis.expr.schema as sch
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.base import NULL


class SparkCompiler(sc.pyspark.PySparkCompiler):
    """Spark's SQL with white space stripped by a pattern."""

    def visit_Strip(self, op: Any, *, arg: Any) -> Any:
        """Strip white space from both ends."""
        return self.f.regexp_replace(arg, sge.convert(r"^\s+|\s+$"), sge.convert(""))


class PostgresCompiler(sc.postgres.PostgresCompiler):
    """Postgres' SQL with booleans cast to every kind of number."""

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:
        """Cast; true is 1 and false is 0."""
        if op.arg.dtype.is_boolean() and to.is_numeric():
            one = self.if_(arg, sge.convert(1), self.if_(arg.is_(NULL), NULL, sge.convert(0)))
            return self.cast(one, to)
        return super().visit_Cast(op, arg=arg, to=to)

    visit_TryCast = visit_Cast


def spark_dialect(con: Any) -> Any:
    """Give one Ibis connection to Spark its own compiler."""
    con.compiler = SparkCompiler()
    return con


def postgres_dialect(con: Any) -> Any:
    """Give one Ibis connection to Postgres its own compiler, and let it ask without writing.

    Ibis learns the columns of a query by making a view of it, which a read-only session refuses.
    """
    con.compiler = PostgresCompiler()
    con._get_schema_using_query = partial(_schema_of, con)
    return con


def _schema_of(con: Any, query: str) -> Any:
    with con.con.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({query.strip().rstrip(';')}) AS asked LIMIT 0")
        found = {column.name: column.type_display for column in cursor.description}
    kind = con.compiler.type_mapper.from_string
    return sch.Schema({name: kind(shown) for name, shown in found.items()})
