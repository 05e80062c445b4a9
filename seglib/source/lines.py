"""Lines of a text file: where a row stands, also where quoted text runs over several lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path

from seglib.source.sniff import open_bytes

Record = tuple[int, list[str]]


def lines_of_rows(path: Path, rows: Collection[int], *, delimiter: str = ",") -> list[int]:
    """Find the lines on which rows begin, by reading the file up to the last of them.

    Parameters
    ----------
    path
        A file of delimited text in UTF-8.
    rows
        Numbers of rows below the header, from 0.
    delimiter
        What separates its columns.

    Returns
    -------
    list of int
        Lines from 1, in order; fewer where the file cannot be followed that far.
    """
    wanted, found = set(rows), []
    try:
        for row, (line, _) in enumerate(_records(path, delimiter), start=-1):
            if row in wanted:
                found.append(line)
            if len(found) == len(wanted):
                break
    except _Broken:
        pass
    return found


def first_misfit(path: Path, *, delimiter: str = ",") -> str:
    """Say which record of a file does not have the header's columns; empty where all have.

    Parameters
    ----------
    path
        A file of delimited text in UTF-8.
    delimiter
        What separates its columns.

    Returns
    -------
    str
        Such as ``"line 12: 2 columns where the header has 5"``; never a value of the file.
    """
    width = 0
    try:
        for line, record in _records(path, delimiter):
            width = width or len(record)
            if len(record) != width:
                shown = f"{len(record):,} column{'s' if len(record) > 1 else ''}"
                return f"line {line:,}: {shown} where the header has {width:,}"
    except _Broken as broken:
        return f"line {broken.line:,}: a quotation mark does not end where a column ends"
    return ""


class _Broken(Exception):
    """A record that cannot be followed, and the line on which it begins."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


def _records(path: Path, delimiter: str) -> Iterator[Record]:
    """Go through the records of a file, each with the line on which it begins; no blank lines."""
    with closing(open_bytes(path)) as raw:
        text = io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        line = 1
        try:
            for record in reader:
                if record:
                    yield line, record
                line = reader.line_num + 1
        except (csv.Error, UnicodeError):
            raise _Broken(line) from None
