"""Where the user's tables are: files, a DuckDB file, or any Ibis connection; always read only."""

from __future__ import annotations

import codecs
import csv
import gzip
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from seglib.errors import DataError, StudyError, did_you_mean, unknown

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from seglib.study import Study

_TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
_FILES = (*_TEXT_FILES, ".parquet", ".xlsx")
_SECRET = re.compile(r"\$\{(\w+)\}")


class Source:
    """The tables of a study, as Ibis expressions.

    Attributes
    ----------
    con
        The Ibis backend in which everything is computed.
    files
        Path of the file behind each table, where the source is made of files.
    notes
        What was detected in a file and is worth a line in the quality table.
    """

    def __init__(self, con: Any, files: dict[str, Path] | None = None) -> None:
        self.con = con
        self.files = files or {}
        self.notes: dict[str, list[str]] = {}
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._loaded: set[str] = set()

    @property
    def embedded(self) -> bool:
        """Whether the engine is DuckDB in this process."""
        return bool(self.con.name == "duckdb")

    def names(self) -> list[str]:
        """Names of the tables, sorted."""
        return sorted(self.files) if self.files else sorted(self.con.list_tables())

    def table(self, name: str) -> ir.Table:
        """Return a table as it is, before any mapping.

        Raises
        ------
        StudyError
            When there is no such table.
        DataError
            When its file cannot be read.
        """
        if name not in self.names():
            raise StudyError(unknown("source table", name, self.names()))
        self._load(name)
        return self.con.table(name)

    def query(self, sql: str) -> ir.Table:
        """Return the result of a query over the source's tables.

        Raises
        ------
        StudyError
            When the query cannot be parsed or names what is not there.
        """
        for name in self.names():
            if re.search(rf"\b{re.escape(name)}\b", sql, re.IGNORECASE):
                self._load(name)
        try:
            return self.con.sql(sql)
        except Exception as error:
            reason = str(error).strip().split("\n")[0]
            raise StudyError(f"the query cannot be run: {reason}", where="'sql'") from None

    def keep(self, name: str, table: ir.Table) -> ir.Table:
        """Compute a table once and keep it in the embedded engine; elsewhere leave it lazy."""
        if not self.embedded:
            return table
        try:
            return self.con.create_table(f"seglib_{name}", table, temp=True, overwrite=True)
        except Exception as error:
            raise DataError(f"cannot be read: {_reason(error)}", where=f"'{name}'") from None

    def close(self) -> None:
        """Let go of the connection and of converted files."""
        self.con.disconnect()
        if self._scratch is not None:
            self._scratch.cleanup()

    def _load(self, name: str) -> None:
        if name in self._loaded or name not in self.files:
            return
        path = self.files[name]
        try:
            if path.name.endswith(_TEXT_FILES):
                self._load_text(name, path)
            elif path.suffix == ".parquet":
                self._view(name, "read_parquet(?)", path)
            else:
                self._load_excel(name, path)
        except DataError:
            raise
        except Exception as error:
            raise DataError(f"cannot be read: {_reason(error)}", where=path.name) from None
        self._loaded.add(name)

    def _load_text(self, name: str, path: Path) -> None:
        encoding = _encoding(path)
        if encoding != "utf-8":
            self._note(name, f"'{path.name}' is written in {encoding}; it was read as such.")
            path = self._as_utf8(path, encoding)
        if path.stat().st_size == 0:
            raise DataError("the file is empty.", where=path.name)
        delimiter = _delimiter(path)
        if delimiter != ",":
            shown = {"\t": "a tab"}.get(delimiter, f"'{delimiter}'")
            self._note(name, f"'{path.name}' is separated by {shown}; it was read as such.")
        options = (
            "auto_detect = false, all_varchar = true, header = true, quote = '\"', "
            f"escape = '\"', delim = {_quoted(delimiter)}, columns = {_columns(path, delimiter)}"
        )
        self._view(name, f"read_csv(?, {options})", path)

    def _view(self, name: str, reader: str, path: Path) -> None:
        reader = reader.replace("?", _quoted(str(path)), 1)
        view = name.replace('"', '""')
        self.con.raw_sql(f'CREATE OR REPLACE TEMP VIEW "{view}" AS SELECT * FROM {reader}')

    def _load_excel(self, name: str, path: Path) -> None:
        import pandas as pd

        frame = pd.read_excel(path, dtype=object)
        for column in frame.columns[frame.isna().all()]:
            frame[column] = frame[column].astype("str")
        frame = frame.convert_dtypes()
        for mixed in frame.columns[frame.dtypes.astype("str") == "object"]:  # numbers and texts
            frame[mixed] = frame[mixed].map(_cell_text, na_action="ignore").astype("str")
        self.con.create_table(name, frame, temp=True)

    def _as_utf8(self, path: Path, encoding: str) -> Path:
        if self._scratch is None:
            self._scratch = tempfile.TemporaryDirectory(prefix="seglib-")
        target = Path(self._scratch.name) / path.name.removesuffix(".gz")
        with closing(_open(path)) as raw, target.open("w", encoding="utf-8", newline="") as out:
            shutil.copyfileobj(codecs.getreader(encoding)(raw), out)
        return target

    def _note(self, name: str, text: str) -> None:
        self.notes.setdefault(name, []).append(text)


def connect(study: Study) -> Source:
    """Open a study's source.

    Parameters
    ----------
    study
        Its ``source`` is a folder, a file, or an Ibis connection URL in which ``${NAME}`` stands
        for an environment variable.

    Raises
    ------
    StudyError
        When the source is not there or cannot be connected to; no message shows a password.
    """
    location = study.location
    if isinstance(location, str):
        return _connect_url(location)
    import ibis

    if not location.exists():
        near = [p.name for p in location.parent.iterdir()] if location.parent.is_dir() else []
        hint = did_you_mean(location.name, near) if near else ""
        raise StudyError(f"The source '{study.source}' is not there.{hint}")
    if location.suffix in (".duckdb", ".ddb"):
        return Source(ibis.duckdb.connect(str(location), read_only=True))
    files = dict(_files(location))
    if not files:
        kinds = ", ".join(_FILES)
        raise StudyError(f"The source '{study.source}' holds no table ({kinds}).")
    return Source(ibis.duckdb.connect(), files)


def _connect_url(url: str) -> Source:
    import ibis

    absent = [name for name in _SECRET.findall(url) if name not in os.environ]
    if absent:
        raise StudyError([f"The source needs the environment variable '{n}'." for n in absent])
    full = _SECRET.sub(lambda match: os.environ[match[1]], url)
    shown = re.sub(r"//[^@/]*@", "//…@", url)
    try:
        return Source(ibis.connect(full))
    except Exception as error:
        reason = type(error).__name__
        raise StudyError(f"The source '{shown}' cannot be connected to ({reason}).") from None


def _files(location: Path) -> Iterator[tuple[str, Path]]:
    """Pair each table file with its table's name; a folder is not searched downwards."""
    paths = sorted(location.iterdir()) if location.is_dir() else [location]
    for path in paths:
        ending = next((end for end in _FILES if path.name.lower().endswith(end)), None)
        if ending and path.is_file() and not path.name.startswith((".", "~")):
            yield path.name[: -len(ending)], path


def _encoding(path: Path) -> str:
    """Tell UTF-8 from UTF-16 (by its mark) and from cp1252 (what is not valid UTF-8)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with closing(_open(path)) as stream:
        first = stream.read(1 << 20)
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        try:
            chunk = first
            while chunk:
                decoder.decode(chunk)
                chunk = stream.read(1 << 20)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8"


def _delimiter(path: Path) -> str:
    """Tell what separates the columns: the sign that stands most often in the header line."""
    header = re.sub(r'"[^"]*"', "", _header(path))
    return max(",;\t|", key=lambda sign: (header.count(sign), sign == ","))


def _columns(path: Path, delimiter: str) -> str:
    """Write the columns of a text file, all of them text, as DuckDB's ``columns`` option."""
    names = next(csv.reader([_header(path)], delimiter=delimiter), [])
    named = [name.strip() or f"column{number}" for number, name in enumerate(names, start=1)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise DataError([f"the column '{name}' stands twice." for name in twice], where=path.name)
    return "{" + ", ".join(f"{_quoted(name)}: 'VARCHAR'" for name in named) + "}"


def _header(path: Path) -> str:
    with closing(_open(path)) as stream:
        return stream.readline().decode("utf-8-sig").rstrip("\r\n")


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _cell_text(value: Any) -> str:
    """Write a spreadsheet's cell as text: 5.0 as 5, a day without its midnight."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).removesuffix(" 00:00:00")


def _reason(error: Exception) -> str:
    """Keep the sentence of an engine's error that says what and where."""
    text = str(error).strip()
    line = re.search(r"(?:CSV Error on Line|Line): ?(\d+)", text)
    first = text.split("\n")[0].split(": ", 1)[-1]
    return f"line {line[1]}: {_csv_reason(text) or first}" if line else first


def _csv_reason(text: str) -> str:
    reason = re.search(r"(Expected Number of Columns.*|Value with unterminated quote.*)", text)
    return reason[1].strip() if reason else ""
