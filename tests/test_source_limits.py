"""Small files that hold more than a machine: refused with a sentence before they are unpacked."""

from __future__ import annotations

import gzip
import tracemalloc
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seglib.errors import DataError
from seglib.source import connect
from seglib.source.limits import UNPACKED_GB, refuse_too_large
from seglib.study import Study
from seglib.table_mapping import ReadOptions

MEGABYTE = ReadOptions(unpacked_gb=0.001)


def packed_text(path, megabytes, line=b"1,22\n"):
    with gzip.open(path, "wb") as out:
        out.write(b"account_id,employees\n")
        for _ in range(megabytes):
            out.write(line * (1_000_000 // len(line)))


def read(folder, table, options=None):
    source = connect(Study(name="bomb", source=str(folder)))
    try:
        return source.table(table, options).count().to_pandas()
    finally:
        source.close()


def test_packed_text_above_the_limit_is_refused_and_below_it_is_read(tmp_path):
    packed_text(tmp_path / "accounts.csv.gz", 3)
    assert (tmp_path / "accounts.csv.gz").stat().st_size < 20_000
    with pytest.raises(DataError) as caught:
        read(tmp_path, "accounts", MEGABYTE)
    assert "it holds more than 0.00" in str(caught.value)
    assert "more than the 0.001 GB that are read" in str(caught.value)
    assert "unpacked_gb" in str(caught.value)
    assert read(tmp_path, "accounts") == 600_000


def test_a_parquet_file_of_runs_is_as_large_as_its_values(tmp_path):
    """Encoded runs are not packed pages: the file's own word for its size is a few bytes."""
    path = tmp_path / "accounts.parquet"
    pq.write_table(pa.table({"account_id": pa.array([1] * 1_000_000, pa.int64())}), path)
    assert path.stat().st_size < 20_000
    with pytest.raises(DataError, match=r"it holds 0.008 GB once unpacked"):
        read(tmp_path, "accounts", MEGABYTE)
    assert read(tmp_path, "accounts") == 1_000_000


def test_a_sheet_with_one_cell_far_off_is_refused(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "account_id"
    book.active["XFD1048576"] = "x"
    book.save(tmp_path / "accounts.xlsx")
    with pytest.raises(DataError, match="it holds 550 GB once unpacked, more than the 2 GB"):
        read(tmp_path, "accounts")


def test_a_sheet_of_zeros_is_refused_by_its_own_word(tmp_path):
    path = tmp_path / "accounts.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 3_000_000)
    with pytest.raises(DataError, match=r"it holds 0.003 GB once unpacked"):
        refuse_too_large(path, 0.001)


def test_entities_within_a_sheet_do_not_grow(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"] = "account_id"
    book.save(tmp_path / "plain.xlsx")
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "accounts.xlsx", "w") as bomb,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            if name.endswith("sheet1.xml"):
                text = content.decode().replace("account_id", "&a11;")
                head = f'<!DOCTYPE x [<!ENTITY a0 "ha">{laughs}]>'
                content = text.replace("<worksheet", head + "<worksheet", 1).encode()
                cell = b'<c r="A1" t="inlineStr"><is><t>&a11;</t></is></c>'
                content = content.replace(b"</sheetData>", b"<row>" + cell + b"</row></sheetData>")
            bomb.writestr(name, content)
    (tmp_path / "plain.xlsx").unlink()
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="cannot be read"):
            read(tmp_path, "accounts")
        assert tracemalloc.get_traced_memory()[1] < 200e6
    finally:
        tracemalloc.stop()


def test_a_first_line_without_an_end_is_no_header(tmp_path):
    packed_text(tmp_path / "accounts.csv.gz", 0)
    with gzip.open(tmp_path / "accounts.csv.gz", "wb") as out:
        for _ in range(50):
            out.write(b"0" * 1_000_000)
    tracemalloc.start()
    try:
        with pytest.raises(DataError, match="longer than a megabyte"):
            read(tmp_path, "accounts")
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


def test_a_file_that_is_not_packed_has_no_limit(tmp_path):
    (tmp_path / "accounts.csv").write_text("account_id\n" + "1\n" * 1_000_000)
    assert set(UNPACKED_GB) == {".gz", ".parquet", ".xlsx"}
    assert read(tmp_path, "accounts", MEGABYTE) == 1_000_000
