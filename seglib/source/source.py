"""Source: the tables of a study, as Ibis expressions, in whatever engine holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from functools import reduce
from typing import TYPE_CHECKING, Any

from seglib.errors import DataError, StudyError, unknown
from seglib.source.explain import from_engine, reason
from seglib.source.files import FileTables
from seglib.source.keep import keep_table
from seglib.table_mapping import ReadOptions

if TYPE_CHECKING:
    import ibis.expr.types as ir

_OURS = "seglib_"


class Source:
    """The tables of a study, as Ibis expressions.

    Attributes
    ----------
    con
        The Ibis backend in which everything is computed.
    files
        The files behind the tables, where the source is made of files.
    notes
        What was detected in a table's origin and is worth a line in the quality table.
    """

    def __init__(self, con: Any, files: FileTables | None = None, *, shared: bool = False) -> None:
        self.con = con
        self.files = files
        self.notes: dict[str, list[str]] = files.notes if files else {}
        self._shared = shared
        self._kept: set[str] = set()

    def names(self) -> list[str]:
        """Names of the tables, sorted."""
        if self.files is not None:
            return sorted(name for name in self.files.files if "*" not in name)
        return sorted(n for n in self.con.list_tables() if not n.startswith(_OURS))

    def table(self, name: str, read: ReadOptions | None = None) -> ir.Table:
        """Return a table as it is, before any mapping.

        Parameters
        ----------
        name
            A table, or a pattern such as ``orders_*`` for all that match it, stacked.
        read
            How its files are written, where that is not to be detected.

        Raises
        ------
        StudyError
            When there is no such table.
        DataError
            When its file cannot be read.
        """
        if "*" in name:
            return self._matching(name, read)
        if name not in self.names():
            raise StudyError(unknown("source table", name, self.names()))
        return self._table(name, read)

    def query(self, sql: str, read: ReadOptions | None = None) -> ir.Table:
        """Return the result of a query over the source's tables.

        Raises
        ------
        StudyError
            When it is no query, cannot be parsed, or names what is not there.
        """
        self._only_reads(sql)
        if self.files is not None:
            for name in self.names():
                if re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE):
                    self._table(name, read)
        try:
            return self.con.sql(sql)
        except Exception as error:
            raise StudyError(f"the query cannot be run: {reason(error)}", where="'sql'") from None

    def keep(self, name: str, table: ir.Table) -> ir.Table:
        """Compute a table once and keep it for the session; the user's tables stay untouched.

        Raises
        ------
        DataError
            When it cannot be computed.
        """
        with self.explained(f"'{name}'"):
            kept = keep_table(self.con, f"{_OURS}{name}", table)
        if kept is not table:
            self._kept.add(f"{_OURS}{name}")
        return kept

    def reread(self, name: str | None) -> bool:
        """Say whether a table is as cheap to read again as a kept one: Parquet or a DuckDB file."""
        if self.con.name != "duckdb" or name is None:
            return False
        return self.files is None or self.files.columnar(name)

    @contextmanager
    def explained(self, where: str = "the source") -> Iterator[None]:
        """Turn what the engine raises inside into a :class:`~seglib.errors.DataError`."""
        try:
            yield
        except Exception as error:
            if not from_engine(error):
                raise
            told = self.files.misfit(error) if self.files is not None else ""
            why = told or reason(error).rstrip(".")
            raise DataError(f"cannot be read: {why}.", where=where) from None

    def can(self, operation: type) -> bool:
        """Say whether the engine knows an Ibis operation."""
        return bool(self.con.has_operation(operation))

    def close(self) -> None:
        """Let go of the connection, of what was kept and of converted files."""
        if self._shared:
            for name in self._kept:
                self.con._drop_cached_table(name)
        else:
            self.con.disconnect()
        if self.files is not None:
            self.files.close()

    def _table(self, name: str, read: ReadOptions | None) -> ir.Table:
        if self.files is not None:
            if read is not None:
                self.files.options[name] = read
            with self.explained(f"'{name}'"):
                self.files.load(name)
        with self.explained(f"'{name}'"):
            return self.con.table(name)

    def _matching(self, pattern: str, read: ReadOptions | None) -> ir.Table:
        """Stack the tables that match a pattern; files are stacked by the embedded engine."""
        if self.files is not None:
            self.files.match(pattern)
            return self._table(pattern, read)
        names = [name for name in self.names() if fnmatch(name, pattern)]
        if not names:
            raise StudyError(unknown("source table", pattern, self.names()))
        return _stacked([self._table(name, read) for name in names])

    def _only_reads(self, sql: str) -> None:
        """Refuse what is not one query: the user's tables are opened read only."""
        import sqlglot
        from sqlglot.errors import SqlglotError

        try:
            parsed = sqlglot.parse(sql, read=self.con.dialect)
        except SqlglotError as error:
            first = str(error).split("\n")[0]
            raise StudyError(f"the query cannot be run: {first}", where="'sql'") from None
        if len(parsed) != 1 or not isinstance(parsed[0], sqlglot.exp.Query):
            words = "must be one query (SELECT …): the source is read and never changed."
            raise StudyError(words, where="'sql'")


def _stacked(tables: list[ir.Table]) -> ir.Table:
    """Stack tables by column name; a column whose type changes becomes text."""
    columns = {c: t.schema()[c] for t in reversed(tables) for c in reversed(t.columns)}
    changing = {c for t in tables for c in t.columns if t.schema()[c] != columns[c]}
    kinds = {c: "string" if c in changing else kind for c, kind in reversed(columns.items())}
    return reduce(lambda left, right: left.union(right), (_shaped(t, kinds) for t in tables))


def _shaped(table: ir.Table, kinds: dict[str, Any]) -> ir.Table:
    import ibis

    there = {c: table[c] if c in table.columns else ibis.null("string") for c in kinds}
    return table.select(**{c: value.cast(kinds[c]) for c, value in there.items()})
