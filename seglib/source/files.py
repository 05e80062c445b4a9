"""Tables that are files: found in a folder, loaded into the embedded engine."""

from __future__ import annotations

import codecs
import fnmatch
import re
import shutil
import tempfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from seglib.errors import DataError, StudyError, unknown
from seglib.source.explain import reason
from seglib.source.limits import refuse_too_large
from seglib.source.lines import first_misfit, lines_of_rows
from seglib.source.sniff import TEXT_FILES, column_names, delimiter_of, encoding_of, open_bytes
from seglib.table_mapping import ReadOptions

FILES = (*TEXT_FILES, ".parquet", ".xlsx")
"""Endings of files that are tables."""

_WHOLE = re.DOTALL | re.MULTILINE


def find_files(location: Path) -> dict[str, tuple[Path, ...]]:
    """Pair each table of a folder (or a file) with its files.

    A file is a table of its name. A folder inside is a table when its files are parts of one:
    of one kind, with names that differ in digits only (or begin with ``part-``).
    """
    paths = sorted(location.iterdir()) if location.is_dir() else [location]
    found: dict[str, tuple[Path, ...]] = {}
    for path in paths:
        if path.is_dir():
            parts = tuple(p for p in sorted(path.iterdir()) if _ending(p))
            if _one_table(parts):
                found[path.name] = parts
        elif ending := _ending(path):
            found[path.name[: -len(ending)]] = (path,)
    return found


def _ending(path: Path) -> str:
    hidden = path.name.startswith((".", "~", "_"))
    ending = next((end for end in FILES if path.name.lower().endswith(end)), "")
    return ending if ending and not hidden and path.is_file() else ""


def _one_table(parts: tuple[Path, ...]) -> bool:
    names = {re.sub(r"\d+", "", "part-" if p.name.startswith("part-") else p.name) for p in parts}
    return len(names) == 1 and len({_ending(p) for p in parts}) == 1


class _Text(NamedTuple):
    """A file of delimited text: its name, its place once it is UTF-8, and its delimiter."""

    shown: str
    path: Path
    delimiter: str


class FileTables:
    """Files as views of an embedded DuckDB.

    Attributes
    ----------
    con
        The Ibis DuckDB backend.
    files
        Table name to its files.
    notes
        What was detected in the files of a table and is worth a line in the quality table.
    options
        How a table's files are to be read, where the study says so.
    """

    def __init__(self, con: Any, files: dict[str, tuple[Path, ...]]) -> None:
        self.con = con
        self.files = files
        self.notes: dict[str, list[str]] = {}
        self.options: dict[str, ReadOptions] = {}
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._loaded: set[str] = set()
        self._texts: dict[str, list[_Text]] = {}

    def match(self, pattern: str) -> None:
        """Make one table of all that match a pattern such as ``orders_*``.

        Raises
        ------
        StudyError
            When none does.
        """
        names = [n for n in self.files if "*" not in n and fnmatch.fnmatch(n, pattern)]
        if not names:
            raise StudyError(unknown("source table", pattern, list(self.files)))
        self.files[pattern] = tuple(path for name in names for path in self.files[name])

    def load(self, name: str) -> None:
        """Make the view of a table, once.

        Raises
        ------
        DataError
            When a file cannot be read.
        """
        if name in self._loaded:
            return
        relations = {path: self._relation(name, path) for path in self.files[name]}
        if len(relations) == 1:
            body = f"SELECT * FROM {next(iter(relations.values()))}"
        else:
            body = self._union(name, relations)
        self.con.raw_sql(f"CREATE OR REPLACE TEMP VIEW {_identifier(name)} AS {body}")
        self._loaded.add(name)

    def lines(self, name: str) -> bool:
        """Say whether the rows of a table have lines: in its only file, of text or a sheet."""
        paths = self.files.get(name, ())
        return len(paths) == 1 and paths[0].name.lower().endswith((*TEXT_FILES, ".xlsx"))

    def line_numbers(self, name: str, rows: list[int]) -> list[int]:
        """Say on which lines of a table's only file some rows (from 0, in order) begin."""
        if name not in self._texts or not rows:
            return [row + 2 for row in rows]
        text = self._texts[name][0]
        return lines_of_rows(text.path, rows, delimiter=text.delimiter)

    def misfit(self, error: BaseException) -> str:
        """Say which line of which file the engine stumbled over; empty where it is no line.

        The engine counts records: its number is not the line where quoted text has line breaks.
        """
        found = re.search(r"CSV Error on Line.*?^\s*file = ([^\n]+)", str(error), _WHOLE)
        for text in (text for texts in self._texts.values() for text in texts):
            if found and str(text.path) == found[1].strip():
                told = first_misfit(text.path, delimiter=text.delimiter)
                return f"'{text.shown}', {told}" if told else ""
        return ""

    def columnar(self, name: str) -> bool:
        """Say whether every file of a table is Parquet."""
        paths = self.files.get(name, ())
        return bool(paths) and all(path.suffix == ".parquet" for path in paths)

    def close(self) -> None:
        """Remove converted files."""
        if self._scratch is not None:
            self._scratch.cleanup()

    def _relation(self, name: str, path: Path) -> str:
        read = self.options.get(name, ReadOptions())
        try:
            refuse_too_large(path, read.unpacked_gb)
            if path.name.lower().endswith(TEXT_FILES):
                return self._text(name, path, read)
            if path.suffix == ".parquet":
                relation = f"read_parquet({_quoted(str(path))})"
                self.con.raw_sql(f"DESCRIBE SELECT * FROM {relation}")
                return relation
            return self._excel(name, path, read)
        except (DataError, StudyError):
            raise
        except Exception as error:
            raise DataError(f"cannot be read: {reason(error)}", where=path.name) from None

    def _text(self, name: str, path: Path, read: ReadOptions) -> str:
        shown = path.name
        encoding = read.encoding or encoding_of(path)
        if encoding != "utf-8":
            self._note(name, f"'{shown}' is written in {encoding}; it was read as such.")
            path = self._as_utf8(path, encoding)
        if path.stat().st_size == 0:
            raise DataError("the file is empty.", where=shown)
        delimiter = read.delimiter or delimiter_of(path)
        if delimiter != ",":
            sign = {"\t": "a tab"}.get(delimiter, f"'{delimiter}'")
            self._note(name, f"'{shown}' is separated by {sign}; it was read as such.")
        self._texts.setdefault(name, []).append(_Text(shown, path, delimiter))
        columns = ", ".join(f"{_quoted(c)}: 'VARCHAR'" for c in column_names(path, delimiter))
        return (
            f"read_csv({_quoted(str(path))}, auto_detect = false, all_varchar = true, "
            f"header = true, quote = '\"', escape = '\"', delim = {_quoted(delimiter)}, "
            f"columns = {{{columns}}})"
        )

    def _excel(self, name: str, path: Path, read: ReadOptions) -> str:
        import pandas as pd

        with pd.ExcelFile(path, engine="openpyxl") as book:
            sheets = [str(sheet) for sheet in book.sheet_names]
            if read.sheet is not None and read.sheet not in sheets:
                raise StudyError(unknown("sheet", read.sheet, sheets), where=path.name)
            sheet = read.sheet or sheets[0]
            frame = pd.read_excel(book, sheet_name=sheet, dtype=object)
        if len(sheets) > 1 and read.sheet is None:
            words = f"'{path.name}' has {len(sheets)} sheets; the first, '{sheet}', was read."
            self._note(name, words)
        table = f"seglib_sheet_{path.stem}"
        plain = pd.DataFrame({str(c): _plain(frame[c]) for c in frame.columns})
        self.con.create_table(table, plain, temp=True, overwrite=True)
        return _identifier(table)

    def _union(self, name: str, relations: dict[Path, str]) -> str:
        """Stack files by column name; a column whose type changes is read as text, and noted."""
        types: dict[str, dict[str, str]] = {}
        for path, relation in relations.items():
            described = self.con.raw_sql(f"DESCRIBE SELECT * FROM {relation}").fetchall()
            for column, kind, *_ in described:
                types.setdefault(column, {})[path.name] = kind
        changing = {c: found for c, found in types.items() if len(set(found.values())) > 1}
        for column, found in changing.items():
            first = {kind: file for file, kind in reversed(found.items())}
            shown = ", ".join(f"{kind.lower()} in '{first[kind]}'" for kind in sorted(first))
            self._note(name, f"the type of '{column}' changes: {shown}; it was read as text.")
        for column, found in types.items():
            absent = [path.name for path in relations if path.name not in found]
            if absent:
                where = ", ".join(f"'{file}'" for file in absent)
                self._note(name, f"the column '{column}' is not in {where}; it is missing there.")
        return " UNION ALL BY NAME ".join(
            f"SELECT {_as_text(path, changing)} FROM {relation}"
            for path, relation in relations.items()
        )

    def _as_utf8(self, path: Path, encoding: str) -> Path:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="seglib-")
        target = Path(self._scratch.name) / path.name.removesuffix(".gz")
        try:
            with (
                closing(open_bytes(path)) as raw,
                target.open("w", encoding="utf-8", newline="") as out,
            ):
                shutil.copyfileobj(codecs.getreader(encoding)(raw), out)
        except UnicodeError:
            words = f"is not written in {encoding}; name another 'encoding'."
            raise StudyError(words, where=f"'{path.name}'") from None
        return target

    def _note(self, name: str, text: str) -> None:
        self.notes.setdefault(name, []).append(text)


def _as_text(path: Path, changing: dict[str, dict[str, str]]) -> str:
    casts = [
        f"CAST({_identifier(c)} AS VARCHAR) AS {_identifier(c)}"
        for c, found in changing.items()
        if path.name in found
    ]
    return f"* REPLACE ({', '.join(casts)})" if casts else "*"


def _plain(values: Any) -> Any:
    """Give a column of a sheet one type: its own where it has one, else text."""
    import pandas as pd

    if values.isna().all():
        return values.astype("str")
    typed = values.convert_dtypes()
    return typed if typed.dtype != object else pd.Series(map(_cell, values), dtype="str")


def _cell(value: Any) -> str | None:
    if value is None or value != value:
        return None
    if isinstance(value, date):
        return value.isoformat()
    whole = isinstance(value, float) and value.is_integer()
    return str(int(value) if whole else value)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
