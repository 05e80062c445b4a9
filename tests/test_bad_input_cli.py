"""Rubbish in, through the command line: one clear message and its exit code, or counted."""

from __future__ import annotations

import csv
import random
import re
from pathlib import Path

import nbformat
import openpyxl
import pytest
from typer.testing import CliRunner

from seglib.cli import app
from seglib.reporting.lock import LOCK_FILE
from seglib.run import Run

STUDY = "name: tiny\nsource: .\nas_of: 2026-01-31\nbases: [behavioural]\n"
ACCOUNTS = "account_id,name,industry,employees\n" + "".join(
    f"{n},Firm {n},{('Food', 'Chemicals')[n % 2]},{n * n % 97 + 5}\n" for n in range(1, 31)
)
ORDERS = "order_id,account_id,order_date,amount\n" + "".join(
    f"o{n},{n % 30 + 1},2025-{n % 12 + 1:02}-{n % 28 + 1:02},{n * 37 % 101 + 3}\n"
    for n in range(150)
)
GOOD = {"accounts.csv": ACCOUNTS, "orders.csv": ORDERS}
SCRIPT = "<script>alert(1)</script>"
FORMULA = "=cmd|'/C calc'!A0"
RISKY = re.compile(r"^[=+\-@\t\r\n]")


def call(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def company(tmp_path):
    """Write tables and a study beside them; return the study's path."""

    def write(tables=GOOD, study=STUDY):
        for name, content in tables.items():
            data = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(data)
        path = tmp_path / "study.yaml"
        path.write_text(study, encoding="utf-8")
        return path

    return write


MAPPED = """tables:
  accounts: {from: accounts, columns: {account_id: acount_id, industri: industry}}
  orders: {from: ordrs}
"""
WRONG_STUDY = "name: Tiny\nsorce: .\nseed: x\nclustering: {k_max: many}\n"
REFUSED = {
    "unknown parameter": (GOOD, STUDY, ["--set", "kk=5"], ["Did you mean 'k'?"]),
    "all parameters together": (
        GOOD,
        STUDY,
        ["--set", "kk=5", "--set", "k=five", "--set", "clustering.kmin=3"],
        ["3 problems", "Did you mean 'k'?", "'clustering.k'", "Did you mean 'k_min'?"],
    ),
    "wrong types in the study": (
        GOOD,
        WRONG_STUDY,
        [],
        ["4 problems", "'name'", "'seed'", "'clustering.k_max'", "Did you mean 'source'?"],
    ),
    "misspelt column": (
        GOOD,
        STUDY + MAPPED,
        [],
        ["3 problems", "Did you mean 'account_id'?", "'industry'?", "Did you mean 'orders'?"],
    ),
    "misspelt column without a mapping": (
        {**GOOD, "accounts.csv": ACCOUNTS.replace("account_id", "acount_id")},
        STUDY,
        [],
        ["'account_id' is not mapped. Did you mean 'acount_id'?"],
    ),
    "missing source": (GOOD, STUDY.replace("source: .", "source: nowhere"), [], ["'nowhere'"]),
    "missing file": (
        {"accounts.csv": ACCOUNTS},
        STUDY + "tables: {accounts: {from: accounts}, orders: {from: orders}}\n",
        [],
        ["'orders': Unknown source table 'orders'. Allowed: accounts."],
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_study_is_refused_with_every_problem_named(company, case):
    tables, study, words, expected = REFUSED[case]
    code, out, error = call("check", company(tables, study), *words)
    assert (code, out) == (2, "")
    assert [text for text in expected if text not in error] == []
    assert "Traceback" not in error


@pytest.mark.parametrize("words", [["--set", "kk=5"], ["--set", "source=nowhere"]])
def test_a_refused_run_leaves_nothing(company, tmp_path, words):
    code, out, error = call("run", company(), "--out", tmp_path / "runs", *words)
    assert (code, out) == (2, "")
    assert len(error.splitlines()) == 2
    assert not (tmp_path / "runs").exists()


HEADER = ACCOUNTS.splitlines()[0] + "\n"
STOPPED = {
    "empty table": ({**GOOD, "accounts.csv": HEADER}, "accounts: the table is empty."),
    "one account": (
        {**GOOD, "accounts.csv": "\n".join(ACCOUNTS.splitlines()[:2])},
        "at least two customers, and the data hold 1.",
    ),
    "keys that never match": (
        {**GOOD, "orders.csv": re.sub(r"^(o\d+),", r"\1,x", ORDERS, flags=re.MULTILINE)},
        "no row finds its row in 'accounts': are the keys the same?",
    ),
}


@pytest.mark.parametrize("case", STOPPED)
def test_data_that_cannot_be_segmented_stop_with_3(company, case):
    tables, words = STOPPED[case]
    code, out, error = call("check", company(tables))
    assert code == 3
    assert words in out + error
    assert "Traceback" not in out + error


def test_a_run_on_an_empty_table_is_whole_or_marked_as_failed(company, tmp_path):
    study = company(STOPPED["empty table"][0])
    code, out, error = call("run", study, "--out", tmp_path / "runs", "--until", "02")
    assert (code, out) == (3, "")
    assert "accounts: the table is empty." in error
    assert "Traceback" not in error
    left = {path.name for path in (tmp_path / "runs").iterdir()} - {LOCK_FILE, "index.html"}
    assert [Path(name).suffix for name in left] == [".failed"]


TWO_FORMATS = re.sub(r"2025-(\d\d)-(\d\d)(?=,\d*[02468]\n)", r"\2.\1.2025", ORDERS)
COUNTED = {
    "a constant column": (
        {"accounts.csv": ACCOUNTS.replace("Food", "Chemicals")},
        "accounts.industry: has one value only",
    ),
    "dates in two formats": (
        {"orders.csv": TWO_FORMATS},
        f"dates were read as YYYY-MM-DD: {150 - TWO_FORMATS.count('.2025')}, "
        f"DD.MM.YYYY: {TWO_FORMATS.count('.2025')}.",
    ),
    "a semicolon file": (
        {"accounts.csv": ACCOUNTS.replace(",", ";")},
        "'accounts.csv' is separated by ';'",
    ),
    "a cp1252 file": (
        {"accounts.csv": ACCOUNTS.replace("Food", "Käse").encode("cp1252")},
        "'accounts.csv' is written in cp1252",
    ),
    "an order of nobody": (
        {"orders.csv": ORDERS + "late,99,2025-12-01,5\n"},
        "1 rows whose account_id is not in 'accounts' were left out.",
    ),
}


@pytest.mark.parametrize("case", COUNTED)
def test_what_can_be_handled_is_counted(company, case):
    tables, words = COUNTED[case]
    code, out, _ = call("check", company({**GOOD, **tables}))
    assert code == 0
    assert words in out
    assert out.endswith("The data pass.\n")


HOSTILE = f"""name: hostile
title: "{SCRIPT} market"
source: .
as_of: 2026-01-31
bases: [behavioural]
clustering: {{k_max: 3, effort: quick, methods: [kmeans]}}
segment_names: {{"1": "=cmd() {SCRIPT}"}}
tables:
  accounts:
    from: kunden
    columns: {{account_id: Nr, name: Firma, industry: Branche, employees: Köpfe, ownership: Form}}
  orders: {{from: orders}}
"""


def _hostile_accounts():
    rows = ["Nr;Firma;Branche;Köpfe;Form"]
    for n in range(1, 61):
        industry = (SCRIPT, FORMULA, "Möbel")[n % 3]
        employees = f"{(900 if n % 3 == 0 else 20) + n % 10},5"
        rows.append(f"{FORMULA if n == 3 else n};{SCRIPT} {n};{industry};{employees};GmbH")
    return "\n".join(rows).encode("cp1252")


def _hostile_orders(path):
    """An Excel file: account numbers are numbers, dates stand in two formats."""
    book, draw = openpyxl.Workbook(), random.Random(5)
    book.active.append(["order_id", "account_id", "order_date", "amount"])
    for n in range(1, 61):
        for turn in range(12 if n % 3 == 0 else 3):
            month, day = turn % 12 + 1, (n + turn) % 28 + 1
            written = f"2025-{month:02}-{day:02}" if n % 2 else f"{day:02}.{month:02}.2025"
            key = FORMULA if n == 3 else n
            amount = round(draw.lognormvariate(7 if n % 3 == 0 else 4, 0.5), 2)
            book.active.append([f"o{n}-{turn}", key, written, amount])
            if n == 3:
                book.active.cell(book.active.max_row, 2).data_type = "s"
    book.save(path)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A whole run over tables that hold everything at once."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "kunden.csv").write_bytes(_hostile_accounts())
    _hostile_orders(folder / "orders.xlsx")
    (folder / "study.yaml").write_text(HOSTILE, encoding="utf-8")
    code, _, error = call("run", folder / "study.yaml", "--out", folder / "runs")
    assert code == 0, error
    return Run.open(folder / "runs" / "latest")


def test_numbers_and_texts_as_keys_still_join(hostile):
    accounts = hostile.read_table("accounts.parquet").set_index("account_id")
    assert len(accounts) == 60
    assert accounts.loc[FORMULA, "order_count"] == 12
    assert accounts.loc["59", "order_count"] == 3
    findings = hostile.read_table("quality.parquet")
    told = set(zip(findings["code"], findings["column"], strict=True))
    assert {("date-format", "order_date"), ("constant", "ownership")} <= told
    assert {("file-format", ""), ("decimal-comma", "employees")} <= told
    assert not {"key-orphan", "key-missing"} & set(findings["code"])


def test_nothing_reaches_the_reader_unescaped(hostile):
    report = (hostile.folder / "report.html").read_text(encoding="utf-8")
    assert SCRIPT not in report
    assert "&lt;script&gt;alert(1)" in report
    for path in sorted(hostile.folder.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            for output in cell.get("outputs", []):
                assert SCRIPT not in output.get("data", {}).get("text/html", "")
    for path in (hostile.folder / "figures").iterdir():
        assert SCRIPT not in path.read_text(encoding="utf-8")


def test_exports_are_safe_to_open_in_a_spreadsheet(hostile):
    exports = sorted((hostile.folder / "exports").rglob("*.csv"))
    assert len(exports) >= 3
    cells = [c for path in exports for row in _rows(path) for c in row]
    assert [cell for cell in cells if RISKY.match(cell)] == []
    assert "'" + FORMULA in cells
    assert f"'=cmd() {SCRIPT}" in cells


def test_company_names_do_not_leave_the_collection_step(hostile):
    for path in hostile.folder.rglob("*.csv"):
        assert f"{SCRIPT} 17" not in path.read_text(encoding="utf-8")


def _rows(path: Path):
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.reader(lines)
