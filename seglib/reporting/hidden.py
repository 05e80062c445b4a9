"""Take folders of this machine and secrets out of a file: text, JSON, Parquet or Excel."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as kinds

from seglib.archive import pack, unpack
from seglib.charts.style import printable
from seglib.reporting.redact import Redactor

_WORDED = (".sql", ".svg", ".yaml", ".yml", ".md", ".html", ".log", ".csv", ".tsv", ".txt", ".xml")
_INDENT = {".json": 2, ".ipynb": 1}
_READ_BY_PEOPLE = (".svg", ".md", ".html", ".log", ".csv", ".tsv", ".txt", ".xml")
_UTF_16 = ("\udcff\udcfe", "\udcfe\udcff")  # how it begins, as bytes that are no UTF-8


def hide_in(path: Path, redact: Redactor) -> None:
    """Rewrite a file without what must not be published; a file without it keeps its bytes.

    Parameters
    ----------
    path
        Text files, JSON, notebooks, Excel files and Parquet files (text values, names and metadata)
        are searched; any other file is left alone. Control characters, which a terminal would
        obey, go from what people read.
    redact
        Replaces folders and secrets.
    """
    if path.suffix == ".parquet":
        _hide_in_table(path, redact)
    elif path.suffix == ".xlsx":
        _hide_in_archive(path, redact)
    elif path.suffix in (*_WORDED, *_INDENT):
        # Whatever bytes a cell wrote: those that are no UTF-8 come out as they went in.
        text = path.read_bytes().decode("utf-8", "surrogateescape")
        clean = _hide_in_json(text, redact, _INDENT[path.suffix]) if path.suffix in _INDENT else ""
        clean = clean or redact(text)
        if path.suffix in _READ_BY_PEOPLE and not text.startswith(_UTF_16):
            clean = printable(clean)
        if clean != text:
            path.write_bytes(clean.encode("utf-8", "surrogateescape"))


def _hide_in_archive(path: Path, redact: Redactor) -> None:
    """Search the files of a zip archive; what is none, whatever its name, is left alone."""
    try:
        members = unpack(path.read_bytes())
    except BadZipFile:
        return
    clean = {
        name: redact(content.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")
        for name, content in members.items()
    }
    if clean != members:
        path.write_bytes(pack(clean))


def _hide_in_json(text: str, redact: Redactor, indent: int) -> str:
    """Search the values of a JSON text, so that it stays one; empty when it is none."""
    try:
        content = json.loads(text)
    except ValueError:
        return ""
    clean = _within(content, redact)
    if clean == content:
        return text
    return json.dumps(clean, indent=indent, ensure_ascii=False) + "\n"


def _within(value: Any, redact: Callable[[str], str]) -> Any:
    """Redact the texts within a plain value, names of fields among them."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, dict):
        return {_within(key, redact): _within(part, redact) for key, part in value.items()}
    if isinstance(value, list):
        return [_within(part, redact) for part in value]
    return value


def _hide_in_table(path: Path, redact: Redactor) -> None:
    table = pq.read_table(path)
    columns = [_hide_in_column(column, redact) for column in table.columns]
    fields = [
        field.with_name(redact(field.name)).with_metadata(_metadata(field.metadata, redact))
        for field in table.schema
    ]
    schema = pa.schema(fields, metadata=_metadata(table.schema.metadata, redact))
    same = all(new is old for new, old in zip(columns, table.columns, strict=True))
    if not same or not schema.equals(table.schema, check_metadata=True):
        pq.write_table(pa.Table.from_arrays(columns, schema=schema), path)


def _hide_in_column(column: pa.ChunkedArray, redact: Redactor) -> pa.ChunkedArray:
    """Return the column itself when nothing in it is to be hidden."""
    kind = column.type
    if kinds.is_dictionary(kind) and _is_text(kind.value_type):
        plain = column.cast(kind.value_type)
        clean = _hide_in_texts(plain, redact)
        return column if clean is plain else clean.cast(kind)
    if _is_text(kind):
        return _hide_in_texts(column, redact)
    if kinds.is_nested(kind):
        values = column.to_pylist()
        cleaned = _within(values, redact)
        return column if cleaned == values else pa.chunked_array([pa.array(cleaned, kind)])
    return column


def _hide_in_texts(column: pa.ChunkedArray, redact: Redactor) -> pa.ChunkedArray:
    """Redact distinct values only: most columns have few."""
    distinct = pc.unique(column.drop_null()).to_pylist()
    together = "\n".join(distinct)
    if redact(together) == together:
        return column
    clean = {value: redact(value) for value in distinct}
    values = [None if value is None else clean[value] for value in column.to_pylist()]
    return pa.chunked_array([pa.array(values, column.type)])


def _metadata(metadata: dict[bytes, bytes] | None, redact: Redactor) -> dict[bytes, bytes] | None:
    """Redact metadata; JSON in it stays JSON."""
    if not metadata:
        return metadata
    return {_hidden(key, redact): _hidden(value, redact) for key, value in metadata.items()}


def _hidden(content: bytes, redact: Redactor) -> bytes:
    text = content.decode("utf-8", "surrogateescape")
    try:
        parsed = json.loads(text)
    except ValueError:
        return redact(text).encode("utf-8", "surrogateescape")
    clean = _within(parsed, redact)
    return content if clean == parsed else json.dumps(clean, sort_keys=True).encode()


def _is_text(kind: pa.DataType) -> bool:
    return kinds.is_string(kind) or kinds.is_large_string(kind) or kinds.is_string_view(kind)
