"""How large a packed file may be once it is unpacked: a small file can hold more than a machine."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

from seglib.errors import DataError

UNPACKED_GB = {".gz": 16.0, ".parquet": 16.0, ".xlsx": 2.0}
"""Gigabytes that a file may hold once unpacked, by its ending, where a study says nothing else."""

_GB = 1e9
_DEFLATED = 1032  # deflate packs no more than 1,032 bytes into one
_VALUE = 8  # bytes of a number in memory
_CELL = 32  # bytes of a sheet's cell in memory, at the least
_CHUNK = 1 << 20
_ADDRESS = re.compile(rb'r="([A-Z]{1,3})(\d{1,7})"')


def refuse_too_large(path: Path, unpacked_gb: float | None = None) -> None:
    """Refuse a packed file that holds more than is read, before it is.

    Parameters
    ----------
    path
        A file of a table; one that is not packed is as large as it looks.
    unpacked_gb
        Gigabytes that are read, instead of :data:`UNPACKED_GB`.

    Raises
    ------
    DataError
        When it holds more.
    """
    ending = path.suffix.lower()
    if ending not in _SIZES:
        return
    limit = unpacked_gb or UNPACKED_GB[ending]
    size = _SIZES[ending](path, limit * _GB)
    if size > limit * _GB:
        raise DataError(
            f"it holds {_shown(size, ending)} once unpacked, more than the {limit:g} GB that are "
            "read. If that is meant, say 'read: {unpacked_gb: …}' for its table in the study.",
            where=path.name,
        )


def _shown(size: float, ending: str) -> str:
    # Packed text is not unpacked any further than to the limit.
    return f"{'more than ' if ending == '.gz' else ''}{size / _GB:,.3g} GB"


def _gzip(path: Path, limit: float) -> float:
    if path.stat().st_size * _DEFLATED <= limit:
        return 0.0
    size = 0
    with gzip.open(path, "rb") as stream:
        while size <= limit and (chunk := stream.read(_CHUNK)):
            size += len(chunk)
    return float(size)


def _parquet(path: Path, limit: float) -> float:
    """The larger of what its pages say, and a number for each of its values (runs are packed)."""
    import pyarrow.parquet as pq

    told = pq.read_metadata(path)
    groups = (told.row_group(n) for n in range(told.num_row_groups))
    pages = sum(group.total_byte_size for group in groups)
    return float(max(pages, told.num_rows * told.num_columns * _VALUE))


def _sheets(path: Path, limit: float) -> float:
    """The larger of what its parts say, and the cells between the first and the last of a sheet."""
    with zipfile.ZipFile(path) as book:
        size = float(sum(part.file_size for part in book.infolist()))
        if size > limit:
            return size
        sheets = [n for n in book.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", n)]
        return max([size, *(_cells(book, name) * _CELL for name in sheets)])


def _cells(book: zipfile.ZipFile, name: str) -> float:
    """Rows times columns of a sheet: a cell far off makes all between it and the first."""
    rows, columns, rest = 0, b"", b""
    with book.open(name) as stream:
        while chunk := stream.read(_CHUNK):
            text = rest + chunk
            for letters, row in _ADDRESS.findall(text):
                columns = max(columns, letters, key=lambda word: (len(word), word))
                rows = max(rows, int(row))
            rest = text[-16:]
    number = 0
    for letter in columns:
        number = number * 26 + letter - ord("A") + 1
    return float(rows * number)


_SIZES: dict[str, Callable[[Path, float], float]] = {
    ".gz": _gzip,
    ".parquet": _parquet,
    ".xlsx": _sheets,
}
