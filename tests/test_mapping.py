"""Mapping: rules for rows, maps for values, and what a study may not say."""

from __future__ import annotations

import pytest

from seglib.collection import collected
from seglib.errors import StudyError
from seglib.mapping import count_left_out
from seglib.source import connect
from seglib.study import Study

LINES = (
    "no,who,day,net,kind\n1,a,2025-01-01,5,x\nC2,a,2025-01-02,-5,x\n"
    "3, ,2025-01-03,7,y\n4,b,2025-01-04,0,\n"
)
COLUMNS = {"order_id": "no", "account_id": "who", "order_date": "day", "amount": "net"}


def lines(write_study, **fields):
    return write_study({"l.csv": LINES}, tables={"orders": {"from": "l", **fields}})


def test_rows_are_left_out_by_declared_rules_and_counted_in_order(write_study):
    rules = [
        {"why": "cancelled", "column": "no", "starts_with": "C"},
        {"why": "free", "column": "net", "at_most": 0},
        {"why": "nobody", "column": "who", "missing": True},
        {"why": "of kind y", "column": "kind", "in": ["y"]},
    ]
    study = lines(write_study, columns=COLUMNS, leave_out=rules)
    source = connect(study)
    counted = [(rule.why, rows) for _, rule, rows in count_left_out(study, source)]
    source.close()
    assert counted == [("cancelled", 1), ("free", 1), ("nobody", 1), ("of kind y", 0)]
    with collected(study) as tables:
        assert tables.tables["orders"].order_id.to_pandas().tolist() == ["1"]
        assert [f.count for f in tables.findings if f.code == "left-out"] == [1, 1, 1, 0]


def test_what_a_map_does_not_name_can_have_a_name(write_study):
    category = {"column": "kind", "map": {"Known": ["x"]}, "otherwise": "Other"}
    study = lines(
        write_study,
        columns={**COLUMNS, "product_category": category},
        leave_out=[{"why": "nobody", "column": "who", "missing": True}],
    )
    with collected(study) as tables:
        rows = tables.tables["orders"].order_by("order_id").product_category.to_pandas()
    assert rows.fillna("missing").tolist() == ["Known", "missing", "Known"]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"why": "x", "column": "no"}, "give exactly one of"),
        ({"why": "x", "column": "no", "in": ["a"], "missing": True}, "give exactly one of"),
        ({"column": "no", "missing": True}, "why"),
    ],
)
def test_a_rule_says_why_and_one_test(write_study, rule, said):
    with pytest.raises(StudyError, match=said):
        lines(write_study, columns=COLUMNS, leave_out=[rule])


def test_a_rule_over_an_unknown_column_is_refused(write_study):
    rule = {"why": "x", "column": "kin", "missing": True}
    study = lines(write_study, columns=COLUMNS, leave_out=[rule])
    with pytest.raises(StudyError, match="Did you mean 'kind'"), collected(study):
        pass


def test_two_columns_cannot_have_one_name(tmp_path):
    text = "name: x\ntables:\n  orders:\n    from: l\n    columns: {amount: net, amount: gross}\n"
    (tmp_path / "study.yaml").write_text(text)
    with pytest.raises(StudyError, match="'amount' stands twice"):
        Study.load(tmp_path / "study.yaml")
