"""What people write is read alike by DuckDB, Postgres and Spark."""

from __future__ import annotations

import pytest

from seglib.collection import collected
from seglib.study import Study

ROWS = [
    ("03-Nov-2024", "€ 1.234,50"), ("4 Dez 24", "1 234,50 EUR"), ("Nov 3, 2024", "1.234.567"),
    ("03.11.24", "(2,5)"), ("1. März 2024", "17,25-"), ("25/12/2024", "10,-"), ("n/a", "5"),
    ("30.02.2024", "1"), ("03-Foo-2024", "2"), ("2024-01-05", "n/a"), ("20240106", "1e3"),
    ("2 août 2024 10:30", "\u22121\u202f000,5"), ("25/12/24", "3"), ("2024/1/7", "abc"),
] + [("2025-01-01", "1,5")] * 20  # fmt: skip
LINES = ["order_id,account_id,order_date,amount"] + [
    f'{n:03},a,"{day}","{amount}"' for n, (day, amount) in enumerate(ROWS)
]


def read(source):
    study = Study(
        name="written", as_of="2026-01-01", source=str(source),
        tables={"orders": {"from": "written"},
                "accounts": {"sql": "SELECT 'a' AS account_id"}},
    )  # fmt: skip
    with collected(study) as tables:
        frame = tables.tables["orders"].order_by("order_id").to_pandas()
        counts = {(f.code, f.column): f.count for f in tables.findings if f.table == "orders"}
    days = frame["order_date"].astype(str).str.slice(0, 10)
    return [frame["order_id"].tolist(), days.tolist(), frame["amount"].tolist()], counts


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "written.csv").write_text("\n".join(LINES) + "\n", encoding="utf-8")
    return tmp_path


def test_duckdb(folder):
    (_, days, amounts), counts = read(folder)
    assert days[:6] == [
        "2024-11-03", "2024-12-04", "2024-11-03", "2024-11-03", "2024-03-01", "2024-12-25",
    ]  # fmt: skip
    assert amounts[:6] == [1234.5, 1234.5, 1234567.0, -2.5, -17.25, 10.0]
    assert counts["type", "order_date"] == 2
    assert counts["type", "amount"] == 1
    assert counts["not-known", "amount"] == counts["not-known", "order_date"] == 1


def test_postgres(folder, postgres, password):
    import psycopg

    address = postgres.replace("${PGPASSWORD}", "s3cret%40word")
    with psycopg.connect(address, autocommit=True) as con:
        con.execute("DROP TABLE IF EXISTS written")
        con.execute(
            "CREATE TABLE written (order_id text, account_id text, order_date text, amount text)"
        )
        with con.cursor().copy("COPY written FROM STDIN (FORMAT csv, HEADER)") as copy:
            copy.write((folder / "written.csv").read_bytes())
    assert read(postgres) == read(folder)


@pytest.mark.filterwarnings("ignore:The copy keyword is deprecated")  # pyspark 4.0 on pandas 3
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # sockets to the JVM outlive the test
def test_spark(folder, spark):
    (one, found), (other, expected) = read(f"{spark}&files={folder}"), read(folder)
    assert one == other
    assert {k: v for k, v in found.items() if k[0] != "file-format"} == expected
