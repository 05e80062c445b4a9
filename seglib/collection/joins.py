"""What the joins of a study's own queries lose or multiply, join by join."""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import expressions as sge

from seglib.collection.findings import Finding, Level
from seglib.source import Source
from seglib.study import Study


def join_findings(study: Study, source: Source) -> Iterator[Finding]:
    """Count, for each left join of each ``sql:``, the rows without a partner and the new rows.

    Parameters
    ----------
    study, source
        The study and its opened source.

    Yields
    ------
    Finding
        ``join``: a warning when rows find no partner or multiply. Joins inside subqueries and
        joins that are no equality of columns are not looked at.
    """
    for name, mapping in study.tables.items():
        parsed = sqlglot.parse_one(mapping.sql, read=source.con.dialect) if mapping.sql else None
        if not isinstance(parsed, sge.Select):
            continue
        joins = parsed.args.get("joins") or []
        for place, join in enumerate(joins):
            key = _right_key(join)
            if join.side == "LEFT" and key is not None:
                yield _finding(name, parsed, place, key, source)


def _right_key(join: sge.Join) -> sge.Column | None:
    """The column of the joined table in the join's first equality."""
    on, alias = join.args.get("on"), join.this.alias_or_name
    equal = on.find(sge.EQ) if on is not None else None
    columns = equal.find_all(sge.Column) if equal is not None else []
    return next((column for column in columns if column.table == alias), None)


def _finding(name: str, parsed: sge.Select, place: int, key: sge.Column, source: Source) -> Finding:
    before, _ = _count(parsed, place, None, source)
    after, lost = _count(parsed, place + 1, key, source)
    joined = parsed.args["joins"][place].this.name
    words = f"{lost:,} of {before:,} rows find no row in '{joined}'"
    if after > before:
        words += f", and the join multiplies them to {after:,}"
    level: Level = "warn" if lost or after > before else "pass"
    return Finding(level, "join", name, "", lost, f"{words}.")


def _count(
    parsed: sge.Select, joins: int, key: sge.Column | None, source: Source
) -> tuple[int, int]:
    """Count rows after the first joins, and those in which a key of the last is missing."""
    query = sge.Select().select("COUNT(*) AS total")
    if key is not None:
        query = query.select(f"COUNT({key.sql(source.con.dialect)}) AS met")
    origin = "from_" if parsed.args.get("from_") else "from"
    query.set(origin, parsed.args[origin].copy())
    query.set("joins", [join.copy() for join in parsed.args["joins"][:joins]])
    row = source.query(query.sql(source.con.dialect)).to_pandas().iloc[0]
    total = int(row["total"])
    return total, total - int(row["met"]) if key is not None else 0
