"""What a text file is written in: its encoding, what separates its columns, and their names."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
from contextlib import closing
from pathlib import Path
from typing import BinaryIO, cast

from seglib.errors import DataError

TEXT_FILES = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz")
"""Endings of files of delimited text."""

LONGEST_HEADER = 1_000_000
"""Bytes above which a first line is no header."""


def open_bytes(path: Path) -> BinaryIO:
    """Open a file, unpacked where it is packed."""
    return cast(BinaryIO, gzip.open(path, "rb")) if path.suffix == ".gz" else path.open("rb")


def encoding_of(path: Path) -> str:
    """Tell UTF-8 from UTF-16 (by its mark) and from cp1252 (what is not valid UTF-8)."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with closing(open_bytes(path)) as stream:
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


def delimiter_of(path: Path) -> str:
    """Tell what separates the columns: the sign that stands most often in the header line."""
    header = re.sub(r'"[^"]*"', "", _header(path))
    return max(",;\t|", key=lambda sign: (header.count(sign), sign == ","))


def column_names(path: Path, delimiter: str) -> list[str]:
    """Return the names in the header line; a column without one is called after its number.

    Raises
    ------
    DataError
        When a name stands twice.
    """
    names = next(csv.reader([_header(path)], delimiter=delimiter), [])
    named = [name.strip() or f"column{number}" for number, name in enumerate(names, start=1)]
    twice = sorted({name for name in named if named.count(name) > 1})
    if twice:
        raise DataError([f"the column '{name}' stands twice." for name in twice], where=path.name)
    return named


def _header(path: Path) -> str:
    with closing(open_bytes(path)) as stream:
        line = stream.readline(LONGEST_HEADER + 1)
    if len(line) > LONGEST_HEADER:
        raise DataError("its first line, the header, is longer than a megabyte.", where=path.name)
    return line.decode("utf-8-sig").rstrip("\r\n")
