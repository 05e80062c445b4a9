"""From the user's tables and column names to the contract's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from seglib.errors import StudyError, did_you_mean, unknown
from seglib.schema import contract
from seglib.source import Source
from seglib.study import Study
from seglib.table_mapping import ColumnMapping, LeaveOut, TableMapping

if TYPE_CHECKING:
    import ibis.expr.types as ir

_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"


def mappings(study: Study, source: Source) -> dict[str, TableMapping]:
    """Return where each contract table comes from.

    A table that the study does not mention is taken as it is when the source has one of that
    name and the study maps no table at all.

    Parameters
    ----------
    study
        The study.
    source
        Its opened source.

    Raises
    ------
    StudyError
        When no table is mapped, or a mapped table or column is not there.
    """
    chosen = dict(study.tables)
    if not chosen:
        present = set(source.names())
        chosen = {t: TableMapping.model_validate({"from": t}) for t in contract() if t in present}
    if not {"accounts", "orders"} & set(chosen):
        raise StudyError(
            "Neither 'accounts' nor 'orders' is mapped; one of them is needed. "
            f"The source has: {', '.join(source.names()) or 'no tables'}.",
            where="'tables'",
        )
    return chosen


def map_tables(study: Study, source: Source) -> dict[str, ir.Table]:
    """Rename the user's columns to the contract's; types are still the source's own.

    Rows that a ``leave_out`` rule of the study tells are left out; :func:`count_left_out` counts
    them.

    Raises
    ------
    StudyError
        With every unknown table and column and every required column that is missing.
    """
    problems: list[str] = []
    mapped: dict[str, ir.Table] = {}
    for name, mapping in mappings(study, source).items():
        try:
            mapped[name] = _map_table(name, mapping, study, source)
        except StudyError as error:
            problems += [f"'{name}': {problem}" for problem in error.problems]
    if problems:
        raise StudyError(problems, where="'tables'")
    return mapped


def count_left_out(study: Study, source: Source) -> Iterator[tuple[str, LeaveOut, int]]:
    """Count the rows that each ``leave_out`` rule takes away after the rules before it.

    Yields
    ------
    tuple of str, LeaveOut and int
        Contract table, rule, rows.
    """
    for name, mapping in study.tables.items():
        if not mapping.leave_out:
            continue
        raw = _raw(mapping, source)
        tests = [_told(raw, rule) for rule in mapping.leave_out]
        counts, kept = {}, ~tests[0]
        counts["0"] = tests[0].sum()
        for place, test in enumerate(tests[1:], start=1):
            counts[str(place)] = (test & kept).sum()
            kept &= ~test
        row = raw.aggregate(**counts).to_pandas().iloc[0].fillna(0)
        for place, rule in enumerate(mapping.leave_out):
            yield name, rule, int(row[str(place)])


def find_lines(
    mapping: TableMapping, source: Source, column: str, test: Callable[[Any], Any]
) -> str:
    """Say in which lines of a table's file a test holds; empty where there are no lines.

    Parameters
    ----------
    mapping, source
        Where the table comes from.
    column
        Contract column.
    test
        From the column's trimmed text to true or false.

    Returns
    -------
    str
        Such as ``" (lines 5, 9, 12)"``; at most three, counted with the header.
    """
    import ibis

    origin = mapping.columns.get(column, column)
    wanted = _wanted(origin)
    if mapping.sql or wanted is None or source.files is None:
        return ""
    if not source.files.lines(mapping.from_ or ""):
        return ""
    name = mapping.from_ or ""
    raw = source.table(name).mutate(row_=ibis.row_number())
    for rule in mapping.leave_out:
        raw = raw.filter(~_told(raw, rule))
    text = plain_text(raw[wanted]).strip().nullif("")
    found = raw.select(row_="row_", text_=text).filter(lambda t: t.text_.notnull())
    rows = found.filter(test(found.text_).fill_null(False)).order_by("row_").limit(3)
    places = source.files.line_numbers(name, rows.select("row_").to_pandas()["row_"].tolist())
    if not places:
        return ""
    numbers = ", ".join(f"{place:,}" for place in places)
    return f" (line{'s' if len(places) > 1 else ''} {numbers})"


def _raw(mapping: TableMapping, source: Source) -> ir.Table:
    read = mapping.read if mapping.read.model_fields_set else None
    return (
        source.query(mapping.sql, read) if mapping.sql else source.table(mapping.from_ or "", read)
    )


def _map_table(name: str, mapping: TableMapping, study: Study, source: Source) -> ir.Table:
    raw = _raw(mapping, source)
    allowed = [*contract()[name].columns, *(study.variables if name == "accounts" else ())]
    chosen: dict[str, Any] = dict(mapping.columns)
    if not chosen:
        chosen = {c: c for c in allowed if c in raw.columns}
    problems = [unknown("column", c, allowed) for c in chosen if c not in allowed]
    problems += [
        f"'{c}' maps to an unknown column. {unknown('column', wanted, list(raw.columns))}"
        for c, wanted in ((c, _wanted(m)) for c, m in chosen.items())
        if wanted is not None and wanted not in raw.columns
    ]
    problems += [
        f"'leave_out' names an unknown column. {unknown('column', r.column, list(raw.columns))}"
        for r in mapping.leave_out
        if r.column not in raw.columns
    ]
    problems += [
        f"The required column '{c}' is not mapped.{did_you_mean(c, list(raw.columns))}"
        for c in contract()[name].required
        if c not in chosen
    ]
    if problems:
        raise StudyError(problems)
    kept = raw
    for rule in mapping.leave_out:
        kept = kept.filter(~_told(kept, rule))
    return kept.select(**{c: _expression(kept, o, source) for c, o in chosen.items()})


def _wanted(origin: str | ColumnMapping) -> str | None:
    return origin if isinstance(origin, str) else origin.column


def _expression(raw: ir.Table, origin: str | ColumnMapping, source: Source) -> Any:
    import ibis

    if isinstance(origin, str):
        return raw[origin]
    if origin.row_number:
        if source.files is not None:
            return ibis.row_number() + 1
        order = [
            raw[column] for column in raw.columns
        ]  # a server's rows have no order of their own
        return ibis.row_number().over(ibis.window(order_by=order)) + 1
    if origin.value is not None:
        return ibis.literal(origin.value)
    column = raw[str(origin.column)]
    if not origin.map:
        return column
    text = _text(column)
    branches = [(text.isin(values), level) for level, values in origin.map.items()]
    if origin.otherwise is None:
        return ibis.cases(*branches, else_=text)
    return ibis.cases(*branches, (text.isnull(), ibis.null("string")), else_=origin.otherwise)


def _text(column: Any) -> Any:
    """Write a value as text, trimmed; a whole number without its '.0'."""
    return column.strip() if column.type().is_string() else plain_text(column)


def plain_text(column: Any) -> Any:
    """Write a column of any type as text; a whole number loses its '.0'.

    Parameters
    ----------
    column
        Ibis column.
    """
    import ibis

    kind = column.type()
    if not (kind.is_floating() or kind.is_decimal()):
        return column.cast("string")
    whole = column == column.round()
    return ibis.ifelse(whole, column.round().cast("int64").cast("string"), column.cast("string"))


def _told(raw: ir.Table, rule: LeaveOut) -> Any:
    """Say of each row whether a rule leaves it out; never missing."""
    import ibis

    column = raw[rule.column]
    if rule.missing:
        blank = (column.strip() == "") if column.type().is_string() else ibis.literal(False)
        return column.isnull() | blank.fill_null(False)
    if rule.levels:
        return _text(column).isin(rule.levels).fill_null(False)
    if rule.starts_with is not None:
        return _text(column).startswith(rule.starts_with).fill_null(False)
    number = _number(column)
    test = number <= rule.at_most if rule.at_most is not None else number >= rule.at_least
    return test.fill_null(False)


def _number(column: Any) -> Any:
    import ibis

    if not column.type().is_string():
        return column.cast("float64")
    text = column.strip()
    return ibis.ifelse(text.re_search(_NUMBER), text, ibis.null("string")).cast("float64")
