"""Give every mapped column the contract's type; count what does not fit, lose nothing silently."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial, reduce
from operator import or_
from typing import TYPE_CHECKING, Any

import ibis
from ibis import _

from seglib.collection.amounts import bare, currency_of
from seglib.collection.findings import Finding, Level
from seglib.collection.formats import (
    currency_marks,
    date_formats,
    date_tests,
    number_style,
    number_tests,
    unsure_number,
)
from seglib.collection.gate import UNKNOWN_WORDS
from seglib.collection.parse import (
    COMMA_THOUSANDS,
    NUMBER,
    PLAIN_DAY,
    POINT_THOUSANDS,
    day,
    number,
    plain_number,
)
from seglib.mapping import find_lines, plain_text
from seglib.schema import Column, Type, contract
from seglib.source import Source
from seglib.study import Study
from seglib.table_mapping import ReadOptions, TableMapping

if TYPE_CHECKING:
    import ibis.expr.types as ir

_STOP_SHARE = 0.2
_WHAT = {"number": "a number", "integer": "a number", "date": "a date", "boolean": "yes or no"}
Counts = dict[str, dict[str, int]]


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
    return _Conformer(name, table, study, source).conform()


class _Conformer:
    """One table on its way from the user's types to the contract's."""

    def __init__(self, name: str, table: ir.Table, study: Study, source: Source) -> None:
        self.name, self.study, self.source = name, study, source
        self.mapping = study.tables.get(name, TableMapping.model_validate({"from": name}))
        self.read: ReadOptions = self.mapping.read
        self.specs = {column: _spec(name, column, study) for column in table.columns}
        self.raw = self.text = table
        self.findings: list[Finding] = []
        self.readers: dict[str, Callable[[Any], Any]] = {}

    def conform(self) -> tuple[ir.Table, list[Finding]]:
        first = self._read_text()
        second = _count(self.text, {c: self._second(c, first[c]) for c in self.specs})
        second = {c: second.get(c, {}) for c in self.specs}
        typed = self.text.select(**{c: self._typed(c, first[c], second[c]) for c in self.specs})
        cheap = self.source.reread(None if self.mapping.sql else self.mapping.from_)
        kept = typed if cheap else self.source.keep(self.name, typed)
        self._unread(kept, first, second)
        notes = self.source.notes.get(self.mapping.from_ or self.name, [])
        self.findings += [Finding("pass", "file-format", self.name, "", 0, note) for note in notes]
        rows = first[""]["rows"]
        level: Level = "stop" if rows == 0 else "pass"
        words = "the table is empty." if rows == 0 else f"{rows:,} rows read."
        self.findings.append(Finding(level, "rows-in", self.name, "", rows, words))
        return kept, self.findings

    def _read_text(self) -> Counts:
        """Trim and count; trimming is slow, so a typed source is first asked whether it must."""
        cheap = self.source.reread(None if self.mapping.sql else self.mapping.from_)
        hopeful = {c for c in self.specs if cheap and self.raw[c].type().is_string()}
        if self.read.missing:  # its words are compared with trimmed text
            hopeful = set()
        self._trim(set(self.specs) - hopeful)
        self._drop_missing()
        edges = {c: {"untrimmed": _has_edges(self.text[c])} for c in hopeful}
        first = self._count_first(edges)
        ragged = {c for c in hopeful if first[c]["untrimmed"]}
        if ragged:
            self._trim(ragged)
            first = self._count_first({})
        return first

    def _trim(self, columns: set[str]) -> None:
        specs, text = self.specs, self.text
        self.text = text.select(
            **{c: _trimmed(text[c], s) if c in columns else text[c] for c, s in specs.items()}
        )

    def _count_first(self, also: Mapping[str, Mapping[str, Any]]) -> Counts:
        tests = {c: {**self._first(c), **also.get(c, {})} for c in self.specs}
        found = _count(self.text, tests, rows=True)
        return {c: found.get(c, {}) for c in ("", *self.specs)}

    def _drop_missing(self) -> None:
        """Make missing what the study says means that there is no value, and count it."""
        words, text = self.read.missing, self.text
        texts = [c for c in text.columns if words and text[c].type().is_string()]
        found = _count(text, {c: {"told": text[c].isin(words)} for c in texts})
        for column in texts:
            if count := found[column]["told"]:
                said = f"{count:,} values are missing by the study's word ({', '.join(words)})."
                self._say("pass", "told-missing", column, count, said)
        made = {c: ibis.ifelse(text[c].isin(words), None, text[c]) for c in texts}
        self.text = text.mutate(**made) if made else text

    def _first(self, column: str) -> dict[str, Any]:
        """What is counted of every column: cheap, for most columns need no more."""
        value, spec = self.text[column], self.specs[column]
        tests: dict[str, Any] = {}
        if spec.type != "text":
            tests["filled"] = value
        if spec.type == "text":
            if _is_key(column, self.name) and self.raw[column].type().is_string():
                tests["point zero"] = value.endswith(".0")
        elif value.type().is_string():
            tests["plain"] = value.re_search(PLAIN_DAY if spec.type == "date" else NUMBER)
            if spec.type not in ("date", "boolean"):
                tests["points"] = value.contains(".")
                tests["grouped"] = value.re_search(POINT_THOUSANDS)
        elif value.type().is_floating():
            tests["infinite"] = value.isnan() | value.isinf()
        return tests

    def _second(self, column: str, first: Mapping[str, int]) -> dict[str, Any]:
        """What is counted of a text column whose numbers or dates are not all plain."""
        spec, value = self.specs[column], self.text[column]
        if "plain" not in first or first["plain"] == first["filled"]:
            return {}
        unknown = {"not known": value.lower().isin(UNKNOWN_WORDS)}
        if spec.type == "boolean":
            return unknown
        if spec.type == "date":
            return {**date_tests(value), **unknown}
        plain = bare(value)
        return {**number_tests(plain), "marked": plain != value, **unknown}

    def _typed(self, column: str, first: Mapping[str, int], second: Mapping[str, int]) -> Any:
        value, spec = self.text[column], self.specs[column]
        if spec.type == "text":
            shorter = value.substr(0, value.length() - 2)
            whole = value.re_search(r"^\d+\.0$")
            return ibis.ifelse(whole, shorter, value) if first.get("point zero") else value
        if spec.type != "boolean" and not value.type().is_string():
            return self._recorded(column, value, first)
        if spec.type == "boolean":
            self.readers[column] = _boolean
        elif spec.type == "date":
            self.readers[column] = self._date(column, second)
        else:
            self.readers[column] = self._number(column, first, second)
        return self.readers[column](value)

    def _recorded(self, column: str, value: Any, first: Mapping[str, int]) -> Any:
        """Take a column that has a type of its own."""
        if self.specs[column].type == "date":
            if value.type().is_timestamp() and value.type().timezone:
                words = "times carry a time zone; days are those of UTC."
                self._say("pass", "time-zone", column, first["filled"], words)
            return value.cast("date")
        if not value.type().is_floating():
            return value.cast("float64")
        if first["infinite"]:
            words = f"{first['infinite']:,} values are NaN or infinite; they count as missing."
            self._say("warn", "not-finite", column, first["infinite"], words)
        finite = ~(value.isnan() | value.isinf())
        wide = value.cast("float64")
        return ibis.ifelse(finite, wide, ibis.null("float64")) if first["infinite"] else wide

    def _number(
        self, column: str, first: Mapping[str, int], second: Mapping[str, int]
    ) -> Callable[[Any], Any]:
        """Say how the numbers of a column are to be read."""
        grouped = first.get("grouped", 0)
        counts = second or {"point": first.get("points", 0) - grouped, "point thousands": grouped}
        lines = self._lines(column, _in_groups) if unsure_number(counts, self.read) else ""
        comma, found = number_style(self.name, column, counts, self.read, lines)
        self.findings += found
        if not second:
            return partial(number, comma=True) if comma else plain_number
        if not second["marked"]:
            return partial(number, comma=comma)
        money = "money" in self.specs[column].unit
        kept = self._one_currency(column, second["marked"]) if money else _any_currency
        return lambda value: ibis.ifelse(kept(value), number(bare(value), comma=comma), None)

    def _one_currency(self, column: str, marked: int) -> Callable[[Any], Any]:
        """Hold the signs and codes of currencies in a column to the study's currency."""
        value = self.text[column]
        fits = bare(value) != value
        marks = self.text.filter(fits).group_by(mark=currency_of(value)).aggregate(n=_.count())
        counts = {str(r.mark): int(r.n) for r in marks.to_pandas().itertuples() if r.mark}
        others, found = currency_marks(self.name, column, counts, self.study.currency, marked)
        self.findings += found
        if not others:
            return _any_currency
        return lambda text: ~currency_of(text).isin(others)

    def _date(self, column: str, second: Mapping[str, int]) -> Callable[[Any], Any]:
        """Say how the dates of a column are to be read."""
        engine = self.source.con.name
        if not second:
            return lambda value: day(value, (), engine)
        lines = self._lines(column, lambda text: date_tests(text)["either"])
        formats, found = date_formats(self.name, column, second, self.read, lines)
        self.findings += found
        return lambda value: day(value, formats, engine)

    def _unread(self, typed: ir.Table, first: Counts, second: Counts) -> None:
        """Count the values that the contract's type could not take."""
        typed_specs = {c: spec for c, spec in self.specs.items() if self._may_lose(c, spec)}
        after = _count(typed, {c: {"filled": typed[c]} for c in typed_specs})
        for column, spec in typed_specs.items():
            filled = first[column]["filled"] - first[column].get("infinite", 0)
            unknown = second[column].get("not known", 0)
            lost = filled - after[column]["filled"] - unknown
            if unknown:
                self._not_known(column, unknown, filled)
            if lost <= 0:
                continue
            level: Level = "stop" if lost > _STOP_SHARE * filled else "warn"
            words = (
                f"{lost:,} of {filled:,} values cannot be read as {_WHAT[spec.type]}"
                f"{self._unread_lines(column)}; they count as missing."
            )
            self._say(level, "type", column, lost, words)

    def _may_lose(self, column: str, spec: Column) -> bool:
        """Whether typing can make a value missing that was not counted before."""
        recorded = self.text[column].type()
        same = recorded.is_temporal() if spec.type == "date" else recorded.is_numeric()
        return spec.type == "boolean" or not (spec.type == "text" or same)

    def _not_known(self, column: str, count: int, filled: int) -> None:
        """Say that a number or a date is told to be unknown; too often for a key column stops."""
        often = count > _STOP_SHARE * filled and self.specs[column].required
        where = self._lines(column, lambda text: text.lower().isin(UNKNOWN_WORDS))
        words = (
            f"{count:,} of {filled:,} values say that it is not known ('n/a', '-', …){where}; they "
            "count as missing."
        )
        if often:
            words += " If that is meant, name the words with 'read: {missing: […]}'."
        self._say("stop" if often else "warn", "not-known", column, count, words)

    def _unread_lines(self, column: str) -> str:
        if (reader := self.readers.get(column)) is None:
            return ""
        told = (*UNKNOWN_WORDS, *(word.lower() for word in self.read.missing))
        return self._lines(column, lambda text: reader(text).isnull() & ~text.lower().isin(told))

    def _lines(self, column: str, test: Any) -> str:
        return find_lines(self.mapping, self.source, column, test)

    def _say(self, level: Level, code: str, column: str, count: int, words: str) -> None:
        self.findings.append(Finding(level, code, self.name, column, count, words))


def _any_currency(text: Any) -> Any:
    return ibis.literal(True)


def _in_groups(text: Any) -> Any:
    return bare(text).re_search(POINT_THOUSANDS) | bare(text).re_search(COMMA_THOUSANDS)


def _spec(table: str, column: str, study: Study) -> Column:
    if column in contract()[table].columns:
        return contract()[table].columns[column]
    extra = study.variables[column]
    kind: Type = "text" if extra.kind in ("category", "id") else "number"
    return Column(type=kind, meaning=extra.meaning, unit=extra.unit)


def _is_key(column: str, table: str) -> bool:
    spec = contract()[table].columns.get(column)
    return spec is not None and (column in contract()[table].key or spec.link is not None)


def _has_edges(text: Any) -> Any:
    """Whether text begins or ends with white space; faster than looking at its last letter."""
    ends = [text.endswith(edge) for edge in (" ", "\t", "\n", "\r", "\v", "\f")]
    return reduce(or_, ends, text < "!")


def _trimmed(column: Any, spec: Column) -> Any:
    """Trim text and make empty text missing; what is to be text becomes it."""
    if column.type().is_string():
        return column.strip().nullif("")
    return plain_text(column) if spec.type == "text" else column


def _count(
    table: ir.Table, tests: Mapping[str, Mapping[str, Any]], *, rows: bool = False
) -> Counts:
    """Count, in one query, the rows on which each test holds, or that have a value."""
    wanted = {
        f"{column}|{name}": test.count() if name == "filled" else test.fill_null(False).sum()
        for column, named in tests.items()
        for name, test in named.items()
    }
    if rows:
        wanted["|rows"] = table.count()
    counts: Counts = {}
    if wanted:
        row = table.aggregate(**wanted).to_pandas().iloc[0].fillna(0)
        for key, value in row.items():
            column, _, name = str(key).rpartition("|")
            counts.setdefault(column, {})[name] = int(value)
    return counts


def _boolean(value: Any) -> Any:
    if value.type().is_boolean():
        return value
    text = plain_text(value).lower()
    return ibis.cases(
        (text.isin(["true", "t", "1", "yes", "y"]), True),
        (text.isin(["false", "f", "0", "no", "n"]), False),
    )
