"""Give every mapped column the contract's type; count what does not fit, lose nothing silently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from seglib.collection.findings import Finding, Level
from seglib.schema import Column, Type, contract
from seglib.source import Source
from seglib.study import Study

if TYPE_CHECKING:
    import ibis.expr.types as ir

_DECIMAL_COMMA = r"^[-+]?\d[\d.]*,\d+$"
_THOUSANDS = r"^[-+]?\d{1,3}(,\d{3})+(\.\d+)?$"
_DECIMAL_POINT = r"^[-+]?\d+\.\d+$"
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$"
_ISO = r"^\d{4}-\d{1,2}-\d{1,2}([ T].*)?$"
_PATTERNS = {
    "DD.MM.YYYY": (r"^\d{1,2}\.\d{1,2}\.\d{4}$", r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$", (3, 2, 1)),
    "DD/MM/YYYY": (r"^\d{1,2}/\d{1,2}/\d{4}$", r"^(\d{1,2})/(\d{1,2})/(\d{4})$", (3, 2, 1)),
    "MM/DD/YYYY": (r"^\d{1,2}/\d{1,2}/\d{4}$", r"^(\d{1,2})/(\d{1,2})/(\d{4})$", (3, 1, 2)),
    "YYYYMMDD": (r"^\d{8}$", r"^(\d{4})(\d{2})(\d{2})$", (1, 2, 3)),
}
_STOP_SHARE = 0.2


def conform(
    name: str, table: ir.Table, study: Study, source: Source
) -> tuple[ir.Table, list[Finding]]:
    """Type one mapped table and report what could not be read.

    Parameters
    ----------
    name
        Contract table.
    table
        As :func:`~seglib.mapping.map_tables` left it.
    study, source
        The study and its source.

    Returns
    -------
    tuple of ibis.Table and list of Finding
        Values that cannot be read as the contract's type become missing and are counted; more
        than a fifth of a column is a stop.
    """
    specs = {column: _spec(name, column, study) for column in table.columns}
    text = table.select(**{c: _as_text(table[c], specs[c]) for c in table.columns})
    text = source.keep(f"raw_{name}", text)
    counts = _count_formats(text, specs)
    findings: list[Finding] = []
    typed: dict[str, Any] = {}
    for column, spec in specs.items():
        typed[column], found = _type_column(name, text, column, spec, counts)
        findings += found
    findings += [
        Finding("pass", "file-format", name, "", 0, note)
        for note in source.notes.get(_origin(name, study), [])
    ]
    rows = int(counts["rows"])
    level: Level = "stop" if rows == 0 else "pass"
    words = "the table is empty." if rows == 0 else f"{rows:,} rows read."
    findings.append(Finding(level, "rows-in", name, "", rows, words))
    return source.keep(name, text.select(**typed)), findings


def _origin(name: str, study: Study) -> str:
    mapping = study.tables.get(name)
    return (mapping.from_ or name) if mapping else name


def _spec(table: str, column: str, study: Study) -> Column:
    if column in contract()[table].columns:
        return contract()[table].columns[column]
    extra = study.variables[column]
    kind: Type = "text" if extra.kind in ("category", "id") else "number"
    return Column(type=kind, meaning=extra.meaning, unit=extra.unit)


def _as_text(column: Any, spec: Column) -> Any:
    """Trim text and make empty text missing; a whole number used as a key loses its '.0'."""
    if column.type().is_string():
        return column.strip().nullif("")
    if spec.type == "text":
        plain = column.cast("int64") if column.type().is_floating() else column
        return plain.cast("string")
    return column


def _count_formats(text: ir.Table, specs: dict[str, Column]) -> dict[str, int]:
    wanted: dict[str, Any] = {"rows": text.count()}
    for column, spec in specs.items():
        value = text[column]
        wanted[f"{column}|filled"] = value.count()
        if not value.type().is_string():
            continue
        if spec.type in ("number", "integer"):
            thousands = value.re_search(_THOUSANDS)
            wanted[f"{column}|comma"] = (value.re_search(_DECIMAL_COMMA) & ~thousands).sum()
            wanted[f"{column}|thousands"] = thousands.sum()
            wanted[f"{column}|dotted"] = value.re_search(_DECIMAL_POINT).sum()
            wanted[f"{column}|plain"] = value.re_search(_NUMBER).sum()
        if spec.type == "date":
            wanted[f"{column}|ISO"] = value.re_search(_ISO).sum()
            for label, (pattern, parts, order) in _PATTERNS.items():
                month = value.re_extract(parts, order[1]).try_cast("int64")
                fits = value.re_search(pattern) & (month <= 12)
                wanted[f"{column}|{label}"] = fits.sum()
    row = text.aggregate(**wanted).to_pandas().iloc[0]
    return {
        key: int(value) if value == value and value is not None else 0 for key, value in row.items()
    }


def _type_column(
    table: str, text: ir.Table, column: str, spec: Column, counts: dict[str, int]
) -> tuple[Any, list[Finding]]:
    value, filled = text[column], counts[f"{column}|filled"]
    if spec.type == "text":
        return value, []
    if spec.type == "boolean":
        return _boolean(value), []
    if not value.type().is_string():
        kinds = {"number": "float64", "integer": "float64", "date": "date"}
        typed = value.cast(kinds[spec.type])
        if spec.type != "date" and value.type().is_floating():
            typed = ibis.ifelse(value.isnan() | value.isinf(), ibis.null("float64"), typed)
        return typed, []
    if spec.type == "date":
        return _date(table, column, value, filled, counts)
    return _number(table, column, value, filled, counts)


def _number(
    table: str, column: str, value: Any, filled: int, counts: dict[str, int]
) -> tuple[Any, list[Finding]]:
    """Read numbers with a decimal point, a decimal comma, or commas between thousands."""
    comma, thousands = counts[f"{column}|comma"], counts[f"{column}|thousands"]
    read, found = counts[f"{column}|plain"], []
    if comma > counts[f"{column}|dotted"]:
        value = value.replace(".", "").replace(",", ".")
        read += comma + thousands
        words = "numbers are written with a decimal comma; they were read as such."
        found.append(Finding("pass", "decimal-comma", table, column, comma, words))
    elif thousands:
        value = value.replace(",", "")
        read += thousands
        words = "numbers are written with commas between thousands; they were read as such."
        found.append(Finding("warn", "thousands-comma", table, column, thousands, words))
    typed = ibis.ifelse(value.re_search(_NUMBER), value, ibis.null("string")).try_cast("float64")
    return typed, found + _unread(table, column, filled - read, filled, "a number")


def _date(
    table: str, column: str, value: Any, filled: int, counts: dict[str, int]
) -> tuple[Any, list[Finding]]:
    """Read ISO dates and the one of DD/MM and MM/DD that fits more values."""
    day_first, month_first = counts[f"{column}|DD/MM/YYYY"], counts[f"{column}|MM/DD/YYYY"]
    slashes = "MM/DD/YYYY" if month_first > day_first else "DD/MM/YYYY"
    found = {"ISO (YYYY-MM-DD)": counts[f"{column}|ISO"]}
    branches = [(value.re_search(_ISO), value.substr(0, 10))]
    for label in ("DD.MM.YYYY", slashes, "YYYYMMDD"):
        pattern, parts, order = _PATTERNS[label]
        year, month, day = (value.re_extract(parts, group) for group in order)
        branches.append((value.re_search(pattern), year + "-" + month + "-" + day))
        found[label] = counts[f"{column}|{label}"]
    typed = ibis.cases(*branches, else_=ibis.null("string")).try_cast("date")
    used = {label: count for label, count in found.items() if count}
    findings = _unread(table, column, filled - sum(used.values()), filled, "a date")
    if len(used) > 1 or (used and "ISO (YYYY-MM-DD)" not in used):
        shown = ", ".join(f"{label}: {count:,}" for label, count in used.items())
        level: Level = "warn" if len(used) > 1 else "pass"
        findings.append(
            Finding(level, "date-format", table, column, filled, f"dates were read as {shown}.")
        )
    if day_first and day_first == month_first:
        words = "no date tells day from month; they were read as DD/MM/YYYY."
        findings.append(Finding("warn", "date-ambiguous", table, column, day_first, words))
    return typed, findings


def _boolean(value: Any) -> Any:
    if value.type().is_boolean():
        return value
    text = value.cast("string").lower()
    return ibis.cases(
        (text.isin(["true", "t", "1", "yes", "y"]), True),
        (text.isin(["false", "f", "0", "no", "n"]), False),
    )


def _unread(table: str, column: str, count: int, filled: int, what: str) -> list[Finding]:
    if count <= 0:
        return []
    level: Level = "stop" if count > _STOP_SHARE * filled else "warn"
    words = f"{count:,} of {filled:,} values cannot be read as {what}; they count as missing."
    return [Finding(level, "type", table, column, count, words)]
