"""Lines of a text file: where a row stands, also where quoted text runs over several lines."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from seglib.source.sniff import open_bytes


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
    with closing(open_bytes(path)) as raw:
        text = codecs.getreader("utf-8-sig")(raw)
        reader = csv.reader(text, delimiter=delimiter)
        row, begins = -1, 1
        try:
            for record in reader:
                if record:
                    if row in wanted:
                        found.append(begins)
                    if len(found) == len(wanted):
                        break
                    row += 1
                begins = reader.line_num + 1
        except (csv.Error, UnicodeError):
            return found
    return found
