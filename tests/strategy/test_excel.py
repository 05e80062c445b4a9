"""The Excel lists: whole for every reader, no formula, the same bytes, no secret."""

import csv
import io
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from seglib.archive import unpack
from seglib.reporting.hidden import hide_in
from seglib.reporting.redact import Redactor
from seglib.strategy import to_safe_xlsx
from seglib.strategy.exports import RISKY

FORBIDDEN = "".join(map(chr, [*range(9), 11, 12, *range(14, 32)]))
texts = st.text(st.characters(codec="utf-8", exclude_characters=FORBIDDEN + "\ufffe\uffff"))


def cells(content, sheet="List"):
    return list(load_workbook(io.BytesIO(content))[sheet].iter_rows(min_row=2))


@given(st.lists(st.tuples(texts, texts.map(lambda t: "=" + t)), min_size=1, max_size=5))
def test_a_reader_gets_every_text_back_and_no_formula(rows):
    found = cells(to_safe_xlsx({"List": pd.DataFrame(rows, columns=["a", "b"], dtype=object)}))
    for given_row, read_row in zip(rows, found, strict=True):
        for before, cell in zip(given_row, read_row, strict=True):
            assert cell.data_type != "f"
            assert (cell.value or "") == before
            assert cell.quotePrefix == before.startswith(RISKY)


def test_numbers_flags_dates_and_gaps():
    frame = pd.DataFrame(
        {
            "number": [1.5, np.nan],
            "whole": [3, -4],
            "flag": [True, False],
            "day": [pd.Timestamp("2026-09-30"), pd.NaT],
            "code": ["007", None],
            "big": [np.inf, 0.0],
        }
    )
    found = [[cell.value for cell in row] for row in cells(to_safe_xlsx({"List": frame}))]
    assert found == [[1.5, 3, True, "2026-09-30", "007", "inf"], [None, -4, False, None, None, 0]]


def test_what_xml_forbids_is_marked_and_headings_stay_text():
    found = to_safe_xlsx({"List": pd.DataFrame({"=x": ["a\x00b"]})})
    sheet = load_workbook(io.BytesIO(found))["List"]
    assert (sheet["A1"].value, sheet["A1"].data_type) == ("=x", "s")
    assert sheet["A2"].value == "a\ufffdb"


def test_no_rows_are_headings_alone_and_too_many_are_refused(monkeypatch):
    assert cells(to_safe_xlsx({"List": pd.DataFrame({"a": []})})) == []
    monkeypatch.setattr("seglib.strategy.excel.MOST_ROWS", 2)
    with pytest.raises(ValueError, match="3 rows do not fit"):
        to_safe_xlsx({"List": pd.DataFrame({"a": [1, 2, 3]})})


def test_the_bytes_hold_no_time(monkeypatch):
    frame = pd.DataFrame({"a": ["x", "=y"]})
    first = to_safe_xlsx({"List": frame, "Other": frame})
    assert b"2000-01-01T00:00:00Z" in unpack(first)["docProps/core.xml"]
    import time

    late = time.time() + 1e8
    monkeypatch.setattr(time, "time", lambda: late)
    assert to_safe_xlsx({"List": frame, "Other": frame}) == first


def test_secrets_are_taken_out_of_excel_files(tmp_path):
    path = tmp_path / "targets.xlsx"
    path.write_bytes(to_safe_xlsx({"List": pd.DataFrame({"a": ["pa&ss<word", "fine"]})}))
    before = path.read_bytes()
    hide_in(path, Redactor({}, ["never there"]))
    assert path.read_bytes() == before
    hide_in(path, Redactor({}, ["pa&ss<word"]))
    assert [row[0].value for row in cells(path.read_bytes())] == ["***", "fine"]
    path.write_bytes(b"no archive")
    hide_in(path, Redactor({}, ["pa&ss<word"]))
    assert path.read_bytes() == b"no archive"


@pytest.fixture
def office():
    """The program that opens the file as a person would."""
    found = shutil.which("soffice")
    if found is None:
        pytest.skip("LibreOffice is not installed")
    return found


def test_libreoffice_opens_it_and_reads_the_same_rows(office, tmp_path):
    odd = ["007", "=1+1", "+49", "-x", "@cmd", "\tx", "#N/A", 'a"b,c', "<&>", "TRUE", "1e5", "日本"]
    frame = pd.DataFrame({"id": odd, "confidence": np.linspace(0.5, 1, len(odd)).round(3)})
    path = tmp_path / "list.xlsx"
    path.write_bytes(to_safe_xlsx({"List": frame, "About": pd.DataFrame({"a": [1]})}))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    told = ["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1"]
    subprocess.run(
        [office, "--headless", home, *told, "--outdir", str(tmp_path), str(path)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    with (tmp_path / "list.csv").open(encoding="utf-8", newline="") as stream:
        found = list(csv.reader(stream))
    assert found[0] == ["id", "confidence"]
    assert [row[0] for row in found[1:]] == odd
    assert [float(row[1]) for row in found[1:]] == frame["confidence"].tolist()
