"""From the user's tables and column names to the contract's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from seglib.errors import StudyError, did_you_mean, unknown
from seglib.schema import contract
from seglib.source import Source
from seglib.study import ColumnMapping, Study, TableMapping

if TYPE_CHECKING:
    import ibis.expr.types as ir


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


def _map_table(name: str, mapping: TableMapping, study: Study, source: Source) -> ir.Table:
    raw = source.query(mapping.sql) if mapping.sql else source.table(mapping.from_ or "")
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
        f"The required column '{c}' is not mapped.{did_you_mean(c, list(raw.columns))}"
        for c in contract()[name].required
        if c not in chosen
    ]
    if problems:
        raise StudyError(problems)
    return raw.select(**{column: _expression(raw, origin) for column, origin in chosen.items()})


def _wanted(origin: str | ColumnMapping) -> str | None:
    return origin if isinstance(origin, str) else origin.column


def _expression(raw: ir.Table, origin: str | ColumnMapping) -> Any:
    import ibis

    if isinstance(origin, str):
        return raw[origin]
    if origin.row_number:
        return ibis.row_number() + 1
    if origin.value is not None:
        return ibis.literal(origin.value)
    column = raw[str(origin.column)]
    if not origin.map:
        return column
    text = column.cast("string").strip()
    branches = [(text.isin(values), level) for level, values in origin.map.items()]
    return ibis.cases(*branches, else_=text)
