"""Sources: what they are made of, that they are only read, and what is said when they fail."""

from __future__ import annotations

import pytest

from seglib.collection import collected
from seglib.errors import DataError, StudyError
from seglib.source import connect
from seglib.study import Study

ACCOUNTS = "account_id,employees\n1,10\n2,20\n"


def opened(source, **fields):
    return connect(Study(name="small", source=str(source), **fields))


def test_part_files_of_a_folder_are_one_table(tmp_path):
    (tmp_path / "orders").mkdir()
    for part in (1, 2):
        (tmp_path / "orders" / f"orders_{part}.csv").write_text(f"a,b\n{part},x\n")
    source = opened(tmp_path)
    assert source.names() == ["orders"]
    assert sorted(source.table("orders").a.to_pandas()) == ["1", "2"]
    source.close()


def test_a_column_whose_type_changes_between_files_is_text_and_noted(tmp_path):
    import pandas as pd

    pd.DataFrame({"a": [1, 2], "b": [1.0, 2.0]}).to_parquet(tmp_path / "o_2024.parquet")
    pd.DataFrame({"a": ["x"], "c": [True]}).to_parquet(tmp_path / "o_2025.parquet")
    source = opened(tmp_path)
    table = source.table("o_*")
    assert sorted(table.a.to_pandas()) == ["1", "2", "x"]
    assert source.notes["o_*"] == [
        "the type of 'a' changes: bigint in 'o_2024.parquet', varchar in 'o_2025.parquet'; "
        "it was read as text.",
        "the column 'b' is not in 'o_2025.parquet'; it is missing there.",
        "the column 'c' is not in 'o_2024.parquet'; it is missing there.",
    ]
    with pytest.raises(StudyError, match="Unknown source table 'p_"):
        source.table("p_*")
    source.close()


def test_a_duckdb_file_cannot_be_written(tmp_path):
    import duckdb

    with duckdb.connect(str(tmp_path / "m.duckdb")) as con:
        con.execute("CREATE TABLE accounts AS SELECT '1' AS account_id")
    source = opened(tmp_path / "m.duckdb")
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        source.con.raw_sql("DELETE FROM accounts")
    kept = source.keep("accounts", source.table("accounts"))
    assert kept.count().to_pandas() == 1
    source.close()


@pytest.mark.parametrize(
    "sql",
    ["DELETE FROM accounts", "SELECT 1; SELECT 2", "COPY accounts TO 'x.csv'", "DROP TABLE a"],
)
def test_a_study_can_only_ask(tmp_path, sql):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    source = opened(tmp_path)
    with pytest.raises(StudyError, match="one query"):
        source.query(sql)
    source.close()


def test_the_sheet_of_a_workbook_is_stated_and_overridable(write_study, tmp_path):
    import pandas as pd

    with pd.ExcelWriter(tmp_path / "accounts.xlsx") as book:
        pd.DataFrame({"account_id": [1]}).to_excel(book, sheet_name="first", index=False)
        pd.DataFrame({"account_id": ["x", 7.0]}).to_excel(book, sheet_name="second", index=False)
    source = opened(tmp_path)
    assert source.table("accounts").account_id.to_pandas().tolist() == [1]
    assert "has 2 sheets; the first, 'first', was read" in source.notes["accounts"][0]
    source.close()
    tables = {"accounts": {"from": "accounts", "read": {"sheet": "second"}}}
    with collected(write_study({}, tables=tables)) as found:
        assert sorted(found.tables["accounts"].account_id.to_pandas()) == ["7", "x"]
    tables = {"accounts": {"from": "accounts", "read": {"sheet": "secnd"}}}
    with (
        pytest.raises(StudyError, match="Did you mean 'second'"),
        collected(write_study({}, tables=tables)),
    ):
        pass


def test_a_secret_is_named_when_it_is_not_set(monkeypatch):
    monkeypatch.delenv("NO_SUCH_SECRET", raising=False)
    with pytest.raises(StudyError, match="environment variable 'NO_SUCH_SECRET'"):
        opened("postgres://me:${NO_SUCH_SECRET}@localhost/x")


def test_a_file_that_vanishes_is_a_data_error(tmp_path):
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    source = opened(tmp_path)
    table = source.table("accounts")
    (tmp_path / "accounts.csv").unlink()
    with pytest.raises(DataError, match="a file is no longer there"), source.explained():
        table.count().to_pandas()
    source.close()
