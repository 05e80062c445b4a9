"""What is detected in a file is stated, and the study can say otherwise."""

from __future__ import annotations

import pytest

from seglib.collection import collected
from seglib.errors import DataError, StudyError

HEADER = "order_id,account_id,order_date,amount\n"
NAMES = ("order_id", "account_id", "order_date", "amount")


def orders(write_study, text, **read):
    tables = {"orders": {"from": "orders", "columns": {n: n for n in NAMES}, "read": read}}
    return write_study({"orders.csv": text}, tables=tables)


def column(study, name):
    with collected(study) as tables:
        rows = tables.tables["orders"].order_by("order_id").to_pandas()[name]
        return rows.tolist(), {f.code: f for f in tables.findings}


def days(study):
    values, found = column(study, "order_date")
    return [str(day)[:10] for day in values], found


def test_dates_that_tell_no_day_from_month_are_refused_with_their_lines(write_study):
    text = HEADER + "a,1,01/02/2025,1\nb,2,03/04/2025,2\nc,3,05/05/2025,3\n"
    with (
        pytest.raises(DataError, match=r"no date tells day from month \(lines 2, 3\).*read: "),
        collected(orders(write_study, text)),
    ):
        pass
    assert days(orders(write_study, text, dates="MM/DD/YYYY"))[0] == [
        "2025-01-02", "2025-03-04", "2025-05-05",
    ]  # fmt: skip
    assert days(orders(write_study, text, dates="DD/MM/YYYY"))[0][0] == "2025-02-01"


def test_day_first_and_month_first_in_one_column_are_refused(write_study):
    text = HEADER + "a,1,25/12/2025,1\nb,2,12/25/2025,2\nc,3,01/02/2025,3\n"
    with (
        pytest.raises(DataError, match="1 dates can only be DD/MM/YYYY, 1 only MM/DD/YYYY and 1"),
        collected(orders(write_study, text)),
    ):
        pass


def test_two_formats_in_one_column_are_counted(write_study):
    text = HEADER + "a,1,2025-12-05,1\nb,2,06.12.2025,2\nc,3,20251207,3\nd,3,2025/12/8 10:30,3\n"
    result, found = days(orders(write_study, text))
    assert result == ["2025-12-05", "2025-12-06", "2025-12-07", "2025-12-08"]
    assert found["date-format"].message == (
        "dates were read as YYYY-MM-DD: 1, YYYY/MM/DD: 1, DD.MM.YYYY: 1, YYYYMMDD: 1."
    )


def test_days_that_the_calendar_lacks_are_counted_with_their_line(write_study):
    rows = "".join(f"{n:03},1,2025-01-{n:02},1\n" for n in range(1, 29))
    text = HEADER + rows + "x,1,2025-02-30,1\n"
    _, found = days(orders(write_study, text))
    assert found["type"].message == (
        "1 of 29 values cannot be read as a date (line 30); they count as missing."
    )


def test_times_with_a_zone_give_the_day_as_written(write_study):
    text = HEADER + "a,1,2025-12-31T23:30:00-05:00,1\nb,2,2025-12-31T23:30:00Z,2\n"
    result, found = days(orders(write_study, text))
    assert result == ["2025-12-31", "2025-12-31"]
    assert found["time-zone"].count == 2


def test_decimal_signs_are_told_value_by_value_and_overridable(write_study):
    text = HEADER + 'a,1,2025-01-01,"1.234,5"\nb,1,2025-01-01,"2,5"\nc,1,2025-01-01,10.5\n'
    values, found = column(orders(write_study, text), "amount")
    assert values == [1234.5, 2.5, 10.5]
    assert found["decimal-mixed"].count == 1
    text = HEADER + 'a,1,2025-01-01,"1.234"\nb,1,2025-01-01,"2.500"\n'
    assert column(orders(write_study, text), "amount")[0] == [1.234, 2.5]
    assert column(orders(write_study, text, decimal="comma"), "amount")[0] == [1234.0, 2500.0]


def test_delimiter_and_encoding_are_overridable(write_study):
    text = "order_id|account_id|order_date|amount\na|ü;,;,;|2025-01-01|1\n".encode("latin-1")
    study = orders(write_study, text, delimiter="|", encoding="latin-1")
    assert column(study, "account_id")[0] == ["ü;,;,;"]
    with pytest.raises(StudyError, match="'klingon' is no encoding"):
        orders(write_study, text, encoding="klingon")
    with (
        pytest.raises(StudyError, match="is not written in utf-16"),
        collected(orders(write_study, text, encoding="utf-16")),
    ):
        pass


def test_numbers_that_are_not_finite_are_counted(write_study, tmp_path):
    import pandas as pd

    amounts = [1.0, float("inf"), -2.0, float("-inf"), 5.0, 6.0]
    frame = pd.DataFrame(
        {"order_id": list("abcdef"), "account_id": 1, "order_date": "2025-01-01", "amount": amounts}
    )
    frame.to_parquet(tmp_path / "orders.parquet")
    with collected(write_study({})) as tables:
        found = {f.code: f.count for f in tables.findings}
        assert tables.tables["orders"].amount.sum().to_pandas() == 10.0
    assert (found["not-finite"], found["negative-amount"]) == (2, 1)


def test_a_last_day_in_the_future_wants_an_as_of_date(write_study):
    text = HEADER + "a,1,2025-01-01,1\nb,1,2199-01-01,1\n"
    study = write_study({"orders.csv": text}, as_of=None)
    with (
        pytest.raises(DataError, match="2199-01-01, lies in the future; name 'as_of'"),
        collected(study),
    ):
        pass


def test_emoji_and_right_to_left_text_come_through(write_study):
    text = HEADER + "a,🚀 מסעדה,2025-01-01,1\nb,🚀 מסעדה ,2025-01-01,1\nc,شركة,2025-01-01,1\n"
    values, _ = column(orders(write_study, text), "account_id")
    assert values == ["🚀 מסעדה", "🚀 מסעדה", "شركة"]


def test_a_file_of_a_thousand_columns(write_study):
    extra = ",".join(f"c{n}" for n in range(1000))
    text = f"{HEADER.strip()},{extra}\na,1,2025-01-01,1{',x' * 1000}\n"
    assert column(orders(write_study, text), "amount")[0] == [1.0]
