"""Amounts, dates and words for "not known" as people write them: read, counted, or asked about."""

from __future__ import annotations

import pytest

from seglib.collection import collected
from seglib.errors import DataError, StudyError

NAMES = ("order_id", "account_id", "order_date", "amount")


def orders(write_study, rows, *, study=None, **read):
    """A study over order lines, given as (date, amount) pairs."""
    lines = [f'{n:03},1,"{day}","{amount}"' for n, (day, amount) in enumerate(rows)]
    tables = {"orders": {"from": "orders", "columns": {n: n for n in NAMES}, "read": read}}
    text = "\n".join([",".join(NAMES), *lines]) + "\n"
    return write_study({"orders.csv": text}, tables=tables, **(study or {}))


def column(study, name):
    with collected(study) as tables:
        rows = tables.tables["orders"].order_by("order_id").to_pandas()[name]
        values = [str(v)[:10] for v in rows] if name == "order_date" else rows.tolist()
        return values, {f.code: f for f in tables.findings if f.column == name}


def amounts(write_study, *written, **more):
    rows = [("2025-01-01", amount) for amount in written]
    return column(orders(write_study, rows, **more), "amount")


def days(write_study, *written, **more):
    return column(orders(write_study, [(day, "1") for day in written], **more), "order_date")


@pytest.mark.parametrize(
    ("written", "currency", "expected"),
    [
        (["€ 1.234,50", "€ 12,00"], "EUR", [1234.5, 12.0]),
        (["$1,234.50", "-$7.25", "$ 10"], "USD", [1234.5, -7.25, 10.0]),
        (["1 234,50 EUR", "1 234 567,00 EUR", "5,5 eur"], "EUR", [1234.5, 1234567.0, 5.5]),
        (["CHF 1'234.50", "CHF 10.-", "CHF 7.05"], "CHF", [1234.5, 10.0, 7.05]),
        (["1.234.567", "12"], "EUR", [1234567.0, 12.0]),
        (["(1,234.50)", "17.25-", "3.5"], "EUR", [-1234.5, -17.25, 3.5]),
        (["1\u202f234,50 €", "1\u00a0000,25 €", "\u22125,5 €"], "EUR", [1234.5, 1000.25, -5.5]),
        (["0.125", "0.500"], "EUR", [0.125, 0.5]),
        (["kr 1.234,50", "99,90 kr"], "SEK", [1234.5, 99.9]),
    ],
)
def test_amounts_are_read_as_they_are_written(write_study, written, currency, expected):
    values, found = amounts(write_study, *written, study={"currency": currency})
    assert values == expected
    assert not {"type", "decimal-ambiguous", "currency-other"} & set(found)


def test_the_sign_of_the_currency_is_stated(write_study):
    _, found = amounts(write_study, "€ 1,50", "2,50 EUR", "3,5")
    assert found["currency-sign"].message == (
        "amounts are written with '€' (1), 'EUR' (1); the number alone was read."
    )


def test_another_currency_is_made_missing_or_asked_about(write_study):
    values, found = amounts(write_study, *["€ 1.50"] * 9, "$2.50")
    assert values == [1.5] * 9
    assert found["currency-other"].count == 1
    assert "carry '$' (1), and the study's currency is EUR" in found["currency-other"].message
    values, found = amounts(write_study, "$1.50", "$2.50")
    assert values == [1.5, 2.5]
    assert (found["currency-sign"].level, found["currency-sign"].count) == ("warn", 2)
    with pytest.raises(DataError, match=r"'£' \(1\).*study's currency is EUR: set 'currency'"):
        amounts(write_study, "$1.50", "£2.50")


@pytest.mark.parametrize(("written", "taken"), [("1.234", 1.234), ("1,234", 1234.0)])
def test_a_column_of_one_group_only_asks_for_the_decimal_sign(write_study, written, taken):
    values, found = amounts(write_study, written, written, "12")
    assert values == [taken, taken, 12.0]
    told = found["decimal-ambiguous"]
    assert (told.level, told.count) == ("warn", 2)
    assert f"2 numbers such as '{written}'" in told.message
    assert "(lines 2, 3)" in told.message
    assert "'read: {decimal: point}' or 'read: {decimal: comma}'" in told.message
    for sign, other in ((",", "comma"), (".", "point")):
        values, found = amounts(write_study, written, decimal=sign)
        assert "decimal-ambiguous" not in found
        assert amounts(write_study, written, decimal=other)[0] == values
    assert amounts(write_study, "1.234", decimal=",")[0] == [1234.0]
    assert amounts(write_study, "1,234", decimal=",")[0] == [1.234]


def test_a_number_that_tells_settles_the_column(write_study):
    assert "decimal-ambiguous" not in amounts(write_study, "1.234", "2.5")[1]
    values, found = amounts(write_study, "1.234", "2,5")
    assert values == [1234.0, 2.5]
    assert found["decimal-comma"].level == "pass"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["03-Nov-2024", "4 Dec 2024"], ["2024-11-03", "2024-12-04"]),
        (["Nov 3, 2024", "December 14th, 2024"], ["2024-11-03", "2024-12-14"]),
        (["03. März 2024", "1. Mai 2024 10:30"], ["2024-03-03", "2024-05-01"]),
        (["3 févr. 2024", "12 août 2024"], ["2024-02-03", "2024-08-12"]),
    ],
)
def test_dates_are_read_as_they_are_written_and_stated(write_study, written, read):
    values, found = days(write_study, *written)
    assert values == read
    assert f": {len(written)}" in found["date-format"].message
    assert "short-year" not in found


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (["03.11.24", "31.12.98"], ["2024-11-03", "1998-12-31"]),
        (["25/11/24", "03/12/24"], ["2024-11-25", "2024-12-03"]),
        (["11/25/24", "12/03/24"], ["2024-11-25", "2024-12-03"]),
        (["03-Nov-24", "Nov 4, 68"], ["2024-11-03", "2068-11-04"]),
    ],
)
def test_years_of_two_digits_are_counted(write_study, written, read):
    study = {"as_of": "2070-01-01"}
    values, found = days(write_study, *written, study=study)
    assert values == read
    assert found["short-year"].count == 2
    assert "they count as 1969 to 2068" in found["short-year"].message


def test_short_years_can_be_as_ambiguous_as_long_ones(write_study):
    with pytest.raises(DataError, match="no date tells day from month"):
        days(write_study, "01/02/24", "03/04/24")
    assert days(write_study, "01/02/24", dates="MM/DD/YYYY")[0] == ["2024-01-02"]


def test_a_month_that_is_none_is_counted(write_study):
    written = [f"{n:02}-Nov-2024" for n in range(1, 12)]
    _, found = days(write_study, *written, "03-Foo-2024")
    assert found["type"].message == (
        "1 of 12 values cannot be read as a date (line 13); they count as missing."
    )


@pytest.mark.parametrize("word", ["n/a", "-", "unknown", "None", "N/A", "#N/A", "k.A."])
def test_a_number_that_is_told_unknown_is_counted_with_its_line(write_study, word):
    accounts = f"account_id,employees,created_date\n1,{word},{word}\n2,20,2020-01-01\n3,30,{word}\n"
    orders = "order_id,account_id,order_date,amount\na,1,2025-12-01,10\nb,2,2025-12-02,5\n"
    study = write_study({"accounts.csv": accounts, "orders.csv": orders})
    with collected(study) as tables:
        found = {f.column: f for f in tables.findings if f.code == "not-known"}
        frame = tables.tables["accounts"].order_by("account_id").to_pandas()
    assert frame["employees"].isna().tolist() == [True, False, False]
    assert (found["employees"].level, found["employees"].count) == ("warn", 1)
    assert "1 of 3 values say that it is not known" in found["employees"].message
    assert "(line 2)" in found["employees"].message
    assert "(lines 2, 4)" in found["created_date"].message


def test_a_column_that_is_needed_stops_when_it_is_mostly_unknown(write_study):
    rows = [("2025-01-01", "5"), ("2025-01-02", "n/a"), ("2025-01-03", "-")]
    with pytest.raises(DataError, match=r"2 of 3 values say.*\(lines 3, 4\).*read: {missing: "):
        column(orders(write_study, rows), "amount")
    values, found = column(orders(write_study, rows, missing=["n/a", "-"]), "amount")
    assert values == [5.0]
    assert (found["told-missing"].level, found["told-missing"].count) == ("pass", 2)
    assert found["key-missing"].count == 2


def test_a_word_of_the_study_s_own_is_missing_everywhere_in_its_table(write_study):
    accounts = "account_id,industry,employees\n1,xx,10\n2,Steel,xx\n3,n/a,5\n"
    tables = {"accounts": {"from": "accounts", "read": {"missing": ["xx"]}}}
    study = write_study({"accounts.csv": accounts}, tables=tables)
    with collected(study) as tables:
        frame = tables.tables["accounts"].order_by("account_id").to_pandas()
        found = [(f.code, f.column) for f in tables.findings]
    assert frame["industry"].isna().tolist() == [True, False, False]
    assert frame["industry"][2] == "unknown"
    assert {("told-missing", "industry"), ("told-missing", "employees")} <= set(found)


def test_yes_and_no_that_cannot_be_read_name_their_line(write_study):
    files = {
        "accounts.csv": "account_id\n1\n2\n",
        "campaigns.csv": "campaign_id,start_date\nx,2025-01-01\n",
        "touches.csv": "campaign_id,account_id,touch_date,held_out\n"
        + "x,1,2025-01-02,yes\nx,2,2025-01-02,perhaps\n" * 1
        + "x,1,2025-01-02,no\n" * 9,
    }
    with collected(write_study(files)) as tables:
        (found,) = [f for f in tables.findings if f.code == "type"]
    assert found.message == (
        "1 of 11 values cannot be read as yes or no (line 3); they count as missing."
    )


def test_lines_are_right_after_quoted_text_over_several_lines_and_blank_lines(write_study):
    text = (
        "order_id,account_id,order_date,amount,note\n"
        'a,1,2025-01-01,1,"two\nlines"\n\nb,1,2025-01-01,2,"three\r\nlines\n here"\n'
        + "".join(f"c{n},1,2025-01-01,3,\n" for n in range(10))
        + "d,1,2025-01-01,oops,\n"
    )
    with collected(write_study({"orders.csv": text})) as tables:
        (found,) = [f for f in tables.findings if f.code == "type"]
    lines = text.replace("\r\n", "\n").split("\n")
    assert f"(line {lines.index('d,1,2025-01-01,oops,') + 1})" in found.message


def test_lines_are_right_in_a_semicolon_file_of_another_encoding(write_study):
    rows = "".join(f"{n};é;2025-01-01;1\n" for n in range(8))
    text = "order_id;account_id;order_date;amount\n" + rows + "x;é;2025-01-01;oops\n"
    for encoding in ("cp1252", "utf-16"):
        with collected(write_study({"orders.csv": text.encode(encoding)})) as tables:
            (found,) = [f for f in tables.findings if f.code == "type"]
        assert "(line 10)" in found.message


def test_a_decimal_sign_that_is_none_is_refused(write_study):
    with pytest.raises(
        StudyError, match=r"'tables\.orders\.read\.decimal' is 'coma'\. Did you mean"
    ):
        orders(write_study, [("2025-01-01", "1")], decimal="coma")
