"""Hostile content for faults: tables with harm in every text column, and files that are bombs."""

from __future__ import annotations

import csv
import gzip
import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from seglib.demo import generate_market, write_market
from seglib.study import Study

HARM = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><text>x</text></svg>",
    "=cmd|'/C calc'!A0",
    "@SUM(1+1)",
    "\x1b[31;5mred\x1b[0m\x1b]0;title\x07",
    "](javascript:alert(1))",
    "{{ 7 * 7 }}",
    "../../etc/passwd",
    "'; DROP TABLE accounts; --",
)
_NUMBER = re.compile(r"[-+]?[\d., ]*")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}.*")
_YES_NO = re.compile(r"true|false", re.IGNORECASE)  # harm there is refused by the gate, rightly
_LIVE = re.compile(r"<script|<svg onload|<img[^>]*onerror|href=.?javascript|\x1b", re.IGNORECASE)
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.])")


def hostile_tables(folder: Path, study: Path, *, harm: bool) -> int:
    """Write a small market and a study of it; with harm in each text column that is no key.

    Returns
    -------
    int
        Number of columns that harm was written into.
    """
    write_market(generate_market(120, seed=3), folder)
    changes = {
        "name": "hostile" if harm else "small",
        "source": str(folder),
        "clustering.methods": ["kmeans", "rules"],
        "clustering.k_max": 3,
        "clustering.effort": "quick",
    }
    study.write_text(Study.load(folder / "study.yaml", changes).to_yaml(), encoding="utf-8")
    (folder / "study.yaml").unlink()
    return sum(_spoil(path) for path in sorted(folder.glob("*.csv"))) if harm else 0


def _spoil(path: Path) -> int:
    """Put harm before every third value of the text columns of a table."""
    with path.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    names = [name for name in rows[0] if not name.endswith("_id") and _is_text(rows, name)]
    words = itertools.cycle(HARM)
    for row in rows[::3]:
        for name in names:
            row[name] = f"{next(words)}{row[name]}"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return len(names)


def _is_text(rows: list[dict[str, str]], name: str) -> bool:
    values = [row[name] for row in rows if row[name]]
    kinds = (_NUMBER, _DATE, _YES_NO)
    plain = sum(any(kind.fullmatch(v) for kind in kinds) for v in values)
    return bool(values) and plain < len(values) / 2


def leaks(run: Path) -> list[str]:
    """Name what would be executed by a browser, a spreadsheet or a terminal in a published run."""
    lists = (*run.glob("exports/*.csv"), *run.glob("exports/*.xlsx"))
    return [
        *(f"{path.name}: {found}" for path, found in _live(run)),
        *(f"{path.name}: a formula" for path in lists if any(map(_FORMULA.match, _cells(path)))),
    ]


def _live(run: Path) -> Iterator[tuple[Path, str]]:
    for path in run.rglob("*"):
        for text in _shown(path):
            if found := _LIVE.search(text):
                yield path, found[0]


def _shown(path: Path) -> Iterator[str]:
    """What a browser or a terminal is given of a file."""
    if path.suffix in (".html", ".svg", ".txt", ".md"):
        yield path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".ipynb":
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            for output in cell.get("outputs", []):
                kinds = output.get("data", {})
                yield from ("".join(kinds.get(k, "")) for k in ("text/html", "text/markdown"))
                yield "".join(output.get("text", ""))


def _cells(path: Path) -> Iterator[str]:
    """What a spreadsheet would take for a formula, if anything, in a list."""
    if path.suffix == ".xlsx":
        import openpyxl

        cells = (c for sheet in openpyxl.load_workbook(path) for row in sheet for c in row)
        yield from (str(cell.value) for cell in cells if cell.data_type == "f")
        return
    with path.open(newline="", encoding="utf-8-sig") as stream:
        yield from (value for row in csv.reader(stream) for value in row)


def _study(text: str) -> Callable[[Path, Path], None]:
    return lambda study, source: study.write_text(text) and None


_LIMITED = """name: tiny
source: data
tables:
  accounts: {from: accounts, read: {unpacked_gb: 0.1}, columns: {account_id: account_id}}
"""


def _packed_text(study: Path, source: Path) -> None:
    """Some twenty megabytes that unpack to twenty gigabytes; the study allows a tenth of one."""
    study.write_text(_LIMITED)
    member = gzip.compress(b"account_id,employees\n" + b"1,2\n" * 2_500_000, 9)
    (source / "accounts.csv.gz").write_bytes(member * 2_000)


def _packed_table(study: Path, source: Path) -> None:
    """Four million rows of the same 31 numbers in some hundred kilobytes: a gigabyte in memory."""
    study.write_text(_LIMITED)
    table = pa.table({f"c{n}": pa.repeat(1, 200_000) for n in range(31)})
    with pq.ParquetWriter(source / "accounts.parquet", table.schema, compression="zstd") as out:
        for _ in range(20):
            out.write_table(table)


def _sparse_sheet(study: Path, source: Path) -> None:
    """Two cells, the first and the last of a sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "account_id", "x"
    book.save(source / "accounts.xlsx")


_LAUGHS = "a: &a [x]\n" + "".join(
    f"{c}: &{c} [*{p}, *{p}]\n" for p, c in zip("abcd", "bcde", strict=True)
)
BAD_FILES: dict[str, Callable[[Path, Path], None]] = {
    **{f"name {n}": _study(f"name: {json.dumps(n)}\nsource: data\n")
       for n in ("../../x", "/tmp/x", "a/b", "..", "tiny\0", "\x1b[2J", "con:")},
    "aliases": _study(_LAUGHS),
    "a Python object": _study("name: !!python/object/apply:os.system ['true']\n"),
    "a tag": _study("name: !include /etc/passwd\n"),
    "endless number": _study(f"name: tiny\nseed: {'9' * 5000}\n"),
    "deep": _study("name: " + "[" * 50_000),
    "large": _study("# " + "x" * 3_000_000),
    "gzip": _packed_text,
    "Parquet": _packed_table,
    "Excel": _sparse_sheet,
}  # fmt: skip
"""Name to what writes it: given the study's file and the folder of its tables."""
