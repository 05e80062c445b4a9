"""A bad line in a file is named by its number, whatever stands before it."""

from __future__ import annotations

import pytest

from seglib.collection import collected
from seglib.collection.check import check_study
from seglib.errors import DataError
from seglib.objectives import data_support
from seglib.source.lines import first_misfit, lines_of_rows

HEADER = "order_id,account_id,order_date,amount,note\n"
BEFORE = 'a,1,2025-01-01,1,"two\nlines"\n\nb,2,2025-01-02,2,"a ""word"", and\r\nmore"\n'
BAD = {
    "x,1\n": "line 7: 2 columns where the header has 5",
    "x,1,2025-01-03,3,,more,\n": "line 7: 7 columns where the header has 5",
    'x,1,2025-01-03,3,"unclosed\nc,1,2025-01-04,4,\n': "line 7: a quotation mark does not end",
    'x,1,2025-01-03,3,"so"so\n': "line 7: a quotation mark does not end",
}


@pytest.mark.parametrize("look", [data_support, check_study, lambda s: collected(s).__enter__()])
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_is_named_with_its_file(write_study, bad, look):
    after = "".join(f"d{n},1,2025-01-05,5,\n" for n in range(50))
    study = write_study({"orders.csv": HEADER + BEFORE + bad + after})
    with pytest.raises(DataError) as told:
        look(study)
    assert f"'orders.csv', {BAD[bad]}" in str(told.value)
    assert "unclosed" not in str(told.value)


def test_a_bad_line_of_a_converted_part_of_a_table_is_named(write_study, tmp_path):
    (tmp_path / "orders").mkdir()
    rows = "é1;1;2025-01-01;1;\n" * 5
    for part, more in enumerate(("", "x;1\n", "")):
        text = HEADER.replace(",", ";") + rows + more + rows
        (tmp_path / "orders" / f"part-{part}.csv").write_bytes(text.encode("cp1252"))
    with pytest.raises(DataError, match=r"'part-1\.csv', line 7: 2 columns"):
        data_support(write_study({}))


def test_lines_of_rows_begin_where_the_record_begins(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(
        "\ufeff" + HEADER + BEFORE + "c,3,2025-01-03,3,\n", encoding="utf-8", newline=""
    )
    assert lines_of_rows(path, [0, 1, 2]) == [2, 5, 7]
    assert lines_of_rows(path, [2, 99]) == [7]
    assert first_misfit(path) == ""
