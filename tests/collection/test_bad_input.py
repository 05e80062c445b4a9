"""Rubbish in: each gets one clear message, or is handled and counted."""

from __future__ import annotations

import pytest

from seglib.collection import collect, collected
from seglib.errors import DataError, StudyError
from seglib.objectives import data_support, make_brief

ACCOUNTS = (
    "account_id,name,industry,employees\n"
    "1,Alpha,Chemicals,10\n2,Beta,Chemicals,20\n3,Gamma,Food,30\n"
)
ORDERS = (
    "order_id,account_id,order_date,amount\n"
    "a,1,2025-12-01,10.5\nb,2,2025-12-05,20\nc,2,2026-01-05,30\nd,3,2026-01-08,40\n"
)


def findings(study, code):
    with collected(study) as tables:
        return {(f.table, f.column): f.count for f in tables.findings if f.code == code}


def test_misspelt_column_is_named_with_what_was_meant(write_study):
    study = write_study(
        {"a.csv": ACCOUNTS, "o.csv": ORDERS},
        tables={
            "accounts": {
                "from": "a",
                "columns": {"account_id": "acount_id", "industri": "industry"},
            },
            "orders": {"from": "ord"},
        },
    )
    with pytest.raises(StudyError) as error:
        collect(study, None)
    assert len(error.value.problems) == 3
    assert "Did you mean 'account_id'?" in str(error.value)
    assert "Unknown column 'industri'. Did you mean 'industry'?" in str(error.value)
    assert "Unknown source table 'ord'" in str(error.value)


def test_missing_source_is_a_study_error(write_study):
    study = write_study({}, source="nowhere")
    with pytest.raises(StudyError, match="'nowhere' is not there"):
        data_support(study)


def test_empty_folder_says_what_it_wants(write_study, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(StudyError, match="holds no table"):
        data_support(write_study({}, source="empty"))


def test_empty_table_stops(write_study):
    study = write_study({"accounts.csv": "account_id,name\n", "orders.csv": ORDERS})
    with pytest.raises(DataError, match="accounts: the table is empty"), collected(study):
        pass


def test_one_account_stops(write_study):
    study = write_study(
        {"accounts.csv": "account_id,employees\n1,5\n", "orders.csv": ORDERS},
        bases=["behavioural"],
    )
    brief = make_brief(study, data_support(study))
    with pytest.raises(DataError, match="at least two customers, and the data hold 1"):
        collect(study, brief)


def test_constant_column_is_a_warning(write_study):
    accounts = ACCOUNTS.replace("Food", "Chemicals")
    study = write_study({"accounts.csv": accounts, "orders.csv": ORDERS}, bases=["behavioural"])
    found = collect(study, make_brief(study, data_support(study)))
    assert ("constant", "industry") in {(f.code, f.column) for f in found.findings}


def test_numeric_and_text_keys_join(write_study, tmp_path):
    import pandas as pd

    pd.DataFrame({"account_id": [1.0, 2.0, 3.0], "employees": [1, 2, 3]}).to_parquet(
        tmp_path / "accounts.parquet"
    )
    study = write_study({"orders.csv": ORDERS.replace("a,1", "a, 1 ")})
    assert findings(study, "key-orphan") == {}
    with collected(study) as tables:
        assert tables.tables["orders"].count().to_pandas() == 4


@pytest.mark.parametrize("ragged", [" {}", "{} ", "{}\t", "{}\n", "{}\r\n", "\x0b{}", "{}\x0c"])
def test_keys_of_a_typed_source_are_trimmed(write_study, tmp_path, ragged):
    import pandas as pd

    keys = ["k1", "k2", ragged.format("k3")]
    pd.DataFrame({"account_id": keys, "employees": [1, 2, 3]}).to_parquet(
        tmp_path / "accounts.parquet"
    )
    orders = ORDERS.replace(",1,", ",k1,").replace(",2,", ",k2,").replace(",3,", ",k3,")
    study = write_study({"orders.csv": orders})
    assert findings(study, "key-orphan") == {}
    with collected(study) as tables:
        assert sorted(tables.tables["accounts"].account_id.to_pandas()) == ["k1", "k2", "k3"]


def test_orphans_are_counted_and_left_out(write_study):
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": ORDERS + "e,99,2026-01-09,5\n"})
    assert findings(study, "key-orphan") == {("orders", "account_id"): 1}


def test_keys_that_never_match_stop(write_study):
    orders = ORDERS.replace(",1,", ",x1,").replace(",2,", ",x2,").replace(",3,", ",x3,")
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": orders})
    with pytest.raises(DataError, match="are the keys the same"), collected(study):
        pass


def test_dates_in_two_formats_are_read_and_counted(write_study):
    orders = ORDERS.replace("2025-12-05", "05.12.2025")
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": orders})
    assert findings(study, "date-format") == {("orders", "order_date"): 4}
    with collected(study) as tables:
        days = tables.tables["orders"].order_date.to_pandas().astype(str)
    assert sorted(days) == ["2025-12-01", "2025-12-05", "2026-01-05", "2026-01-08"]


def test_day_and_month_are_told_apart_by_the_column(write_study):
    header = "order_id,account_id,order_date,amount\n"
    orders = header + "a,1,12/25/2025,1\nb,2,01/02/2026,2\nc,3,01/30/2026,3\n"
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": orders})
    with collected(study) as tables:
        days = sorted(tables.tables["orders"].order_date.to_pandas().astype(str))
    assert days == ["2025-12-25", "2026-01-02", "2026-01-30"]


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("account_id;employees\n1;1.234,5\n2;20,25\n3;30\n", "';'"),
        ("account_id\temployees\n1\t1234.5\n2\t20.25\n3\t30\n", "a tab"),
        ('account_id,employees\n1,"1,234.5"\n2,20.25\n3,30\n', ""),
    ],
)
def test_delimiters_and_decimal_signs(write_study, content, delimiter):
    study = write_study({"accounts.csv": content, "orders.csv": ORDERS})
    with collected(study) as tables:
        accounts = tables.tables["accounts"].order_by("account_id").to_pandas()
        notes = [f.message for f in tables.findings if f.code == "file-format"]
    assert accounts["employees"].tolist() == [1234.5, 20.25, 30.0]
    assert all(delimiter in note for note in notes)
    assert bool(notes) == bool(delimiter)


def test_cp1252_is_read_as_such(write_study):
    content = "account_id,industry\n1,Möbel\n2,Möbel\n3,Käse\n".encode("cp1252")
    study = write_study({"accounts.csv": content, "orders.csv": ORDERS})
    with collected(study) as tables:
        assert set(tables.tables["accounts"].industry.to_pandas()) == {"Möbel", "Käse"}
        assert any("cp1252" in f.message for f in tables.findings)


def test_broken_line_is_named(write_study):
    broken = ACCOUNTS + "4,Delta,Food,40,surplus\n"
    study = write_study({"accounts.csv": broken, "orders.csv": ORDERS})
    with pytest.raises(DataError, match="line 5"), collected(study):
        pass


def test_text_where_numbers_belong_is_counted_or_stops(write_study):
    few = ACCOUNTS + "".join(f"{i},N,Food,{i}\n" for i in range(4, 20)) + "20,N,Food,many\n"
    study = write_study({"accounts.csv": few, "orders.csv": ORDERS})
    assert findings(study, "type") == {("accounts", "employees"): 1}
    study = write_study({"accounts.csv": ACCOUNTS.replace(",30", ",x"), "orders.csv": ORDERS})
    with (
        pytest.raises(DataError, match="1 of 3 values cannot be read as a number"),
        collected(study),
    ):
        pass


def test_impossible_and_future_values_are_counted(write_study):
    orders = ORDERS + "e,1,2027-01-01,5\n"
    study = write_study({"accounts.csv": ACCOUNTS.replace(",10", ",-10"), "orders.csv": orders})
    assert findings(study, "impossible") == {("accounts", "employees"): 1}
    assert findings(study, "after-as-of") == {("orders", "order_date"): 1}


def test_duplicate_keys_keep_one_row(write_study):
    study = write_study({"accounts.csv": ACCOUNTS + "1,Alpha2,Food,11\n", "orders.csv": ORDERS})
    assert findings(study, "key-duplicate") == {("accounts", "account_id"): 1}


def test_stray_currencies_and_cancelled_lines_are_left_out(write_study):
    orders = (
        "order_id,account_id,order_date,amount,currency,status\n"
        "a,1,2025-12-01,10,EUR,completed\nb,2,2025-12-05,20,USD,completed\n"
        "c,3,2026-01-05,30,,cancelled\nd,3,2026-01-05,40,,\n"
    )
    study = write_study({"accounts.csv": ACCOUNTS, "orders.csv": orders})
    assert findings(study, "currency") == {("orders", "currency"): 1}
    assert findings(study, "cancelled") == {("orders", "status"): 1}
    with collected(study) as tables:
        assert tables.tables["orders"].amount.sum().to_pandas() == 50


def test_a_column_twice_is_refused(write_study):
    study = write_study({"accounts.csv": "account_id,name,name\n1,a,b\n", "orders.csv": ORDERS})
    with pytest.raises(DataError, match="'name' stands twice"):
        data_support(study)
